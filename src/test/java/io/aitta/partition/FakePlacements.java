package io.aitta.partition;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.replication.Membership;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Knows one partition, held by n1, n2 and n3, and what primary it is told. */
final class FakePlacements implements Placements {
    static final PartitionId PARTITION = new PartitionId("t", 3, 0);

    /** n1 holds nothing. */
    volatile boolean elsewhere;

    volatile Optional<NodeId> primary = Optional.empty();

    @Override
    public Set<PartitionId> heldBy(NodeId node) {
        return Set.of(PARTITION);
    }

    @Override
    public boolean isHeldBy(NodeId node, PartitionId partition) {
        return partition.equals(PARTITION);
    }

    @Override
    public boolean isKnown(NodeId node) {
        return true;
    }

    @Override
    public boolean isElsewhere(NodeId node, PartitionId partition) {
        return !partition.equals(PARTITION);
    }

    @Override
    public List<NodeId> holdersOf(PartitionId partition) {
        var holders = elsewhere ? List.of(Statuses.N2, Statuses.N3) : Statuses.ALL.voters();
        return partition.equals(PARTITION) ? holders : List.of();
    }

    @Override
    public Optional<NodeId> primaryOf(PartitionId partition) {
        return primary;
    }

    @Override
    public Optional<Membership> foundersOf(PartitionId partition, NodeId node) {
        return Optional.of(Statuses.ALL);
    }

    @Override
    public boolean isGone(PartitionId partition) {
        return false;
    }
}
