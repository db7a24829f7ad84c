package io.aitta.gateway;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import com.google.protobuf.Message;
import io.aitta.proto.v1.AdminProto;
import io.aitta.proto.v1.BackupProto;
import io.aitta.proto.v1.KvProto;
import io.aitta.proto.v1.PipelineCall;
import io.aitta.security.Access;
import io.aitta.security.AccessDenied;
import io.aitta.security.AuditLog;
import io.aitta.security.Caller;
import io.aitta.security.Protection;
import io.aitta.security.Quotas;
import io.grpc.health.v1.HealthProto;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.pekko.http.javadsl.model.AttributeKeys;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpRequest;

/**
 * Asks of everyone who comes to the gRPC door who it is, and of every request whether they may, and has the audit log know.
 * Thread-safe.
 */
final class Gate {
    private static final RpcPermission UNKNOWN_CALL = RpcPermission.ofUnknown("Kv/Pipeline");

    /** By the path that a method is called at. */
    private final Map<String, RpcPermission> permissions = new HashMap<>();
    /** Of calls in a session, by the type of their request. */
    private final Map<Descriptor, RpcPermission> ofRequests = new HashMap<>();

    private final OneofDescriptor callRequest =
            PipelineCall.getDescriptor().getRealOneofs().get(0);
    private final Access access;
    private final AuditLog audit;
    private final Quotas quotas;

    Gate(Protection protection) {
        this.access = protection.access();
        this.audit = protection.audit();
        this.quotas = protection.quotas();
        Stream.of(
                        KvProto.getDescriptor(),
                        AdminProto.getDescriptor(),
                        BackupProto.getDescriptor(),
                        HealthProto.getDescriptor())
                .flatMap(file -> file.getServices().stream())
                .forEach(this::learn);
    }

    private void learn(ServiceDescriptor service) {
        for (MethodDescriptor method : service.getMethods()) {
            var permission = RpcPermission.of(method);
            permissions.put("/" + service.getFullName() + "/" + method.getName(), permission);
            ofRequests.putIfAbsent(method.getInputType(), permission);
        }
    }

    /**
     * Finds out who calls.
     *
     * @param path of a method that there is
     * @throws ProblemException if it is not known who, and the method is not for everyone
     */
    Visit enter(String path, HttpRequest request) {
        RpcPermission permission = permissions.get(path);
        if (permission == null) {
            permission = RpcPermission.ofUnknown(path);
        }
        if (permission.isOpen()) {
            return new Visit(permission, null, "");
        }
        return new Visit(permission, caller(request, permission.name()), from(request));
    }

    /**
     * For what is not a method of ours, such as reflection: that the caller is known.
     *
     * @throws ProblemException if not
     */
    void requireKnown(HttpRequest request, String action) {
        caller(request, action);
    }

    private Caller caller(HttpRequest request, String action) {
        String authorization = null;
        for (HttpHeader header : request.getHeaders()) {
            if (header.lowercaseName().equals("authorization")) {
                authorization = header.value();
            }
        }
        try {
            return access.caller(authorization);
        } catch (AccessDenied denied) {
            throw refused("-", from(request), action, denied);
        }
    }

    private ProblemException refused(String who, String from, String action, AccessDenied denied) {
        audit.refused(who, from, "grpc " + action, denied.reason().name(), denied.getMessage());
        return Problem.of(ErrorReason.named(denied.reason().name()).orElseThrow(), denied.getMessage())
                .asException();
    }

    private static String from(HttpRequest request) {
        return request.getAttribute(AttributeKeys.remoteAddress)
                .flatMap(address -> address.getAddress().map(ip -> ip.getHostAddress() + ":" + address.getPort()))
                .orElse("-");
    }

    /** One call, or one stream of calls, of one caller. Thread-safe. */
    final class Visit {
        private final RpcPermission permission;
        /** Null: nobody asked. */
        private final Caller caller;

        private final String from;

        private Visit(RpcPermission permission, Caller caller, String from) {
            this.permission = permission;
            this.caller = caller;
            this.from = from;
        }

        /** @throws ProblemException unless the caller may have it answered */
        void require(Message request) {
            require(permission, request);
        }

        /**
         * Lets a request in.
         *
         * @throws ProblemException unless the caller may have it answered, and its table's quota allows it
         */
        void admit(Message request) {
            require(permission, request);
            take(permission, request);
        }

        /** The same of one call of a session. */
        void admitCall(PipelineCall call) {
            if (access == Access.OPEN && quotas.isEmpty()) {
                return;
            }
            FieldDescriptor which = call.getOneofFieldDescriptor(callRequest);
            if (which == null) {
                return; // nothing is asked for; that is an error of another kind
            }
            var needed = ofRequests.getOrDefault(which.getMessageType(), UNKNOWN_CALL);
            var request = (Message) call.getField(which);
            require(needed, request);
            take(needed, request);
        }

        private void require(RpcPermission needed, Message request) {
            if (caller == null) {
                return;
            }
            try {
                needed.require(caller, request);
            } catch (AccessDenied denied) {
                throw refused(caller.name(), from, needed.name(), denied);
            }
        }

        private void take(RpcPermission what, Message request) {
            String table = quotas.isEmpty() ? null : what.tableOfKeys(request);
            if (table == null) {
                return;
            }
            long waitMillis = quotas.take(table, keys(request), request.getSerializedSize());
            if (waitMillis > 0) {
                throw Problem.of(
                                ErrorReason.QUOTA_EXCEEDED,
                                "more was asked of the table '" + Text.shortened(table)
                                        + "' in a second than its quota allows; try again a little later")
                        .withRetryMillis(waitMillis)
                        .asException();
            }
        }

        /** Its keys, compares and operations; 1 for what names none. */
        private static int keys(Message request) {
            int keys = 0;
            for (FieldDescriptor field : request.getDescriptorForType().getFields()) {
                keys += field.isRepeated() ? request.getRepeatedFieldCount(field) : 0;
            }
            return Math.max(1, keys);
        }

        /** Has it answered, and if it is an order has what came of it written down. */
        <R> CompletionStage<? extends R> audited(Message request, Supplier<CompletionStage<? extends R>> answer) {
            if (!permission.isAdministration()) {
                return answer.get();
            }
            try {
                return answer.get().whenComplete((done, failure) -> ordered(request, failure));
            } catch (RuntimeException failure) {
                ordered(request, failure);
                throw failure;
            }
        }

        private void ordered(Message request, Throwable failure) {
            audit.ordered(
                    caller.name(),
                    from,
                    "grpc " + permission.name(),
                    AuditLog.told(request),
                    failure == null ? "done" : ErrorTrailers.problem(failure).reason());
        }
    }
}
