package io.aitta;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.aitta.admin.ApiRoute;
import io.aitta.proto.v1.AdminProto;
import io.aitta.proto.v1.GetConfigRequest;
import io.aitta.proto.v1.GetConfigResponse;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a node answers by HTTP, as a whole. */
class HttpApiTest {
    private final List<ApiRoute> routes = HttpApi.routes(
            (method, request, deadlineNanos) -> null,
            (request, deadlineNanos) -> null,
            ConfigFactory.parseString("aitta.limits { key-bytes = 7, value-bytes = 8 }, aitta.node.id = n1"));

    @Test
    void every_method_of_the_Admin_service_is_there_but_those_that_stream() {
        assertThat(routes)
                .extracting(ApiRoute::name)
                .doesNotHaveDuplicates()
                .containsAll(AdminProto.getDescriptor().findServiceByName("Admin").getMethods().stream()
                        .filter(method -> !method.isServerStreaming())
                        .map(method -> method.getName())
                        .toList());
    }

    @Test
    void no_two_routes_are_the_same() {
        assertThat(routes)
                .extracting(route -> route.method() + " " + route.path().replaceAll("\\{[a-z_]+}", "{}"))
                .doesNotHaveDuplicates();
    }

    /** What the methods of the Admin service need, {@code HttpNeedsTest} compares with what they need by gRPC. */
    @Test
    void what_there_is_by_HTTP_only_is_here_with_what_it_needs() {
        var admin = AdminProto.getDescriptor().findServiceByName("Admin");
        assertThat(routes)
                .filteredOn(route -> admin.findMethodByName(route.name()) == null)
                .extracting(route -> route.name() + " " + route.need())
                .containsExactlyInAnyOrder(
                        "BrowseKeys READ_DATA",
                        "GetConfig READ",
                        "ListLoggers READ",
                        "GetLogger READ",
                        "SetLogger CHANGE");
    }

    @Test
    void settings_are_told_by_their_section() throws Exception {
        var route = routes.stream()
                .filter(one -> one.name().equals("GetConfig"))
                .findFirst()
                .orElseThrow();
        var answer = (GetConfigResponse) route.handler()
                .answer(GetConfigRequest.newBuilder().setPrefix("aitta.limits").build(), 0)
                .toCompletableFuture()
                .get();
        assertThat(answer.getSettingsList())
                .extracting(setting -> setting.getKey() + "=" + setting.getValue())
                .containsExactly("aitta.limits.key-bytes=7", "aitta.limits.value-bytes=8");
    }
}
