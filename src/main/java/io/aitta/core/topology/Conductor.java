package io.aitta.core.topology;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.replication.Term;
import io.aitta.core.topology.TopologyCommand.BeginMoves;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;

/**
 * What the orchestrator does by itself: it begins moves where the {@link Planner} wants them, drives those under way by
 * {@link MoveSteps}, ends them, and brings primaries back to the replicas that are preferred. Deterministic: time, what is
 * known of nodes and reports of groups come in; commands for the topology and orders for primaries come out. What it
 * remembers beside the topology is for how long nodes have been away, and what it has tried, so another one can take its
 * place at any moment.
 *
 * <p>Two may be at work at once without harm: what one writes is refused if the other has changed the topology, orders
 * are bound to a primary's term and looked at again by its node ({@link MoveSteps#allows}), and a report counts only if
 * the node that made it knew what is to be judged by it. Not thread-safe.
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

    /** While something is watched, reports are wanted at least so often. */
    private static final long LOOK_NANOS = 1_000_000_000L;
    /** When to see whether what waits for its turn may begin. */
    private static final long TURN_NANOS = 5_000_000_000L;

    private final Settings settings;
    private final NodeTimes times = new NodeTimes();
    private final Orders orders = new Orders();
    private final Agenda agenda;
    private final Drive drive;
    private final Transfers transfers;
    private final Audit audit = new Audit();
    private Optional<Topology> last = Optional.empty();

    public Conductor(Settings settings) {
        this(settings, Planner::plan);
    }

    /** @param planner in the place of {@link Planner#plan} */
    public Conductor(Settings settings, BiFunction<Topology, Planner.Conditions, Planner.Plan> planner) {
        this.settings = settings;
        this.agenda = new Agenda(planner, settings);
        this.drive = new Drive(settings);
        this.transfers = new Transfers(settings);
    }

    /**
     * To be called after each change of the topology or of the nodes, when reports have come, and at the time wanted.
     * Takes long, up to a second for 10,000 partitions, when a new plan is to be made.
     *
     * @param reports the newest of each partition that was to be watched, as far as there are any
     * @param nowNanos a monotonic clock
     * @param wallMillis for what people are told: since 1970
     */
    public Actions decide(
            Topology topology, Nodes nodes, Map<PartitionId, PartitionReport> reports, long nowNanos, long wallMillis) {
        Set<NodeId> back = times.update(topology, nodes, nowNanos, settings.repairAfterNanos());
        agenda.refresh(topology, times);
        var now = new Situation(topology, times, reports, orders, nowNanos);
        drive.decide(now);
        transfers.decide(now);
        var found = new Found();
        audit.decide(now, found);
        List<PartitionId> recovered = recover(now);

        var writes = new ArrayList<TopologyCommand>();
        // First, for it is bound to the present epoch.
        List<PlannedMove> begun = new ArrayList<>(agenda.takeUp(topology, times));
        begun.addAll(found.missing);
        if (!begun.isEmpty()) {
            writes.add(new BeginMoves(topology.epoch(), begun, wallMillis));
        }
        found.promoted.addAll(drive.promoted());
        if (!found.promoted.isEmpty()) {
            writes.add(new TopologyCommand.ReportPromoted(found.promoted));
        }
        drive.cancels().forEach(id -> writes.add(new TopologyCommand.CancelMove(id, true)));
        List<TopologyCommand.PrimaryReport> primaries = primaries(now);
        if (!primaries.isEmpty()) {
            writes.add(new TopologyCommand.ReportPrimaries(primaries));
        }
        if (!drive.ends().isEmpty()) {
            writes.add(new TopologyCommand.EndMoves(drive.ends(), wallMillis));
        }
        if (!recovered.isEmpty()) {
            writes.add(new TopologyCommand.ReportRecovered(recovered));
        }
        writes.addAll(forBalance(topology, back));
        writes.addAll(removals(topology, nodes));
        last = Optional.of(topology);
        Set<PartitionId> watch = watch(topology);
        return new Actions(writes, orders.take(nowNanos), watch, agenda.size(), wakeAt(!watch.isEmpty(), nowNanos));
    }

    /** What the audit brings to light. */
    private static final class Found implements Audit.Findings {
        final List<Planner.Preference> promoted = new ArrayList<>();
        final List<PlannedMove> missing = new ArrayList<>();

        @Override
        public void promoted(PartitionId partition, NodeId learner) {
            promoted.add(new Planner.Preference(partition, learner));
        }

        /** The group does without it, so the topology should too; what is wanted beside that is planned anew. */
        @Override
        public void missing(PartitionId partition, NodeId replica) {
            if (missing.stream().noneMatch(move -> move.partition().equals(partition))) {
                missing.add(PlannedMove.remove(partition, replica, Move.Cause.REPAIR));
            }
        }
    }

    /**
     * Primaries that have reported before the topology heard of them. It must before their moves end: who goes may be given
     * the partition again, without its data, and must not listen to anybody of an earlier term then.
     */
    private static List<TopologyCommand.PrimaryReport> primaries(Situation now) {
        return now.reports().values().stream()
                .filter(PartitionReport::serving)
                .filter(report -> now.topology()
                        .partition(report.partition())
                        .filter(partition -> partition.isHeldBy(report.primary())
                                && report.term().isNewerThan(partition.term()))
                        .isPresent())
                .sorted(Comparator.comparing(PartitionReport::partition))
                .map(report -> new TopologyCommand.PrimaryReport(
                        report.partition(), new Primary(report.term(), report.primary())))
                .toList();
    }

    /** Survivors are told that they are the whole group until their primary's report shows it. */
    private List<PartitionId> recover(Situation now) {
        var done = new ArrayList<PartitionId>();
        for (PartitionInfo partition : now.topology().partitions()) {
            if (!partition.recovering()) {
                continue;
            }
            PartitionReport report = now.report(partition.id());
            List<NodeId> survivors = partition.voters();
            if (report != null
                    && report.serving()
                    && report.settled()
                    && Set.copyOf(report.membership().voters()).equals(Set.copyOf(survivors))) {
                done.add(partition.id());
            } else {
                survivors.stream()
                        .filter(times::isUp)
                        .forEach(survivor ->
                                now.order(new StepOrder.Recover(partition.id(), survivor, Term.ZERO, survivors)));
            }
        }
        return done;
    }

    private List<TopologyCommand> forBalance(Topology topology, Set<NodeId> back) {
        var writes = new ArrayList<TopologyCommand>();
        List<Planner.Preference> preferences = agenda.takePreferences(topology);
        if (!preferences.isEmpty()) {
            writes.add(new TopologyCommand.PreferPrimaries(preferences));
        }
        var balanced = new HashSet<>(agenda.balanced(topology));
        if (settings.balanceAutomatically()) {
            // Its replicas were rebuilt elsewhere while it was away.
            if (back.stream().anyMatch(node -> topology.partitionsOn(node).isEmpty())) {
                writes.add(new TopologyCommand.Rebalance(Optional.empty()));
                balanced.clear();
            }
        } else {
            balanced.addAll(dueByNodes(topology));
        }
        if (!balanced.isEmpty()) {
            writes.add(new TopologyCommand.ReportBalanced(List.copyOf(balanced)));
        }
        return writes;
    }

    /** Tables whose balance became due together with a change of the nodes, and not because somebody asked for it. */
    private List<String> dueByNodes(Topology topology) {
        if (last.isEmpty() || List.copyOf(last.get().nodes()).equals(List.copyOf(topology.nodes()))) {
            return List.of();
        }
        return topology.tables().stream()
                .filter(TableInfo::balanceDue)
                .map(TableInfo::name)
                .filter(table -> last.get()
                        .table(table)
                        .filter(before -> !before.balanceDue())
                        .isPresent())
                .toList();
    }

    /** Nodes that were given up and hold nothing any more. */
    private List<TopologyCommand> removals(Topology topology, Nodes nodes) {
        return topology.nodes().stream()
                .filter(node ->
                        node.orders().lost() && topology.partitionsOn(node.id()).isEmpty())
                .<TopologyCommand>map(node ->
                        new TopologyCommand.RemoveNode(node.id(), !nodes.up().contains(node.id()), nodes.up()))
                .toList();
    }

    private Set<PartitionId> watch(Topology topology) {
        var watch = new HashSet<PartitionId>();
        topology.moves().underWay().forEach(move -> watch.add(move.partition()));
        topology.partitions().stream()
                .filter(PartitionInfo::recovering)
                .forEach(partition -> watch.add(partition.id()));
        watch.addAll(transfers.watched());
        watch.addAll(audit.watched());
        return watch;
    }

    private long wakeAt(boolean isWatching, long now) {
        long at = Math.min(times.nextLossAt(settings.repairAfterNanos()), transfers.nextAt());
        if (isWatching) {
            at = Math.min(at, now + LOOK_NANOS);
        }
        return agenda.size() > 0 ? Math.min(at, now + TURN_NANOS) : at;
    }
}
