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
     * @param metaReplicas how many are to hold it when there are nodes enough; odd, at least as many as the members
     * @param firstTable made at once, if there are nodes to carry it
     */
    record FoundCluster(
            String clusterId, List<NodeInfo> nodes, List<NodeId> metaMembers, int metaReplicas, CreateTable firstTable)
            implements TopologyCommand {
        /** As many are to hold {@code _meta} as do from the beginning, or one more for an odd number. */
        public FoundCluster(String clusterId, List<NodeInfo> nodes, List<NodeId> metaMembers, CreateTable firstTable) {
            this(clusterId, nodes, metaMembers, metaMembers.size() | 1, firstTable);
        }
    }

    /** A node says who and where it is: new, or known with the same incarnation. */
    record RegisterNode(NodeInfo node) implements TopologyCommand {}

    /**
     * @param partitions empty: the default
     * @param replicas empty: the default; while there are fewer nodes, as many as there are
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

    // ---- nodes --------------------------------------------------------------------------------------------------

    /** {@code weight} in the place of the node's own, 0 to {@link NodeInfo#MAX_WEIGHT}. */
    record SetNodeWeight(NodeId node, int weight) implements TopologyCommand {}

    /** {@code zone} in the place of the node's own. */
    record SetNodeZone(NodeId node, String zone) implements TopologyCommand {}

    /**
     * Everything on the node is to go elsewhere. Refused for the last node that could hold anything.
     *
     * @param replacement which is to get all of it; empty: as the planner sees fit
     * @param up nodes that can be reached now
     */
    record DrainNode(NodeId node, Optional<NodeId> replacement, Set<NodeId> up) implements TopologyCommand {}

    record UndrainNode(NodeId node) implements TopologyCommand {}

    /**
     * Takes a node that holds nothing out of the cluster. With {@code force} one that is down: what it holds counts as lost
     * at once, and it is taken out when all of it was replaced.
     */
    record RemoveNode(NodeId node, boolean force, Set<NodeId> up) implements TopologyCommand {}

    // ---- replicas -----------------------------------------------------------------------------------------------

    /**
     * How many voters each partition of a table is to have; what was ordered for single ones is forgotten. To have more,
     * there must be as many nodes that are up and can take replicas; {@code _meta} takes odd numbers only.
     */
    record SetReplicas(String table, int replicas, Set<NodeId> up) implements TopologyCommand {}

    /** How many learners each partition is to have in a zone; 0: none. */
    record SetLearners(String table, String zone, int count) implements TopologyCommand {}

    /**
     * By hand. If it adds or removes a voter beyond what is wanted, the partition wants as many as it will have then, until
     * {@link SetReplicas}; or until the move is taken back. A replica that goes elsewhere keeps its role.
     *
     * @param expected refused with STALE_EPOCH if it is neither zero nor the present epoch
     * @param up nodes that can be reached now: the new one must be, and so must a majority of voters before and after
     */
    record OrderMove(Epoch expected, PlannedMove move, Set<NodeId> up, long nowMillis) implements TopologyCommand {}

    /** Begins what was planned; what no longer fits the topology is left out. Refused with STALE_EPOCH if {@code
     * expected} is neither zero nor the present epoch. */
    record BeginMoves(Epoch expected, List<PlannedMove> moves, long nowMillis) implements TopologyCommand {}

    /**
     * Refused if it is over, or too far to be taken back.
     *
     * @param evenIfPromoted although the new replica is a voter already: for one that is away for too long
     */
    record CancelMove(long id, boolean evenIfPromoted) implements TopologyCommand {
        /** As people may ask for it. */
        public CancelMove(long id) {
            this(id, false);
        }
    }

    /** Learners that have become voters. Of others, no news. */
    record ReportPromoted(List<Planner.Preference> promoted) implements TopologyCommand {}

    /** Moves whose last step is done. Of unknown ones, no news. */
    record EndMoves(List<MoveEnd> ends, long nowMillis) implements TopologyCommand {}

    record MoveEnd(long id, EndedMove.Outcome outcome, String message) {}

    /** The replicas on {@code primary}, all of them voters, come first in the order of preference: all of them or none. */
    record PreferPrimaries(List<Planner.Preference> preferences) implements TopologyCommand {}

    /** @param table empty: all of them */
    record Rebalance(Optional<String> table) implements TopologyCommand {}

    /** There is nothing left to be balanced in these tables. */
    record ReportBalanced(List<String> tables) implements TopologyCommand {}

    record PauseBalancing(boolean paused) implements TopologyCommand {}

    /**
     * A majority of the partition's voters is gone for good: it goes on with {@code survivors} alone, who are to be up. What
     * only the others had is lost.
     */
    record RecoverPartition(PartitionId partition, List<NodeId> survivors, Set<NodeId> up, long nowMillis)
            implements TopologyCommand {}

    /** Partitions whose survivors are their whole group now. Of those that were not being recovered, no news. */
    record ReportRecovered(List<PartitionId> partitions) implements TopologyCommand {}
}
