package io.aitta.core.topology;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import java.util.List;

/** What changed in the topology. The events of one epoch take effect together. */
public sealed interface TopologyEvent {
    record ClusterFounded(String clusterId) implements TopologyEvent {}

    record NodeRegistered(NodeInfo node) implements TopologyEvent {}

    /** A known node with another address, zone or weight. */
    record NodeChanged(NodeInfo node) implements TopologyEvent {}

    /** @param placement for each partition its nodes, in order of election preference */
    record TableCreated(TableInfo table, List<List<NodeId>> placement) implements TopologyEvent {}

    /** @param options all of them, as they are from now on */
    record TableAltered(String name, TableOptions options) implements TopologyEvent {}

    record TableDropped(String name) implements TopologyEvent {}

    /** Each is news: of a newer term than the one known. */
    record PrimariesReported(List<TopologyCommand.PrimaryReport> reports) implements TopologyEvent {}

    record NodeOrdered(NodeId node, NodeOrders orders) implements TopologyEvent {}

    /** It holds nothing any more. */
    record NodeRemoved(NodeId node) implements TopologyEvent {}

    /** The partitions want as many as the table again. */
    record ReplicasSet(String table, int replicas) implements TopologyEvent {}

    record LearnersSet(String table, String zone, int count) implements TopologyEvent {}

    /** Their new replicas are learners from now on. */
    record MovesBegun(List<Move> moves) implements TopologyEvent {}

    /** @param replicas how many voters it wants from now on; 0: as many as its table */
    record ReplicasWanted(PartitionId partition, int replicas) implements TopologyEvent {}

    record MoveCancelled(long id) implements TopologyEvent {}

    record Promoted(List<Planner.Preference> promoted) implements TopologyEvent {}

    /** Of those that were done, {@code from} holds nothing any more; of the others, {@code to}. */
    record MovesEnded(List<TopologyCommand.MoveEnd> ends, long endedMillis) implements TopologyEvent {}

    record PrimariesPreferred(List<Planner.Preference> preferences) implements TopologyEvent {}

    record BalanceDue(List<String> tables, boolean due) implements TopologyEvent {}

    record BalancingPaused(boolean paused) implements TopologyEvent {}

    /** Only the survivors hold it now, and are to be told so; a move that was under way is over. */
    record PartitionRecovered(PartitionId partition, List<NodeId> survivors, long atMillis) implements TopologyEvent {}

    /** Their survivors know that they are the whole group. */
    record RecoveriesDone(List<PartitionId> partitions) implements TopologyEvent {}
}
