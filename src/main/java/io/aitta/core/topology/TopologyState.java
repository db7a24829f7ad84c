package io.aitta.core.topology;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/**
 * The rules by which the topology changes. {@link #decide} says what a command would change, {@link #evolve} changes it.
 * What decide accepted, evolve takes; the events of a decision are for the very topology they were decided on.
 *
 * <p>The rules themselves are in {@link TableRules}, {@link NodeRules}, {@link MoveRules} and {@link PrimaryRules}.
 */
public final class TopologyState {
    public static final String META_TABLE = PartitionId.META.table();
    public static final int MAX_PARTITIONS = 4_096;
    /** Of one partition: voters, and likewise learners of one zone. */
    public static final int MAX_REPLICAS = 7;
    /** In all tables together; with the next limit it keeps a whole topology below 700 kB when encoded. */
    public static final int MAX_PARTITIONS_OF_CLUSTER = 32_768;
    /** Wanted, voters and learners. */
    public static final int MAX_REPLICAS_OF_CLUSTER = 131_072;

    private static final Map<Class<?>, BiFunction<Topology, TopologyCommand, Decision>> RULES = new HashMap<>();

    static {
        rule(TopologyCommand.FoundCluster.class, TopologyState::found);
        rule(TopologyCommand.CreateTable.class, TableRules::create);
        rule(TopologyCommand.AlterTable.class, TableRules::alter);
        rule(TopologyCommand.DropTable.class, TableRules::drop);
        rule(TopologyCommand.SetReplicas.class, TableRules::setReplicas);
        rule(TopologyCommand.SetLearners.class, TableRules::setLearners);
        rule(TopologyCommand.Rebalance.class, TableRules::rebalance);
        rule(TopologyCommand.ReportBalanced.class, TableRules::balanced);
        rule(TopologyCommand.PauseBalancing.class, TableRules::pauseBalancing);
        rule(TopologyCommand.RegisterNode.class, NodeRules::register);
        rule(TopologyCommand.SetNodeWeight.class, NodeRules::setWeight);
        rule(TopologyCommand.SetNodeZone.class, NodeRules::setZone);
        rule(TopologyCommand.DrainNode.class, NodeRules::drain);
        rule(TopologyCommand.UndrainNode.class, NodeRules::undrain);
        rule(TopologyCommand.RemoveNode.class, NodeRules::remove);
        rule(TopologyCommand.OrderMove.class, MoveRules::order);
        rule(TopologyCommand.BeginMoves.class, MoveRules::begin);
        rule(TopologyCommand.CancelMove.class, MoveRules::cancel);
        rule(TopologyCommand.ReportPromoted.class, MoveRules::promoted);
        rule(TopologyCommand.EndMoves.class, MoveRules::end);
        rule(TopologyCommand.ReportPrimaries.class, PrimaryRules::report);
        rule(TopologyCommand.PreferPrimaries.class, PrimaryRules::prefer);
        rule(TopologyCommand.RecoverPartition.class, PrimaryRules::recover);
        rule(TopologyCommand.ReportRecovered.class, PrimaryRules::recovered);
    }

    private TopologyState() {}

    private static <C extends TopologyCommand> void rule(Class<C> kind, BiFunction<Topology, C, Decision> rule) {
        RULES.put(kind, (topology, command) -> rule.apply(topology, kind.cast(command)));
    }

    static boolean knows(Class<?> command) {
        return RULES.containsKey(command);
    }

    /** What would change. Nothing is changed by asking. */
    public static Decision decide(Topology topology, TopologyCommand command) {
        var rule = RULES.get(command.getClass());
        if (rule == null) {
            throw new IllegalArgumentException("unknown command " + command);
        }
        return rule.apply(topology, command);
    }

    /**
     * The topology one epoch later.
     *
     * @throws IllegalArgumentException if the events do not fit the topology
     */
    public static Topology evolve(Topology topology, List<TopologyEvent> events) {
        var next = new TopologyDraft(topology);
        events.forEach(next::apply);
        return next.finished();
    }

    /** The sentence for a node that comes with another data directory than the one the cluster knows it by. */
    public static String nodeIdInUse(NodeId id) {
        return "the cluster knows node " + id + " with another data directory; start it with that directory, or with"
                + " another --node-id: it will be used as a new node";
    }

    private static Decision found(Topology topology, TopologyCommand.FoundCluster found) {
        if (topology.epoch().isNewerThan(Epoch.ZERO)) {
            throw new IllegalArgumentException("cluster '" + topology.clusterId() + "' is founded already");
        }
        var events = new ArrayList<TopologyEvent>();
        events.add(new TopologyEvent.ClusterFounded(found.clusterId()));
        for (NodeInfo node : found.nodes()) {
            events.add(new TopologyEvent.NodeRegistered(
                    node.withRegisteredEpoch(topology.epoch().next())));
        }
        events.add(new TopologyEvent.TableCreated(
                new TableInfo(META_TABLE, Epoch.ZERO, 1, found.metaReplicas(), true), List.of(found.metaMembers())));
        // The first table's epoch is the founding one, so it is decided on the old epoch with the new nodes.
        var withNodes = new Topology(topology.epoch(), found.clusterId(), found.nodes(), Map.of());
        if (TableRules.create(withNodes, found.firstTable()) instanceof Decision.Accepted table) {
            events.addAll(table.events());
        }
        return new Decision.Accepted(events);
    }
}
