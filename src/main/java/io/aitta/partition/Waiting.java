package io.aitta.partition;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.partition.PartitionAccess.Refusal;

/**
 * A request that {@link PartitionDesk} has sent to a replica and waits for. Once it is sent, only the desk's actor
 * touches it.
 */
abstract class Waiting {
    final PartitionId partition;
    final long deadlineNanos;
    /** Nothing that this request brings to light is older. */
    final long begunNanos = System.nanoTime();
    /** The node whose loss would lose the request or its answer. */
    volatile NodeId sentTo;

    Waiting(PartitionId partition, long deadlineNanos) {
        this.partition = partition;
        this.deadlineNanos = deadlineNanos;
    }

    /**
     * Nothing happened.
     *
     * @param first position of the first of those that are refused; 0 for what has only one part
     * @return whether nothing is waited for any more
     */
    abstract boolean refused(int first, int count, Refusal refusal);

    /** It may have happened: the same as {@link #refused} for what changes nothing. */
    abstract boolean unknown(int first, int count, String message);

    /** Positions of this request. */
    abstract int count();
}
