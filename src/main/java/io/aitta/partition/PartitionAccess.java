package io.aitta.partition;

import com.google.protobuf.ByteString;
import io.aitta.core.PartitionId;
import io.aitta.core.kv.KeySpan;
import io.aitta.core.kv.Value;
import io.aitta.metrics.Stages;
import io.aitta.store.ReplicaStore;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A node's way to any partition of the cluster, wherever its replicas are. Thread-safe. The stages never fail: what went
 * wrong is an answer. They complete on a thread of this class's owner; do not block it.
 */
public interface PartitionAccess {
    /** How fresh a read must be. */
    sealed interface ReadLevel {
        ReadLevel STRONG = new Strong();
        /** Whatever the replica at hand has applied. */
        ReadLevel EVENTUAL = new Eventual(0);

        /** Linearizable: from the primary, under its lease. */
        record Strong() implements ReadLevel {}

        /** From any replica that has applied the log up to {@code index}; the primary is asked if none has in time. */
        record Session(long index) implements ReadLevel {}

        /** @param maxStalenessMillis everything committed so long ago is seen; 0: no bound */
        record Eventual(long maxStalenessMillis) implements ReadLevel {}
    }

    /** When a write is answered. */
    enum Acknowledgement {
        /** Forced to disk on a majority, and applied. */
        QUORUM,
        /** Ordered by the primary: may be lost. */
        FAST
    }

    /** What became of a write. */
    sealed interface WriteAnswer {
        /**
         * Applied on a majority.
         *
         * @param outcome a serialized {@code aitta.record.v1.Outcome}, which may itself say that the operation was refused
         * @param index of the log entry
         * @param stages where its time went, if it took a while; null: not told
         */
        record Done(byte[] outcome, long index, Stages stages) implements WriteAnswer {
            public Done(byte[] outcome, long index) {
                this(outcome, index, null);
            }
        }

        /** {@link Acknowledgement#FAST}: the primary has given it this place in the log, no more. */
        record Ordered(long index) implements WriteAnswer {}

        /** Nothing happened. */
        record Refused(Refusal refusal) implements WriteAnswer {}

        /** It may or may not have happened, or may still. */
        record Unknown(String message) implements WriteAnswer {}
    }

    /** What became of a read. */
    sealed interface ReadAnswer {
        /**
         * One for each key asked, in that order.
         *
         * @param index the replica had applied the log at most up to here when it was read
         */
        record Values(List<Optional<Value>> values, long index) implements ReadAnswer {}

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
        /** No replica that can be reached is as fresh as asked for; a later try may do better. */
        TOO_STALE,
        /** The moment that a scan was reading is gone. */
        SCAN_EXPIRED,
        /** The node is stopping. */
        STOPPING
    }

    /** Told what became of each of several writes. */
    @FunctionalInterface
    interface WriteObserver {
        /**
         * Called once for each operation, in any order, by any thread, also before {@code writeAll} returns; must not block.
         *
         * @param position of the operation in the list that was given
         */
        void answered(int position, WriteAnswer answer);
    }

    /**
     * Has operations applied: each for itself, in their order.
     *
     * @param operations each a serialized {@code aitta.record.v1.Operation}; the caller has checked their sizes, and changes
     *     them no more
     * @param deadlineNanos on {@link System#nanoTime()}'s clock; the answers come at most a little after it
     */
    void writeAll(
            PartitionId partition,
            List<byte[]> operations,
            Acknowledgement acknowledgement,
            long deadlineNanos,
            WriteObserver observer);

    /** The same for one operation. */
    default CompletionStage<WriteAnswer> write(
            PartitionId partition, byte[] operation, Acknowledgement acknowledgement, long deadlineNanos) {
        var answer = new CompletableFuture<WriteAnswer>();
        writeAll(
                partition,
                List.of(operation),
                acknowledgement,
                deadlineNanos,
                (position, become) -> answer.complete(become));
        return answer;
    }

    /** Reads keys of one partition, all at one moment (but see ARCHITECTURE.md for more than 1 MiB of values). */
    CompletionStage<ReadAnswer> read(PartitionId partition, List<byte[]> keys, ReadLevel level, long deadlineNanos);

    /**
     * A part of a scan of one partition.
     *
     * @param tag only keys with this hash tag; null: all
     * @param after null: from the beginning of the span; else a key after which to begin
     * @param maxRows at least 1
     * @param moment empty: at this moment, which is kept for going on; else that of the page before
     * @param relaxed if the moment is gone, go on at a later one
     * @param expired give also keys whose time is over, as long as they have not been removed
     */
    record ScanQuery(
            KeySpan span,
            ByteString tag,
            ByteString after,
            int maxRows,
            int maxBytes,
            boolean keysOnly,
            String moment,
            boolean relaxed,
            boolean expired) {}

    /** What became of a scan. */
    sealed interface ScanAnswer {
        /**
         * @param rows with a {@code next} that is null at the end of the partition; its moment is then kept for a few
         *     seconds at most, so that the same page can be asked for again
         * @param moment what to go on with
         * @param index the replica had applied the log up to here at that moment
         * @param term of the entry at that index
         * @param timestampMillis when the newest data up to there was ordered, on the primary's clock
         */
        record Page(ReplicaStore.Page rows, String moment, long index, long term, long timestampMillis)
                implements ScanAnswer {}

        record Refused(Refusal refusal) implements ScanAnswer {}
    }

    /** Scans a part of a partition. The level matters for the first page; further ones are of the same moment. */
    CompletionStage<ScanAnswer> scan(PartitionId partition, ScanQuery query, ReadLevel level, long deadlineNanos);

    /** What became of a question about changes. */
    sealed interface ChangesAnswer {
        /**
         * @param changes after which more come if it was not looked up to {@code index}
         * @param moment what to go on with
         * @param index the replica had applied the log up to here at that moment
         * @param term of the entry at that index
         * @param timestampMillis when the newest data up to there was ordered, on the primary's clock
         */
        record Page(ReplicaStore.Changes changes, String moment, long index, long term, long timestampMillis)
                implements ChangesAnswer {}

        /** So old that they are not all kept any more. */
        enum Forgotten implements ChangesAnswer {
            INSTANCE
        }

        record Refused(Refusal refusal) implements ChangesAnswer {}
    }

    /**
     * What entries after an index changed, up to a moment at which the partition was read strongly.
     *
     * @param afterIndex at least 0
     * @param maxBytes about; the changes of one entry are never divided
     * @param moment empty: at this moment, which is kept for going on; else that of the answer before
     */
    CompletionStage<ChangesAnswer> changes(
            PartitionId partition, long afterIndex, int maxBytes, String moment, long deadlineNanos);

    /** A moment that will not be gone on with. May be left out: it is given up by itself after a while. */
    default void giveUp(PartitionId partition, String moment) {}

    /** What became of a count. */
    sealed interface CountAnswer {
        record Counted(ReplicaStore.Estimate estimate, long index) implements CountAnswer {}

        record Refused(Refusal refusal) implements CountAnswer {}
    }

    /** Counts the keys of a span, about. */
    CompletionStage<CountAnswer> count(PartitionId partition, KeySpan span, ReadLevel level, long deadlineNanos);
}
