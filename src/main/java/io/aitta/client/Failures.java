package io.aitta.client;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.aitta.client.AittaException.OutcomeUnknown;
import io.aitta.client.AittaException.Refused;
import io.aitta.client.AittaException.Refused.Kind;
import io.aitta.client.AittaException.Unavailable;
import io.aitta.proto.v1.CallError;
import io.aitta.proto.v1.KeyError;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/** Turns gRPC statuses and per-key errors into the three kinds of failure. The rules are those of kv.proto's comments. */
final class Failures {
    private static final String OUTCOME_UNKNOWN = "OUTCOME_UNKNOWN";
    /** Refusals that go away by themselves: a full queue empties, and each try brings the newest acknowledgement. */
    private static final Set<String> PASSING = Set.of("OVERLOADED", "SESSION_FULL");

    private Failures() {}

    /**
     * Judges a failed call.
     *
     * @param sent whether the request may have left this process
     * @param changes whether the call would have changed something
     */
    static AittaException of(Status status, Metadata trailers, boolean sent, boolean changes, Endpoint node) {
        Details details = Details.of(status, trailers);
        Throwable cause = status.asRuntimeException(trailers);
        String said = status.getDescription() == null ? status.getCode().name() : status.getDescription();
        if (!sent) {
            return new Unavailable(
                    "UNREACHABLE", "node " + node + " cannot be reached: " + rootMessage(status), null, cause);
        }
        return judged(status.getCode(), said, nodeSaid(node, status, said), details, changes, cause);
    }

    /** Judges the error of one call of a streaming session: as if it had been a call by itself. */
    static AittaException of(CallError error, boolean changes, Endpoint node) {
        Status.Code code = Status.fromCodeValue(error.getCode()).getCode();
        String said = error.getMessage().isEmpty() ? code.name() : error.getMessage();
        return judged(code, said, "node " + node + ": " + said, Details.of(error), changes, null);
    }

    /** Why a stream ended, for people. */
    static String whyEnded(Status status) {
        return rootMessage(status);
    }

    private static AittaException judged(
            Status.Code code, String said, String nodeSaid, Details details, boolean changes, Throwable cause) {
        Kind kind = refusalKind(code);
        if (kind != null) {
            String reason = details.reasonOr(code.name());
            Duration retryAfter =
                    details.retryAfter == null && PASSING.contains(reason) ? Duration.ZERO : details.retryAfter;
            return new Refused(kind, reason, said, retryAfter, details.metadata, cause);
        }
        boolean saysWhat = details.reason != null && !details.reason.equals(OUTCOME_UNKNOWN);
        boolean nothingHappened =
                saysWhat && (code == Status.Code.UNAVAILABLE || code == Status.Code.DEADLINE_EXCEEDED);
        if (!changes || nothingHappened) {
            return new Unavailable(details.reasonOr(code.name()), nodeSaid, details.retryAfter, cause);
        }
        return new OutcomeUnknown(nodeSaid, cause);
    }

    /** Judges an error of a single key. */
    static AittaException of(KeyError error) {
        String message = error.getMessage().isEmpty() ? error.getReason() : error.getMessage();
        return switch (error.getKind()) {
            case REFUSED ->
                new Refused(
                        kindOf(error.getReason()),
                        error.getReason(),
                        message,
                        PASSING.contains(error.getReason()) ? Duration.ZERO : null,
                        Map.of(),
                        null);
            case UNAVAILABLE -> new Unavailable(error.getReason(), message);
            default -> new OutcomeUnknown(message);
        };
    }

    private static Kind refusalKind(Status.Code code) {
        return switch (code) {
            case INVALID_ARGUMENT, OUT_OF_RANGE -> Kind.BAD_INPUT;
            case NOT_FOUND -> Kind.NOT_FOUND;
            case FAILED_PRECONDITION, ABORTED, ALREADY_EXISTS, PERMISSION_DENIED, UNAUTHENTICATED, UNIMPLEMENTED ->
                Kind.PRECONDITION;
            case RESOURCE_EXHAUSTED -> Kind.EXHAUSTED;
            default -> null;
        };
    }

    /** A key's error has no gRPC code, only the reason. */
    private static Kind kindOf(String reason) {
        if (reason.startsWith("EMPTY_") || reason.startsWith("BAD_") || reason.endsWith("_TOO_LARGE")) {
            return Kind.BAD_INPUT;
        }
        return reason.endsWith("_NOT_FOUND") ? Kind.NOT_FOUND : Kind.PRECONDITION;
    }

    private static String nodeSaid(Endpoint node, Status status, String said) {
        return status.getCode() == Status.Code.DEADLINE_EXCEEDED && said.startsWith("CallOptions deadline")
                ? "node " + node + " did not answer in time"
                : "node " + node + ": " + said;
    }

    /** Why there was no connection. gRPC's own text is "io exception"; the innermost cause is what helps. */
    private static String rootMessage(Status status) {
        if (status.getCode() == Status.Code.DEADLINE_EXCEEDED) {
            return "no connection in time";
        }
        Throwable cause = status.getCause();
        while (cause != null && cause.getCause() != null) {
            cause = cause.getCause();
        }
        String message = cause != null && cause.getMessage() != null ? cause.getMessage() : status.getDescription();
        return message == null ? status.getCode().name() : message.replace("finishConnect(..) failed: ", "");
    }

    /** What google.rpc.Status, or an error of a streaming session, carried beside the code. */
    private record Details(String reason, Duration retryAfter, Map<String, String> metadata) {
        private static final Details NONE = new Details(null, null, Map.of());

        static Details of(CallError error) {
            return new Details(
                    error.getReason().isEmpty() ? null : error.getReason(),
                    error.hasRetryMillis() ? Duration.ofMillis(error.getRetryMillis()) : null,
                    error.getMetadataMap());
        }

        static Details of(Status status, Metadata trailers) {
            String reason = null;
            Duration retryAfter = null;
            Map<String, String> metadata = Map.of();
            var rich = StatusProto.fromStatusAndTrailers(status, trailers);
            if (rich != null) {
                for (Any detail : rich.getDetailsList()) {
                    try {
                        if (detail.is(ErrorInfo.class)) {
                            ErrorInfo info = detail.unpack(ErrorInfo.class);
                            reason = info.getReason();
                            metadata = info.getMetadataMap();
                        } else if (detail.is(RetryInfo.class)) {
                            var delay = detail.unpack(RetryInfo.class).getRetryDelay();
                            retryAfter = Duration.ofSeconds(delay.getSeconds(), delay.getNanos());
                        }
                    } catch (InvalidProtocolBufferException e) {
                        return NONE; // a detail that does not decode says nothing; the code stands
                    }
                }
            }
            return new Details(reason, retryAfter, metadata);
        }

        String reasonOr(String other) {
            return reason == null || reason.isEmpty() ? other : reason;
        }
    }
}
