package io.aitta.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import io.aitta.proto.v1.AdminProto;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The Admin service by HTTP: every method of it, asked as it is by gRPC. */
class AdminRoutesTest {
    private static final List<MethodDescriptor> METHODS =
            AdminProto.getDescriptor().findServiceByName("Admin").getMethods().stream()
                    .filter(method -> !method.isServerStreaming())
                    .toList();

    private record Called(String method, Message request) {}

    private static final List<Called> called = new ArrayList<>();
    private static OpenAdminDoor door;
    private static List<ApiRoute> routes;

    @BeforeAll
    static void open() {
        routes = AdminRoutes.of((method, request, deadlineNanos) -> {
            called.add(new Called(method, request));
            var type = AdminProto.getDescriptor()
                    .findServiceByName("Admin")
                    .findMethodByName(method)
                    .getOutputType();
            return CompletableFuture.completedFuture(DynamicMessage.getDefaultInstance(type));
        });
        door = new OpenAdminDoor(routes);
    }

    @AfterAll
    static void close() throws Exception {
        door.close();
    }

    @Test
    void every_method_has_a_route() {
        assertThat(routes)
                .extracting(ApiRoute::name)
                .doesNotHaveDuplicates()
                .containsAll(METHODS.stream().map(MethodDescriptor::getName).toList());
    }

    @Test
    void what_changes_something_is_a_POST_that_needs_the_right_to() {
        for (ApiRoute route : routes) {
            boolean isQuestion = route.name().matches("(Get|List|Describe|Diff|Check)[A-Z].*");
            assertThat(route.method())
                    .as(route.name())
                    .isEqualTo(isQuestion ? ApiRoute.Method.GET : ApiRoute.Method.POST);
            var asked = route.name().equals("GetSlowLog") ? HttpGuard.Need.READ_AS_ADMIN : HttpGuard.Need.READ;
            assertThat(route.need()).as(route.name()).isEqualTo(isQuestion ? asked : HttpGuard.Need.CHANGE);
        }
    }

    @Test
    void every_field_of_a_request_can_be_said_by_HTTP() {
        for (ApiRoute route : routes) {
            var expected = DynamicMessage.newBuilder(route.request().getDescriptorForType());
            String path = ApiDoor.PREFIX + route.path();
            var members = new ArrayList<String>();
            for (FieldDescriptor field : route.request().getDescriptorForType().getFields()) {
                if (field.isRepeated() || field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
                    continue;
                }
                Object value = some(field);
                expected.setField(field, value);
                if (route.variables().contains(field.getName())) {
                    path = path.replace("{" + field.getName() + "}", String.valueOf(value));
                } else {
                    members.add(
                            route.method() == ApiRoute.Method.GET
                                    ? field.getName() + "=" + value
                                    : '"' + field.getName() + "\":\"" + value + '"');
                }
            }
            called.clear();
            var response = route.method() == ApiRoute.Method.GET
                    ? door.get(path + "?" + String.join("&", members))
                    : door.post(path, "{" + String.join(",", members).replace("\"true\"", "true") + "}");
            assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
            assertThat(called).containsExactly(new Called(route.name(), expected.build()));
        }
    }

    private static Object some(FieldDescriptor field) {
        return switch (field.getJavaType()) {
            case STRING -> "some";
            case INT -> 7;
            case LONG -> 9L;
            case BOOLEAN -> true;
            default -> throw new AssertionError(field + " needs an example here");
        };
    }
}
