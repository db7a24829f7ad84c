package io.aitta;

import com.typesafe.config.Config;
import io.aitta.admin.AdminRoutes;
import io.aitta.admin.ApiProblem;
import io.aitta.admin.ApiRoute;
import io.aitta.admin.HttpGuard;
import io.aitta.admin.LogLevels;
import io.aitta.config.SettingsReport;
import io.aitta.gateway.CallRefused;
import io.aitta.proto.v1.BrowseKeysRequest;
import io.aitta.proto.v1.BrowseKeysResponse;
import io.aitta.proto.v1.ConfigEntry;
import io.aitta.proto.v1.GetConfigRequest;
import io.aitta.proto.v1.GetConfigResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** What this node answers under {@code /aitta/v1}: put together here, since the HTTP port knows nothing of what answers. */
final class HttpApi {
    private HttpApi() {}

    /** @param config that this node runs with */
    static List<ApiRoute> routes(AdminRoutes.Calls calls, ApiRoute.Handler<BrowseKeysRequest> keys, Config config) {
        var routes = new ArrayList<ApiRoute>(AdminRoutes.of(calls));
        routes.add(ApiRoute.get(
                        "/scan",
                        "BrowseKeys",
                        BrowseKeysRequest.getDefaultInstance(),
                        BrowseKeysResponse.getDefaultInstance(),
                        "Keys of a table with the beginnings of their values, page by page.",
                        keys)
                .needing(HttpGuard.Need.READ_DATA));
        routes.add(ApiRoute.get(
                "/config",
                "GetConfig",
                GetConfigRequest.getDefaultInstance(),
                GetConfigResponse.getDefaultInstance(),
                "The settings that this node runs with, without secrets.",
                (request, deadlineNanos) -> CompletableFuture.completedFuture(settings(config, request.getPrefix()))));
        routes.addAll(LogLevels.routes());
        return List.copyOf(routes);
    }

    private static GetConfigResponse settings(Config config, String prefix) {
        var settings = GetConfigResponse.newBuilder();
        for (var setting : SettingsReport.of(config, prefix)) {
            settings.addSettings(ConfigEntry.newBuilder()
                    .setKey(setting.key())
                    .setValue(setting.value())
                    .setOrigin(setting.origin())
                    .setSecret(setting.secret()));
        }
        return settings.build();
    }

    /** The gateway's refusals in the words of the HTTP port; the words are the same. */
    static Optional<ApiProblem> explain(Throwable failure) {
        return failure instanceof CallRefused refused ? Optional.of(problem(refused)) : Optional.empty();
    }

    private static ApiProblem problem(CallRefused refused) {
        var problem = refused.field()
                .map(field -> ApiProblem.inField(refused.code(), refused.reason(), field, refused.getMessage()))
                .orElseGet(() -> ApiProblem.of(refused.code(), refused.reason(), refused.getMessage()));
        return refused.retryMillis() == 0 ? problem : problem.retriedAfter(refused.retryMillis());
    }
}
