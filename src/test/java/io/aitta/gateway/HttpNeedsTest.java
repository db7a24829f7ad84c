package io.aitta.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.DynamicMessage;
import io.aitta.admin.AdminRoutes;
import io.aitta.admin.ApiRoute;
import io.aitta.admin.HttpGuard.Need;
import io.aitta.proto.v1.AdminProto;
import io.aitta.security.AccessDenied;
import io.aitta.security.Caller;
import io.aitta.security.TokenAccess;
import io.aitta.security.TokenFile;
import io.aitta.security.Tokens;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The two doors to the Admin service ask the same of those who come: a method that is thought of at one and forgotten at
 * the other would be a way around it.
 */
class HttpNeedsTest {
    @TempDir
    private Path dir;

    @Test
    void every_route_needs_by_HTTP_what_its_method_needs_by_gRPC() throws Exception {
        String token = Tokens.create();
        var file = Files.write(
                dir.resolve("tokens"), List.of(TokenFile.line("reader", token, TokenFile.grants("read-only"))));
        var reader = new TokenAccess(TokenFile.read(file)).caller("Bearer " + token);
        var routes = AdminRoutes.of((method, request, deadlineNanos) -> null);
        assertThat(routes).isNotEmpty();
        for (ApiRoute route : routes) {
            var method = AdminProto.getDescriptor().findServiceByName("Admin").findMethodByName(route.name());
            var byGrpc = RpcPermission.of(method);
            boolean isForReaders = mayReader(reader, byGrpc, method);
            Need expected = byGrpc.isAdministration() ? Need.CHANGE : isForReaders ? Need.READ : Need.READ_AS_ADMIN;
            assertThat(route.need()).as(route.name()).isEqualTo(expected);
        }
    }

    /** Whether who may read all tables, and no more, has it answered. */
    private static boolean mayReader(Caller reader, RpcPermission permission, MethodDescriptor method) {
        try {
            permission.require(reader, DynamicMessage.getDefaultInstance(method.getInputType()));
            return true;
        } catch (AccessDenied denied) {
            return false;
        }
    }
}
