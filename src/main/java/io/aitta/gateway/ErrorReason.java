package io.aitta.gateway;

import com.google.rpc.Code;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Why the door answers an error: the stable reasons of the API, each with its gRPC status. Replicas have further
 * reasons of their own (such as SESSION_EXPIRED or NOT_A_NUMBER), which pass through as FAILED_PRECONDITION.
 */
enum ErrorReason {
    // The request itself is wrong.
    MALFORMED_REQUEST(Code.INVALID_ARGUMENT),
    BAD_DEADLINE(Code.INVALID_ARGUMENT),
    INVALID_SESSION(Code.INVALID_ARGUMENT),
    BAD_CONSISTENCY(Code.INVALID_ARGUMENT),
    EMPTY_KEY(Code.INVALID_ARGUMENT),
    KEY_TOO_LARGE(Code.INVALID_ARGUMENT),
    VALUE_TOO_LARGE(Code.INVALID_ARGUMENT),
    TOO_MANY_KEYS(Code.INVALID_ARGUMENT),
    BAD_TABLE_NAME(Code.INVALID_ARGUMENT),
    BAD_PARTITIONS(Code.INVALID_ARGUMENT),
    BAD_REPLICAS(Code.INVALID_ARGUMENT),
    BAD_OPTION(Code.INVALID_ARGUMENT),
    BAD_WEIGHT(Code.INVALID_ARGUMENT),
    BAD_ZONE(Code.INVALID_ARGUMENT),
    BAD_TIME_TO_LIVE(Code.INVALID_ARGUMENT),
    BAD_CONDITION(Code.INVALID_ARGUMENT),
    BAD_ACKNOWLEDGEMENT(Code.INVALID_ARGUMENT),
    BAD_TRANSACTION(Code.INVALID_ARGUMENT),
    /** The keys of a transaction belong to different partitions. */
    KEYS_NOT_TOGETHER(Code.INVALID_ARGUMENT),
    BAD_RANGE(Code.INVALID_ARGUMENT),
    BAD_CURSOR(Code.INVALID_ARGUMENT),
    BAD_TOKEN(Code.INVALID_ARGUMENT),
    BAD_PIPELINE_CALL(Code.INVALID_ARGUMENT),
    COMPRESSION_UNSUPPORTED(Code.UNIMPLEMENTED),
    METHOD_UNKNOWN(Code.UNIMPLEMENTED),
    MESSAGE_TOO_LARGE(Code.RESOURCE_EXHAUSTED),
    REQUEST_TOO_LARGE(Code.RESOURCE_EXHAUSTED),
    RESPONSE_TOO_LARGE(Code.RESOURCE_EXHAUSTED),

    // The caller is not let in, or not that far.
    NO_TOKEN(Code.UNAUTHENTICATED),
    UNKNOWN_TOKEN(Code.UNAUTHENTICATED),
    PERMISSION_DENIED(Code.PERMISSION_DENIED),

    // It does not fit what there is.
    TABLE_NOT_FOUND(Code.NOT_FOUND),
    SERVICE_NOT_FOUND(Code.NOT_FOUND),
    /** The moment that a scan was reading is gone. */
    SCAN_EXPIRED(Code.FAILED_PRECONDITION),
    /** Changes after a watch's token are no longer kept. */
    TOKEN_EXPIRED(Code.FAILED_PRECONDITION),
    TABLE_EXISTS(Code.ALREADY_EXISTS),
    TABLE_PROTECTED(Code.FAILED_PRECONDITION),
    NOT_ENOUGH_NODES(Code.FAILED_PRECONDITION),
    NODE_NOT_FOUND(Code.NOT_FOUND),
    NODE_NOT_UP(Code.FAILED_PRECONDITION),
    NODE_IS_UP(Code.FAILED_PRECONDITION),
    NODE_NOT_EMPTY(Code.FAILED_PRECONDITION),
    NOT_A_REPLICA(Code.FAILED_PRECONDITION),
    ALREADY_A_REPLICA(Code.ALREADY_EXISTS),
    MOVE_NOT_FOUND(Code.NOT_FOUND),
    MOVE_UNDER_WAY(Code.FAILED_PRECONDITION),
    MOVE_NOT_CANCELLABLE(Code.FAILED_PRECONDITION),
    /** The topology is not that any more for which this was asked. */
    STALE_EPOCH(Code.ABORTED),
    EPOCH_NOT_FOUND(Code.NOT_FOUND),
    QUORUM_AT_RISK(Code.FAILED_PRECONDITION),
    RECOVERY_NOT_NEEDED(Code.FAILED_PRECONDITION),

    // Not now; a later try may do better.
    NO_QUORUM(Code.UNAVAILABLE, 100),
    NO_PRIMARY(Code.UNAVAILABLE, 100),
    NO_ORCHESTRATOR(Code.UNAVAILABLE, 500),
    /** Of a request to a key: a table was dropped, or made, a moment ago. Orders that name one are answered NOT_FOUND. */
    PARTITION_NOT_FOUND(Code.UNAVAILABLE, 50),
    /** No replica that can be reached is as fresh as asked for. */
    TOO_STALE(Code.UNAVAILABLE, 100),
    STOPPING(Code.UNAVAILABLE, 1_000),
    OVERLOADED(Code.RESOURCE_EXHAUSTED, 50),
    /** More of a table was asked for in a second than is allowed. */
    QUOTA_EXCEEDED(Code.RESOURCE_EXHAUSTED, 100),
    /** The deadline passed before the work was begun. */
    DEADLINE_EXCEEDED(Code.DEADLINE_EXCEEDED),

    /** The one reason with which something may have happened. */
    OUTCOME_UNKNOWN(Code.UNKNOWN),
    /** A fault of ours. */
    INTERNAL(Code.INTERNAL);

    final Code code;
    /** After how long a later try is sensible; 0: the reason does not go away by itself. */
    final int retryMillis;

    ErrorReason(Code code) {
        this(code, 0);
    }

    ErrorReason(Code code, int retryMillis) {
        this.code = code;
        this.retryMillis = retryMillis;
    }

    private static final Map<String, ErrorReason> BY_NAME =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(ErrorReason::name, reason -> reason));

    /** Empty if the door has no such reason. */
    static Optional<ErrorReason> named(String name) {
        return Optional.ofNullable(BY_NAME.get(name));
    }
}
