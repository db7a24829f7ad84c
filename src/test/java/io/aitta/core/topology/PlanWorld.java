package io.aitta.core.topology;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/**
 * A cluster for plans: nodes that are up, down or lost, and tables whose moves are done as soon as they are carried out.
 * Checks each move by rules of its own.
 */
final class PlanWorld {
    static final int ROUNDS = 40;

    private final Map<NodeId, NodeInfo> nodes = new TreeMap<>();
    private final Map<String, TableInfo> tables = new TreeMap<>();
    private final Map<String, List<PartitionInfo>> partitions = new HashMap<>();
    private final Set<NodeId> down = new TreeSet<>();
    private final Set<NodeId> lost = new TreeSet<>();
    private Moves moves = Moves.NONE;
    final List<PlannedMove> done = new ArrayList<>();

    static NodeId id(String name) {
        return new NodeId(name);
    }

    PlanWorld node(String name, String zone, int weight) {
        nodes.put(id(name), NodeInfo.told(id(name), "i-" + name, "host", 1, 2, 3, zone, weight));
        return this;
    }

    PlanWorld nodes(String... names) {
        for (String name : names) {
            node(name, "z", 1);
        }
        return this;
    }

    PlanWorld order(String name, UnaryOperator<NodeOrders> change) {
        NodeInfo node = nodes.get(id(name));
        nodes.put(node.id(), node.withOrders(change.apply(node.orders())));
        return this;
    }

    PlanWorld drain(String name) {
        return order(name, orders -> orders.drained(Optional.empty()));
    }

    PlanWorld down(String name) {
        down.add(id(name));
        return this;
    }

    PlanWorld lost(String name) {
        lost.add(id(name));
        return down(name);
    }

    PlanWorld back(String name) {
        lost.remove(id(name));
        down.remove(id(name));
        return this;
    }

    /** @param places of each partition: the names of its nodes; those of learners begin with '+' */
    PlanWorld table(String name, int replicas, String... places) {
        var epoch = new Epoch(name.equals(PartitionId.META.table()) ? 0 : 1);
        var table = new TableInfo(name, epoch, places.length, replicas, false);
        var held = new ArrayList<PartitionInfo>();
        for (String place : places) {
            List<String> all = Arrays.asList(place.split(" "));
            List<NodeId> voters = all.stream()
                    .filter(one -> !one.startsWith("+"))
                    .map(PlanWorld::id)
                    .toList();
            var partition = PartitionInfo.founded(table.partition(held.size()), voters);
            for (String one : all) {
                partition = one.startsWith("+") ? partition.with(ReplicaInfo.learner(id(one.substring(1)))) : partition;
            }
            held.add(partition);
        }
        tables.put(name, table);
        partitions.put(name, held);
        return this;
    }

    /** As a table is made. */
    PlanWorld placed(String name, int replicas, int count) {
        var candidates = nodes.values().stream()
                .map(node -> new Placement.Candidate(node.id(), node.zone(), node.weight(), 0, 0))
                .toList();
        var table = new TableInfo(name, new Epoch(1), count, replicas, false);
        var held = new ArrayList<PartitionInfo>();
        for (List<NodeId> place : Placement.place(candidates, replicas, count).orElseThrow()) {
            held.add(PartitionInfo.founded(table.partition(held.size()), place));
        }
        tables.put(name, table);
        partitions.put(name, held);
        return this;
    }

    PlanWorld change(String table, UnaryOperator<TableInfo> change) {
        tables.compute(table, (name, before) -> change.apply(before));
        return this;
    }

    PlanWorld balance(String table) {
        return change(table, before -> before.withBalanceDue(true));
    }

    PlanWorld pauseBalancing() {
        moves = new Moves(moves.begun(), moves.underWay(), moves.ended(), true);
        return this;
    }

    PlanWorld change(String table, int partition, UnaryOperator<PartitionInfo> change) {
        partitions.get(table).set(partition, change.apply(partitions.get(table).get(partition)));
        return this;
    }

    /** Begins a move, which stays under way. */
    PlanWorld begin(PlannedMove move) {
        move.to().ifPresent(to -> replace(partition(move.partition()).with(ReplicaInfo.learner(to))));
        var all = new ArrayList<>(moves.underWay());
        all.add(new Move(
                moves.begun() + 1, move.partition(), move.to(), move.from(), move.role(), move.cause(), false, 0));
        moves = new Moves(moves.begun() + 1, all, List.of(), moves.balancingPaused());
        return this;
    }

    Topology topology() {
        var all = new LinkedHashMap<TableInfo, List<PartitionInfo>>();
        tables.forEach((name, table) -> all.put(table, partitions.get(name)));
        return new Topology(new Epoch(9), "test", nodes.values(), all, moves, List.of());
    }

    Planner.Conditions conditions() {
        var up = new TreeSet<>(nodes.keySet());
        up.removeAll(down);
        return new Planner.Conditions(up, lost);
    }

    Planner.Plan plan() {
        return Planner.plan(topology(), conditions());
    }

    List<PlannedMove> planned() {
        return plan().moves();
    }

    PartitionInfo partition(String table, int number) {
        return partitions.get(table).get(number);
    }

    PartitionInfo partition(PartitionId id) {
        return partition(id.table(), id.partition());
    }

    /** Carries plan after plan out until nothing is planned any more. Returns how many there were. */
    int settle() {
        for (int round = 0; round < ROUNDS; round++) {
            Planner.Plan plan = plan();
            if (plan.moves().isEmpty() && plan.preferences().isEmpty()) {
                return round;
            }
            carryOut(plan);
        }
        throw new AssertionError("not settled after " + ROUNDS + " rounds: " + plan());
    }

    private void carryOut(Planner.Plan plan) {
        assertThat(plan.moves()).extracting(PlannedMove::partition).doesNotHaveDuplicates();
        assertThat(plan.moves()).extracting(PlannedMove::cause).isSorted();
        plan.preferences().forEach(this::prefer);
        plan.moves().forEach(this::carryOut);
    }

    void prefer(Planner.Preference preference) {
        PartitionInfo partition = partition(preference.partition());
        assertThat(partition.voters()).contains(preference.primary());
        assertThat(partition.preferredPrimary()).isNotEqualTo(preference.primary());
        replace(partition.withOrder(preference.primary(), 0));
    }

    void carryOut(PlannedMove move) {
        PartitionInfo before = partition(move.partition());
        move.to().ifPresent(to -> assertThat(mayGet(to)).as("%s", move).isTrue());
        move.from()
                .ifPresent(
                        from -> assertThat(before.isHeldBy(from)).as("%s", move).isTrue());
        int place = before.replicas().size();
        for (int i = 0; i < before.replicas().size(); i++) {
            place = move.from().equals(Optional.of(before.replicas().get(i).node())) ? i : place;
        }
        PartitionInfo after = before;
        if (move.to().isPresent()) {
            after = after.with(new ReplicaInfo(move.to().get(), move.role()));
        }
        if (move.from().isPresent()) {
            after = after.without(move.from().get());
        }
        if (move.to().isPresent()) {
            after = after.withOrder(move.to().get(), place);
        }
        checkStep(move, before, after);
        replace(after);
        done.add(move);
    }

    private void checkStep(PlannedMove move, PartitionInfo before, PartitionInfo after) {
        assertThat(2 * up(before.voters()))
                .as("majority before %s", move)
                .isGreaterThan(before.voters().size());
        assertThat(2 * up(after.voters()))
                .as("majority after %s", move)
                .isGreaterThan(after.voters().size());
        boolean meta = before.id().equals(PartitionId.META);
        if (before.voters().size() <= wanted(before) && !meta) {
            assertThat(up(after.voters())).as("live voters after %s", move).isGreaterThanOrEqualTo(up(before.voters()));
        } else if (!meta) {
            assertThat(after.voters().size()).as("voters after %s", move).isGreaterThanOrEqualTo(wanted(before));
        }
    }

    int wanted(PartitionInfo partition) {
        int own = partition.replicasWanted();
        return own > 0 ? own : tables.get(partition.id().table()).replicas();
    }

    int up(List<NodeId> some) {
        return (int) some.stream().filter(this::isUp).count();
    }

    boolean isUp(NodeId node) {
        return !down.contains(node) && !isLost(node);
    }

    boolean isLost(NodeId node) {
        return lost.contains(node) || nodes.get(node).orders().lost();
    }

    boolean mayGet(NodeId node) {
        NodeInfo info = nodes.get(node);
        return isUp(node) && info.weight() > 0 && !info.orders().draining();
    }

    List<NodeId> mayGet() {
        return nodes.keySet().stream().filter(this::mayGet).toList();
    }

    NodeInfo info(NodeId node) {
        return nodes.get(node);
    }

    List<PartitionInfo> partitions(String table) {
        return partitions.get(table);
    }

    Set<String> tables() {
        return tables.keySet();
    }

    /** How many voters of the table each node has; those without any are absent. */
    Map<String, Integer> voters(String table) {
        var counts = new TreeMap<String, Integer>();
        partitions.get(table).forEach(one -> one.voters().forEach(node -> counts.merge(node.value(), 1, Integer::sum)));
        return counts;
    }

    Map<String, Integer> learners(String table) {
        var counts = new TreeMap<String, Integer>();
        partitions.get(table).forEach(one -> one.learners()
                .forEach(node -> counts.merge(node.value(), 1, Integer::sum)));
        return counts;
    }

    Map<String, Integer> primaries(String table) {
        var counts = new TreeMap<String, Integer>();
        partitions.get(table).forEach(one -> counts.merge(one.preferredPrimary().value(), 1, Integer::sum));
        return counts;
    }

    private void replace(PartitionInfo changed) {
        partitions.get(changed.id().table()).set(changed.id().partition(), changed);
    }

    @Override
    public String toString() {
        var text = new StringBuilder();
        nodes.values().forEach(node -> text.append("\n  ")
                .append(node.id())
                .append(' ')
                .append(node.zone())
                .append(" weight ")
                .append(node.weight())
                .append(isUp(node.id()) ? "" : " down")
                .append(lost.contains(node.id()) ? " lost" : "")
                .append(' ')
                .append(node.orders()));
        tables.forEach((name, table) -> {
            text.append("\n  ").append(table);
            partitions.get(name).forEach(one -> text.append("\n    ")
                    .append(one.voters())
                    .append(" + ")
                    .append(one.learners())
                    .append(" wants ")
                    .append(one.replicasWanted()));
        });
        return text.toString();
    }
}
