package io.aitta.core.topology;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/** What can be asked of the topology. */
public sealed interface TopologyCommand {
    /**
     * The first change of all.
     *
     * @param nodes those the cluster begins with; registered
     * @param metaMembers who holds {@code _meta}, in order of preference; all among {@code nodes}
     * @param firstTable made at once, if there are nodes to carry it
     */
    record FoundCluster(String clusterId, List<NodeInfo> nodes, List<NodeId> metaMembers, CreateTable firstTable)
            implements TopologyCommand {}

    /** A node says who and where it is: new, or known with the same incarnation. */
    record RegisterNode(NodeInfo node) implements TopologyCommand {}

    /**
     * @param partitions empty: the default
     * @param replicas empty: the default, lowered to the nodes there are
     * @param options how it is to be used
     * @param up nodes that can be reached now; others get nothing of a new table
     */
    record CreateTable(
            String name,
            OptionalInt partitions,
            OptionalInt replicas,
            TableOptions options,
            TableDefaults defaults,
            Set<NodeId> up)
            implements TopologyCommand {}

    record TableDefaults(int partitions, int replicas) {}

    /** What is empty stays as it is. */
    record AlterTable(
            String name,
            OptionalLong defaultTimeToLiveMillis,
            Optional<TableOptions.Consistency> defaultConsistency,
            OptionalInt maxValueBytes)
            implements TopologyCommand {}

    record DropTable(String name) implements TopologyCommand {}

    /** Some partitions elected a primary. */
    record ReportPrimaries(List<PrimaryReport> reports) implements TopologyCommand {}

    record PrimaryReport(PartitionId partition, Primary primary) {}
}
