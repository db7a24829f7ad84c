package io.aitta.core.topology;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

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
     * @param preferences partitions that should prefer another of their replicas as primary; at most one for each
     * @param unbalanced tables whose balance is due and not reached yet: something of theirs is planned, under way, or
     *     waits until a node that is down is back or lost, or until balancing is no longer paused
     */
    public record Plan(List<PlannedMove> moves, List<Preference> preferences, Set<String> unbalanced) {
        public Plan {
            moves = List.copyOf(moves);
            preferences = List.copyOf(preferences);
            unbalanced = Collections.unmodifiableSortedSet(new TreeSet<>(unbalanced));
        }
    }

    /** @param primary one of the partition's voters */
    public record Preference(PartitionId partition, NodeId primary) {}

    /**
     * What should be done now. Balances only tables whose balance is due, and none while balancing is paused; then with as
     * few moves as there can be to bring each of them by itself within one of its shares, whatever of these is carried out
     * first; and then with those that lessen what the tables' roundings add up to.
     */
    public static Plan plan(Topology topology, Conditions conditions) {
        var nodes = new PlanNodes(topology, conditions);
        Map<PartitionId, Move> underWay = topology.moves().byPartition();
        List<TablePlan> tables = topology.tables().stream()
                .map(table -> new TablePlan(topology, table, underWay, nodes))
                .toList();
        tables.forEach(TablePlan::planMoves);
        if (tables.stream().allMatch(TablePlan::isQuiet) && tables.stream().anyMatch(TablePlan::isBalanced)) {
            new Roundings(tables, nodes).plan();
        }
        List<PlannedMove> moves = tables.stream()
                .flatMap(table -> table.moves().stream())
                .sorted(Comparator.comparing(PlannedMove::cause))
                .toList();
        List<Preference> preferences = new Primaries(tables, nodes).preferences();
        Set<String> preferring = preferences.stream()
                .map(preference -> preference.partition().table())
                .collect(Collectors.toSet());
        Set<String> unbalanced = tables.stream()
                .filter(table -> table.isUnbalanced()
                        || table.table().balanceDue()
                                && preferring.contains(table.table().name()))
                .map(table -> table.table().name())
                .collect(Collectors.toCollection(TreeSet::new));
        return new Plan(moves, preferences, unbalanced);
    }
}
