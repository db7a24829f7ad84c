package io.aitta.core.topology;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.topology.Move.Cause;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.ToIntFunction;

/**
 * What is planned and not begun yet. Planning a large cluster takes long, so a plan is kept until it is used up or what it
 * rests on has changed: nodes, tables, who is there, a move that came to nothing. Not thread-safe.
 */
final class Agenda {
    /** After preferences were written a plan is made anew; but no more often than this while nothing else changes. */
    private static final int MOST_ROUNDS = 3;

    private final BiFunction<Topology, Planner.Conditions, Planner.Plan> planner;
    private final Conductor.Settings settings;

    /** What the plan rests on. */
    private record Grounds(
            List<NodeInfo> nodes,
            List<TableInfo> tables,
            boolean paused,
            Set<NodeId> up,
            Set<NodeId> lost,
            int recovering,
            int wantedByHand,
            long takenBack) {}

    /** How far moves have come. */
    private record Progress(long begun, int underWay) {}

    private Grounds grounds;
    private Progress plannedAt;
    private Planner.Plan plan = new Planner.Plan(List.of(), List.of(), Collections.emptySortedSet());
    private List<PlannedMove> waiting = new ArrayList<>();
    private boolean arePreferencesGiven = true;
    private int preferenceRounds;

    Agenda(BiFunction<Topology, Planner.Conditions, Planner.Plan> planner, Conductor.Settings settings) {
        this.planner = planner;
        this.settings = settings;
    }

    void refresh(Topology topology, NodeTimes times) {
        var present = new Grounds(
                List.copyOf(topology.nodes()),
                List.copyOf(topology.tables()),
                topology.moves().balancingPaused(),
                times.up(),
                times.lost(),
                sum(topology, partition -> partition.recovering() ? 1 : 0),
                sum(topology, PartitionInfo::replicasWanted),
                lastTakenBack(topology.moves()));
        Map<PartitionId, Move> underWay = topology.moves().byPartition();
        waiting.removeIf(planned -> underWay.containsKey(planned.partition()) || !fits(planned, topology));
        boolean isNew = !present.equals(grounds) || !progress(topology).equals(plannedAt);
        boolean isUsedUp = waiting.isEmpty() && (isNew || preferenceRounds > 0 && preferenceRounds < MOST_ROUNDS);
        if (!present.equals(grounds) || isUsedUp) {
            preferenceRounds = isNew ? 0 : preferenceRounds;
            grounds = present;
            plannedAt = progress(topology);
            plan = planner.apply(topology, new Planner.Conditions(times.up(), times.lost()));
            waiting = new ArrayList<>(plan.moves());
            arePreferencesGiven = false;
        }
    }

    private static int sum(Topology topology, ToIntFunction<PartitionInfo> what) {
        return topology.partitions().stream().mapToInt(what).sum();
    }

    private static Progress progress(Topology topology) {
        return new Progress(
                topology.moves().begun(), topology.moves().underWay().size());
    }

    private static long lastTakenBack(Moves moves) {
        return moves.ended().stream()
                .filter(ended -> ended.outcome() != EndedMove.Outcome.DONE)
                .mapToLong(ended -> ended.move().id())
                .max()
                .orElse(0);
    }

    private static boolean fits(PlannedMove planned, Topology topology) {
        return topology.partition(planned.partition())
                .filter(held -> planned.to().map(to -> !held.isHeldBy(to)).orElse(true))
                .filter(held -> planned.from().map(held::isHeldBy).orElse(true))
                .isPresent();
    }

    int size() {
        return waiting.size();
    }

    /** The partitions that should prefer another primary; told once for each plan. */
    List<Planner.Preference> takePreferences(Topology topology) {
        if (arePreferencesGiven) {
            return List.of();
        }
        arePreferencesGiven = true;
        preferenceRounds = plan.preferences().isEmpty() ? 0 : preferenceRounds + 1;
        return plan.preferences().stream()
                .filter(wanted -> topology.partition(wanted.partition())
                        .filter(held -> !held.preferredPrimary().equals(wanted.primary()))
                        .isPresent())
                .toList();
    }

    /** Tables whose balance was due and is reached, by a plan that is up to date. */
    List<String> balanced(Topology topology) {
        if (!progress(topology).equals(plannedAt)) {
            return List.of();
        }
        return topology.tables().stream()
                .filter(TableInfo::balanceDue)
                .map(TableInfo::name)
                .filter(table -> !plan.unbalanced().contains(table)
                        && topology.moves().underWay().stream()
                                .noneMatch(move -> move.partition().table().equals(table)))
                .toList();
    }

    /**
     * What may begin now, by urgency, within the limits. Moves of groups that have no majority do not count, since they
     * cannot go on; and none is begun there.
     */
    List<PlannedMove> takeUp(Topology topology, NodeTimes times) {
        var load = new HashMap<NodeId, Integer>();
        int active = 0;
        for (Move move : topology.moves().underWay()) {
            if (topology.partition(move.partition()).filter(times::isMajorityUp).isPresent()) {
                active++;
                count(load, move.to().stream().toList());
                count(load, move.from().filter(times::isUp).stream().toList());
            }
        }
        boolean doRepairsWait = waiting.stream().anyMatch(move -> move.cause() == Cause.REPAIR);
        var begun = new ArrayList<PlannedMove>();
        for (PlannedMove planned : waiting) {
            var nodes = new ArrayList<>(planned.to().stream().toList());
            planned.from().filter(times::isUp).ifPresent(nodes::add);
            boolean hasRoom = active + begun.size() < settings.movesAtOnce()
                    && nodes.stream().allMatch(node -> load.getOrDefault(node, 0) < settings.movesOfNode());
            boolean mustWait = doRepairsWait && planned.cause() == Cause.BALANCE;
            if (hasRoom && !mustWait && canBegin(planned, topology, times)) {
                begun.add(planned);
                count(load, nodes);
            }
        }
        return begun;
    }

    private static void count(Map<NodeId, Integer> load, List<NodeId> nodes) {
        nodes.forEach(node -> load.merge(node, 1, Integer::sum));
    }

    private static boolean canBegin(PlannedMove planned, Topology topology, NodeTimes times) {
        PartitionInfo partition = topology.partition(planned.partition()).orElseThrow();
        boolean isTargetThere = planned.to().map(times::isUp).orElse(true);
        // A copy that is there is not given up while another one may be lost.
        boolean isSpare = planned.to().isPresent()
                || partition.voters().stream()
                        .filter(voter -> !planned.from().equals(Optional.of(voter)))
                        .allMatch(times::isUp)
                || planned.from()
                        .filter(from -> times.isUp(from) && partition.voters().contains(from))
                        .isEmpty();
        return isTargetThere && isSpare && !partition.recovering() && times.isMajorityUp(partition);
    }
}
