package io.aitta.orchestrator;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonSubTypes.Type;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.aitta.core.NodeId;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What people order. Answered when it is written to the topology; what follows from it is done in the background. See
 * {@link io.aitta.core.topology.TopologyCommand} for what each means and what it is refused for.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "order")
@JsonSubTypes({
    @Type(Order.SetNodeWeight.class),
    @Type(Order.SetNodeZone.class),
    @Type(Order.DrainNode.class),
    @Type(Order.UndrainNode.class),
    @Type(Order.RemoveNode.class),
    @Type(Order.SetReplicas.class),
    @Type(Order.SetLearners.class),
    @Type(Order.MoveReplica.class),
    @Type(Order.CancelMove.class),
    @Type(Order.PreferPrimary.class),
    @Type(Order.Rebalance.class),
    @Type(Order.PauseBalancing.class),
    @Type(Order.RecoverPartition.class)
})
public sealed interface Order {
    record SetNodeWeight(NodeId node, int weight) implements Order {}

    record SetNodeZone(NodeId node, String zone) implements Order {}

    record DrainNode(NodeId node, Optional<NodeId> replacement) implements Order {}

    record UndrainNode(NodeId node) implements Order {}

    record RemoveNode(NodeId node, boolean force) implements Order {}

    record SetReplicas(String table, int replicas) implements Order {}

    record SetLearners(String table, String zone, int count) implements Order {}

    /** @param to empty: a replica goes; {@code from} empty: one comes */
    record MoveReplica(
            String table,
            int partition,
            Optional<NodeId> from,
            Optional<NodeId> to,
            boolean learner,
            OptionalLong expectedEpoch)
            implements Order {}

    record CancelMove(long id) implements Order {}

    record PreferPrimary(String table, int partition, NodeId node) implements Order {}

    record Rebalance(Optional<String> table, OptionalLong expectedEpoch) implements Order {}

    record PauseBalancing(boolean paused) implements Order {}

    record RecoverPartition(String table, int partition, List<NodeId> survivors) implements Order {}
}
