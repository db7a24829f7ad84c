package io.aitta.gateway;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import io.aitta.proto.record.v1.RefusedOutcome;
import io.aitta.proto.v1.CallError;
import io.aitta.proto.v1.KeyError;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What went wrong with a request, or with one key of it, in the words of the API.
 *
 * @param reason stable, for programs
 * @param message a sentence, for people; never holds the bytes of a value
 * @param field what in the request is wrong, if it is the request
 * @param retryMillis after how long a later try is sensible; 0: not by itself
 * @param metadata further facts for programs
 */
record Problem(
        Code code,
        String reason,
        String message,
        Optional<String> field,
        int retryMillis,
        Map<String, String> metadata) {
    static final String DOMAIN = "aitta.io";

    static Problem of(ErrorReason reason, String message) {
        return new Problem(reason.code, reason.name(), message, Optional.empty(), reason.retryMillis, Map.of());
    }

    /** The request says something it must not say in {@code field}. */
    static Problem inField(ErrorReason reason, String field, String message) {
        return new Problem(reason.code, reason.name(), message, Optional.of(field), reason.retryMillis, Map.of());
    }

    /** A replica refused the operation when it came to apply it. What the door refuses too has the same status. */
    static Problem refusedByReplica(RefusedOutcome refused) {
        Map<String, String> metadata = refused.getSessionsFromMillis() == 0
                ? Map.of()
                : Map.of("sessions_from_millis", Long.toString(refused.getSessionsFromMillis()));
        Code code = ErrorReason.named(refused.getReason())
                .map(reason -> reason.code)
                .orElse(Code.FAILED_PRECONDITION);
        return new Problem(code, refused.getReason(), refused.getMessage(), Optional.empty(), 0, metadata);
    }

    /** It may or may not have happened. */
    static Problem outcomeUnknown(String message, boolean deadlinePassed) {
        Code code = deadlinePassed ? Code.DEADLINE_EXCEEDED : Code.UNKNOWN;
        return new Problem(code, ErrorReason.OUTCOME_UNKNOWN.name(), message, Optional.empty(), 0, Map.of());
    }

    boolean isOutcomeUnknown() {
        return reason.equals(ErrorReason.OUTCOME_UNKNOWN.name());
    }

    Problem with(String key, String value) {
        return with(Map.of(key, value));
    }

    Problem with(Map<String, String> facts) {
        return new Problem(code, reason, message, field, retryMillis, facts);
    }

    /** The same, with the name under which the node's log has the request. */
    Problem ofRequest(String id) {
        var facts = new HashMap<>(metadata);
        facts.put("request_id", id);
        return with(facts);
    }

    Problem withRetryMillis(long millis) {
        return new Problem(code, reason, message, field, (int) Math.min(millis, Integer.MAX_VALUE), metadata);
    }

    ProblemException asException() {
        return new ProblemException(this);
    }

    Status toStatus() {
        var status = Status.newBuilder()
                .setCode(code.getNumber())
                .setMessage(message)
                .addDetails(Any.pack(ErrorInfo.newBuilder()
                        .setDomain(DOMAIN)
                        .setReason(reason)
                        .putAllMetadata(metadata)
                        .build()));
        field.ifPresent(name -> status.addDetails(Any.pack(BadRequest.newBuilder()
                .addFieldViolations(
                        BadRequest.FieldViolation.newBuilder().setField(name).setDescription(message))
                .build())));
        if (retryMillis > 0) {
            status.addDetails(Any.pack(RetryInfo.newBuilder()
                    .setRetryDelay(Duration.newBuilder()
                            .setSeconds(retryMillis / 1000)
                            .setNanos(retryMillis % 1000 * 1_000_000))
                    .build()));
        }
        return status.build();
    }

    KeyError toKeyError() {
        return KeyError.newBuilder()
                .setKind(kind())
                .setReason(reason)
                .setMessage(message)
                .build();
    }

    CallError toCallError() {
        var error = CallError.newBuilder()
                .setCode(code.getNumber())
                .setMessage(message)
                .setReason(reason)
                .putAllMetadata(metadata);
        if (retryMillis > 0) {
            error.setRetryMillis(retryMillis);
        }
        return error.build();
    }

    private KeyError.Kind kind() {
        if (isOutcomeUnknown()) {
            return KeyError.Kind.OUTCOME_UNKNOWN;
        }
        return retryMillis > 0 || code == Code.DEADLINE_EXCEEDED ? KeyError.Kind.UNAVAILABLE : KeyError.Kind.REFUSED;
    }
}
