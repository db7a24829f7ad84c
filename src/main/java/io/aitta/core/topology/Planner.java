package io.aitta.core.topology;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import java.util.List;
import java.util.Set;

/** Says what should be moved where. A pure function: weights, zones, load and present place in, few moves out. */
public final class Planner {
    private Planner() {}

    /**
     * What is known of the nodes beside the topology.
     *
     * @param up they can be reached now: only they get replicas
     * @param lost gone longer than is waited for: their replicas are to be replaced
     */
    public record Conditions(Set<NodeId> up, Set<NodeId> lost) {}

    /**
     * @param moves by urgency; at most one for each partition, none for one that has a move under way. When they and those
     *     under way are done, another plan may hold more, for some things take two steps
     * @param preferences partitions that should prefer another of their replicas as primary
     */
    public record Plan(List<PlannedMove> moves, List<Preference> preferences) {}

    /** @param primary one of the partition's voters */
    public record Preference(PartitionId partition, NodeId primary) {}

    /** What should be done now. Balances only tables whose balance is due, and none while balancing is paused. */
    public static Plan plan(Topology topology, Conditions conditions) {
        throw new UnsupportedOperationException("not written yet");
    }
}
