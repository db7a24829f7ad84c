package io.aitta.gateway;

import java.util.function.Function;

/** What became of what was asked of the cluster. */
public sealed interface Answer<T> {
    record Done<T>(T response) implements Answer<T> {}

    /** Nothing happened. */
    record Refused<T>(Reason reason, String message) implements Answer<T> {}

    /** It may or may not have happened, or may still. */
    record Unknown<T>(String message) implements Answer<T> {}

    /** The same for something else, if it was done. */
    default <R> Answer<R> map(Function<T, R> response) {
        if (this instanceof Done<T> done) {
            return new Done<>(response.apply(done.response()));
        }
        if (this instanceof Refused<T> refused) {
            return new Refused<>(refused.reason(), refused.message());
        }
        return new Unknown<>(((Unknown<T>) this).message());
    }

    /** Stable reasons; their names are part of the API. */
    enum Reason {
        BAD_TABLE_NAME,
        BAD_PARTITIONS,
        BAD_REPLICAS,
        BAD_WEIGHT,
        BAD_ZONE,
        BAD_OPTION,
        TABLE_EXISTS,
        TABLE_NOT_FOUND,
        TABLE_PROTECTED,
        NOT_ENOUGH_NODES,
        NODE_NOT_FOUND,
        NODE_NOT_UP,
        NODE_IS_UP,
        NODE_NOT_EMPTY,
        PARTITION_NOT_FOUND,
        NOT_A_REPLICA,
        ALREADY_A_REPLICA,
        MOVE_UNDER_WAY,
        MOVE_NOT_FOUND,
        MOVE_NOT_CANCELLABLE,
        STALE_EPOCH,
        EPOCH_NOT_FOUND,
        QUORUM_AT_RISK,
        RECOVERY_NOT_NEEDED,
        /** No orchestrator is at hand; a later try may do better. */
        NO_ORCHESTRATOR,
        /** The topology cannot be written, or its past not read: too few meta nodes are up. */
        NO_QUORUM,
        OVERLOADED,
        /** The deadline passed before the work was begun. */
        DEADLINE_EXCEEDED
    }
}
