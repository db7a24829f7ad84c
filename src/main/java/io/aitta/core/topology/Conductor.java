package io.aitta.core.topology;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the orchestrator does by itself: it begins moves where the {@link Planner} wants them, drives those under way by
 * {@link MoveSteps}, ends them, and brings primaries back to the replicas that are preferred. Deterministic: time, what is
 * known of nodes and reports of groups come in; commands for the topology and orders for primaries come out. What it
 * remembers beside the topology is only for how long nodes have been away, so another one can take its place at any
 * moment. Not thread-safe.
 */
public final class Conductor {
    /**
     * @param movesAtOnce in the whole cluster, at least 1
     * @param movesOfNode to or from one node at once, at least 1
     * @param transfersAtOnce of primaries in the whole cluster, at least 1
     * @param repairAfterNanos a node that is away longer has its replicas rebuilt elsewhere
     * @param returnAfterNanos a preferred primary must have been up so long before it is given its role back
     * @param targetPatienceNanos a move to a node that is away longer is taken back
     * @param slowDownAfterNanos a copy that is complete but has not caught up for so long has writers slowed down
     * @param balanceAutomatically whether nodes that come, or change their weight, set off a balance by themselves
     */
    public record Settings(
            int movesAtOnce,
            int movesOfNode,
            int transfersAtOnce,
            long repairAfterNanos,
            long returnAfterNanos,
            long targetPatienceNanos,
            long slowDownAfterNanos,
            boolean balanceAutomatically) {}

    /** What is known of the nodes now; those in neither are down. */
    public record Nodes(Set<NodeId> up, Set<NodeId> unreachable) {}

    /**
     * @param writes to be written to the topology, each as an epoch of its own or several in one, in this order
     * @param orders for primaries
     * @param watch partitions of which reports are wanted with the next call
     * @param planned how many more moves wait for their turn
     * @param wakeAtNanos when to ask again at the latest, though nothing happens; {@link Long#MAX_VALUE}: not at all
     */
    public record Actions(
            List<TopologyCommand> writes,
            List<StepOrder> orders,
            Set<PartitionId> watch,
            int planned,
            long wakeAtNanos) {}

    private final Settings settings;

    public Conductor(Settings settings) {
        this.settings = settings;
    }

    /**
     * To be called after each change of the topology or of the nodes, when reports have come, and at the time wanted.
     *
     * @param reports the newest of each partition that was to be watched, as far as there are any
     * @param nowNanos a monotonic clock
     * @param wallMillis for what people are told: since 1970
     */
    public Actions decide(
            Topology topology, Nodes nodes, Map<PartitionId, PartitionReport> reports, long nowNanos, long wallMillis) {
        throw new UnsupportedOperationException("not written yet " + settings);
    }
}
