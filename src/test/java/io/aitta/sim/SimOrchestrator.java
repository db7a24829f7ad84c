package io.aitta.sim;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.topology.Conductor;
import io.aitta.core.topology.Decision;
import io.aitta.core.topology.EndedMove;
import io.aitta.core.topology.Epoch;
import io.aitta.core.topology.Move;
import io.aitta.core.topology.Moves;
import io.aitta.core.topology.PartitionInfo;
import io.aitta.core.topology.PartitionReport;
import io.aitta.core.topology.StepOrder;
import io.aitta.core.topology.TableInfo;
import io.aitta.core.topology.Topology;
import io.aitta.core.topology.TopologyCommand;
import io.aitta.core.topology.TopologyState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * An orchestrator in a simulated cluster: the conductor, and a shell that is late, works on what it believes the topology
 * to be, and may not know that it is none any more.
 */
final class SimOrchestrator {
    private static final long TICK_NANOS = 100 * Plan.MS;

    private final ClusterSimulation world;
    private final SimNode host;
    private final Conductor conductor;
    private final Map<PartitionId, PartitionReport> reports = new HashMap<>();
    private Topology view;
    private final long firstOwnMove;
    private boolean isWriting;
    private boolean hasEnded;
    private final int born;
    private Conductor.Actions last;

    SimOrchestrator(ClusterSimulation world, SimNode host) {
        this.world = world;
        this.host = host;
        this.born = host.crashes();
        this.conductor = new Conductor(world.settings);
        this.view = world.topology();
        this.firstOwnMove = world.bug == ClusterBug.FORGET_MOVES ? view.moves().begun() + 1 : 0;
        tickSoon();
    }

    SimNode host() {
        return host;
    }

    /** By its node's end, or because it was told so. */
    boolean hasEnded() {
        return hasEnded || host.crashes() != born;
    }

    void end() {
        hasEnded = true;
    }

    /** Whether it neither does nor awaits anything. */
    boolean isCalm() {
        return last != null
                && last.writes().isEmpty()
                && last.orders().isEmpty()
                && last.watch().isEmpty()
                && last.planned() == 0;
    }

    @Override
    public String toString() {
        return host.id + " wants " + last;
    }

    private void tickSoon() {
        world.scheduler.after(TICK_NANOS, () -> {
            if (!hasEnded()) {
                if (host.isRunning()) {
                    tick();
                }
                tickSoon();
            }
        });
    }

    private void tick() {
        if (isWriting) {
            return;
        }
        if (world.orchestrator() == this && world.reachesMeta(host)) {
            view = world.topology();
        }
        last = conductor.decide(believed(), nodes(), reports, world.now(), world.now() / Plan.MS);
        reports.keySet().retainAll(last.watch());
        last.watch().forEach(this::ask);
        var writes = new ArrayList<>(last.writes());
        last.orders().forEach(order -> give(order, writes));
        if (!writes.isEmpty()) {
            isWriting = true;
            world.later(() -> host.whenAwake(() -> write(writes)));
        }
    }

    private Conductor.Nodes nodes() {
        var up = new HashSet<NodeId>();
        view.nodes().stream()
                .map(node -> node.id())
                .filter(node -> !host.suspected().contains(node))
                .forEach(up::add);
        return new Conductor.Nodes(up, Set.of());
    }

    private Topology believed() {
        if (firstOwnMove == 0) {
            return view;
        }
        List<Move> own = view.moves().underWay().stream()
                .filter(move -> move.id() >= firstOwnMove)
                .toList();
        var tables = new LinkedHashMap<TableInfo, List<PartitionInfo>>();
        view.tables().forEach(table -> tables.put(table, view.partitionsOf(table.name())));
        return new Topology(
                view.epoch(),
                view.clusterId(),
                view.nodes(),
                tables,
                new Moves(view.moves().begun(), own, view.moves().ended(), false),
                view.removed());
    }

    private void ask(PartitionId partition) {
        for (SimNode node : world.nodes()) {
            SimMember member = node.members().get(partition);
            if (member != null && member.isPrimary() && world.areConnected(host.id, node.id)) {
                world.later(() -> node.whenAwake(() -> node.report(
                        partition,
                        report -> world.later(() -> {
                            if (world.areConnected(host.id, node.id)) {
                                host.whenAwake(() -> hear(report));
                            }
                        }))));
            }
        }
    }

    private void hear(PartitionReport report) {
        PartitionReport heard =
                world.bug == ClusterBug.TRUST_OLD_REPORTS ? report.withEpoch(new Epoch(Long.MAX_VALUE)) : report;
        reports.merge(report.partition(), heard, (old, now) -> old.term().isNewerThan(now.term()) ? old : now);
    }

    private void give(StepOrder order, List<TopologyCommand> writes) {
        Move move = view.moves().byPartition().get(order.partition());
        StepOrder given = order;
        if (world.bug == ClusterBug.REMOVE_INSTEAD_OF_PROMOTE
                && order instanceof StepOrder.Promote
                && move != null
                && move.from().filter(from -> !from.equals(order.primary())).isPresent()) {
            given = new StepOrder.Remove(
                    order.partition(),
                    order.primary(),
                    order.term(),
                    move.from().get());
        }
        if (world.bug == ClusterBug.END_BEFORE_REMOVED && order instanceof StepOrder.Remove && move != null) {
            var outcome = move.cancelling() ? EndedMove.Outcome.CANCELLED : EndedMove.Outcome.DONE;
            writes.add(new TopologyCommand.EndMoves(List.of(new TopologyCommand.MoveEnd(move.id(), outcome, "")), 0));
        }
        StepOrder sent = given;
        world.trace("orders %s", sent);
        SimNode primary = world.node(order.primary());
        world.lately(() -> {
            if (world.areConnected(host.id, primary.id)) {
                primary.whenAwake(() -> primary.perform(sent));
            }
        });
    }

    /** One epoch after the other, until one is refused because somebody else has written. */
    private void write(List<TopologyCommand> commands) {
        isWriting = false;
        if (!world.reachesMeta(host)) {
            return;
        }
        for (TopologyCommand command : commands) {
            boolean isChange = TopologyState.decide(view, command) instanceof Decision.Accepted accepted
                    && !accepted.events().isEmpty();
            if (!isChange) {
                continue;
            }
            var events = ((Decision.Accepted) TopologyState.decide(view, command)).events();
            if (!world.write(view, events)) {
                view = world.topology();
                return;
            }
            view = world.topology();
        }
    }
}
