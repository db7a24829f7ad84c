package io.aitta.partition;

import io.aitta.core.PartitionId;
import io.aitta.core.kv.Value;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * A node's way to any partition of the cluster, wherever its primary is. Thread-safe. The stages never fail: what went
 * wrong is an answer. They complete on a thread of this class's owner; do not block it.
 */
public interface PartitionAccess {
    /** How fresh a read must be. */
    enum ReadLevel {
        /** Linearizable: from the primary, under its lease. */
        STRONG,
        /** Whatever the replica at hand has applied. */
        EVENTUAL
    }

    /** What became of a write. */
    sealed interface WriteAnswer {
        /**
         * Applied on a majority.
         *
         * @param outcome a serialized {@code aitta.record.v1.Outcome}, which may itself say that the operation was refused
         */
        record Done(byte[] outcome) implements WriteAnswer {}

        /** Nothing happened. */
        record Refused(Refusal refusal) implements WriteAnswer {}

        /** It may or may not have happened, or may still. */
        record Unknown(String message) implements WriteAnswer {}
    }

    /** What became of a read. */
    sealed interface ReadAnswer {
        /** One for each key asked, in that order. */
        record Values(List<Optional<Value>> values) implements ReadAnswer {}

        record Refused(Refusal refusal) implements ReadAnswer {}
    }

    /** Why nothing was done. */
    record Refusal(Reason reason, String message) {}

    /** Stable reasons; their names are part of the API. */
    enum Reason {
        /** Too few of the partition's voters can be reached; a later try may do better. */
        NO_QUORUM,
        /** No primary was found in time; a later try may do better. */
        NO_PRIMARY,
        /** A queue is full; a later try may do better. */
        OVERLOADED,
        /** The deadline passed before the work was begun. */
        DEADLINE_EXCEEDED,
        /** The topology has no such partition (any more). */
        PARTITION_NOT_FOUND,
        /** The node is stopping. */
        STOPPING
    }

    /**
     * Has an operation applied.
     *
     * @param operation a serialized {@code aitta.record.v1.Operation}; the caller has checked its sizes, and changes it no more
     * @param deadlineNanos on {@link System#nanoTime()}'s clock; the answer comes at most a little after it
     */
    CompletionStage<WriteAnswer> write(PartitionId partition, byte[] operation, long deadlineNanos);

    /** Reads keys of one partition, all at one moment. */
    CompletionStage<ReadAnswer> read(PartitionId partition, List<byte[]> keys, ReadLevel level, long deadlineNanos);
}
