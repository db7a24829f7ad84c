package io.aitta.core.topology;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import java.util.Optional;

/** A move as planned, before it is begun: see {@link Move}. */
public record PlannedMove(
        PartitionId partition, Optional<NodeId> to, Optional<NodeId> from, ReplicaInfo.Role role, Move.Cause cause) {
    public static PlannedMove replace(PartitionId partition, NodeId from, NodeId to, Move.Cause cause) {
        return new PlannedMove(partition, Optional.of(to), Optional.of(from), ReplicaInfo.Role.VOTER, cause);
    }

    public static PlannedMove add(PartitionId partition, NodeId to, ReplicaInfo.Role role, Move.Cause cause) {
        return new PlannedMove(partition, Optional.of(to), Optional.empty(), role, cause);
    }

    public static PlannedMove remove(PartitionId partition, NodeId from, Move.Cause cause) {
        return new PlannedMove(partition, Optional.empty(), Optional.of(from), ReplicaInfo.Role.VOTER, cause);
    }
}
