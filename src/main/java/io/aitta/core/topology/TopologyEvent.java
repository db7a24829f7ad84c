package io.aitta.core.topology;

import io.aitta.core.NodeId;
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
}
