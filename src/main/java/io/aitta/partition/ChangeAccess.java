package io.aitta.partition;

import io.aitta.core.PartitionId;
import io.aitta.core.kv.KeySpan;
import io.aitta.store.ReplicaStore;
import java.util.concurrent.CompletionStage;

/**
 * A node's way to what changes in any partition of the cluster. Any replica can tell, for only committed entries are
 * applied and a log index means the same everywhere. Thread-safe. The stages never fail, and complete on a thread of this
 * class's owner; do not block it.
 */
public interface ChangeAccess {
    /** What became of the question. */
    sealed interface Answer {
        /** No changes, if nothing changed in the span before the time was over. */
        record Changed(ReplicaStore.Changes changes) implements Answer {}

        /** Changes so old are no longer kept. @param oldestAfter the oldest {@code afterIndex} that would be accepted */
        record Gone(long oldestAfter) implements Answer {}

        record Refused(PartitionAccess.Refusal refusal) implements Answer {}
    }

    /**
     * What entries after an index changed in a span; waits for it if there is nothing yet.
     *
     * @param afterIndex -1: nothing is waited for, and the answer says where the partition stands now
     * @param maxBytes about how large an answer may be
     * @param deadlineNanos on {@link System#nanoTime()}'s clock: until when to wait; being late is no error
     */
    CompletionStage<Answer> changes(
            PartitionId partition, long afterIndex, KeySpan span, int maxBytes, long deadlineNanos);
}
