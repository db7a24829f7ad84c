package io.aitta.partition;

import io.aitta.core.PartitionId;
import io.aitta.core.kv.KeySpan;
import io.aitta.store.ReplicaStore;
import java.util.function.Consumer;

/**
 * A node's way to what changes in any partition of the cluster. Any replica can tell, for only committed entries are
 * applied and a log index means the same everywhere.
 *
 * <p>A question is asked once and answered once, however long that takes: one that waits costs an object of about a
 * hundred bytes, and neither a timer nor a thread. Who has lost interest withdraws it. Thread-safe.
 */
public interface ChangeAccess {
    /** What became of a question. */
    sealed interface Answer {
        /** No entries: nothing changed in the span, but so much was looked at that the {@code afterIndex} should move on. */
        record Changed(ReplicaStore.Changes changes) implements Answer {}

        /**
         * To {@link #where}; and to {@link #changes} if what was asked for is so old that it is no longer kept.
         *
         * @param oldestAfter the oldest {@code afterIndex} that is accepted
         * @param index up to where the partition had come, at the replica that answers
         */
        record Kept(long oldestAfter, long index) implements Answer {}

        /** PARTITION_NOT_FOUND, or NO_QUORUM: none of those who hold the partition has answered for a while. */
        record Refused(PartitionAccess.Refusal refusal) implements Answer {}
    }

    /** A question that has been asked. */
    @FunctionalInterface
    interface Asked {
        /** The answer is not wanted any more; it may come all the same. Idempotent, cheap. */
        void withdraw();
    }

    /**
     * Where the history of a partition begins and ends now.
     *
     * @param then called once, by any thread, with {@link Answer.Kept} or {@link Answer.Refused}; must not block
     */
    Asked where(PartitionId partition, Consumer<Answer> then);

    /**
     * What entries after an index changed in a span; waits for it if there is nothing yet, or if nobody has come as far
     * as {@code afterIndex}.
     *
     * @param afterIndex at least 0
     * @param maxBytes about how large an answer may be; the changes of one entry are never divided
     * @param then called once, by any thread, also before this returns; must not block
     */
    Asked changes(PartitionId partition, long afterIndex, KeySpan span, int maxBytes, Consumer<Answer> then);
}
