package io.aitta;

import io.aitta.admin.AdminRoutes;
import io.aitta.admin.ApiProblem;
import io.aitta.admin.ApiRoute;
import io.aitta.gateway.AdminCalls;
import io.aitta.gateway.CallRefused;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What this node answers under {@code /aitta/v1}: put together here, since the HTTP port knows nothing of what answers. */
final class HttpApi {
    private HttpApi() {}

    /** All of them. */
    static List<ApiRoute> routes(AdminCalls calls) {
        var routes = new ArrayList<ApiRoute>(AdminRoutes.of(calls::call));
        return List.copyOf(routes);
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
