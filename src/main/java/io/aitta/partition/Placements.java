package io.aitta.partition;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.replication.Membership;
import io.aitta.core.replication.Term;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which node holds what, as far as this node knows. What this node itself is to hold is told only once it stands on the
 * node's disk: so a node that is started again knows of every replica it ran, and of every one it has removed. Thread-safe.
 */
public interface Placements {
    /**
     * The partitions of which this node, named {@code node}, holds a replica. None while the cluster knows another data
     * directory by that name: what this one never voted, or has forgotten, must not be voted again.
     */
    Set<PartitionId> heldBy(NodeId node);

    /** Whether the partition is among {@link #heldBy}. */
    boolean isHeldBy(NodeId node, PartitionId partition);

    /**
     * Whether something is known of this node: of what it holds, and of what it does not. Until then nothing is told of
     * partitions but the topology's own.
     */
    boolean isKnown(NodeId node);

    /** Whether the partition is there, and this node, named {@code node}, holds no replica of it or no longer does. */
    boolean isElsewhere(NodeId node, PartitionId partition);

    /** The nodes that hold the partition; empty if there is no such partition, or none is known yet. */
    List<NodeId> holdersOf(PartitionId partition);

    /** The primary that was last reported. */
    Optional<NodeId> primaryOf(PartitionId partition);

    /** The newest term of which a primary was reported, or 0: who holds none of the partition's data listens to nobody of an earlier one. */
    default Term termOf(PartitionId partition) {
        return Term.ZERO;
    }

    /** The first membership of the partition's group, if this node, named {@code node}, belongs to it. */
    Optional<Membership> foundersOf(PartitionId partition, NodeId node);

    /** Whether the partition existed and does no more: what is left of it may be removed. */
    boolean isGone(PartitionId partition);
}
