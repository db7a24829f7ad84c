package io.aitta.orchestrator;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.topology.Conductor;
import io.aitta.core.topology.PartitionInfo;
import io.aitta.core.topology.PartitionReport;
import io.aitta.core.topology.Primary;
import io.aitta.core.topology.StepOrder;
import io.aitta.core.topology.Topology;
import io.aitta.core.topology.TopologyCommand;
import io.aitta.orchestrator.NodeStates.NodeState;
import io.aitta.orchestrator.Orchestrator.Surroundings;
import io.aitta.partition.Stewards.Declined;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.ActorContext;

/**
 * Keeps the {@link Conductor} going: shows it the topology, the nodes and the reports of the partitions it watches, and has
 * done what it decides. Used by the orchestrator's thread alone; the conductor itself works on another one, one decision
 * at a time, for it may take long when there is much to plan.
 *
 * <p>Orders go to primaries whether or not a change of the topology is under way: where {@code _meta} itself is moved, that
 * change may be waiting for the order. With nothing to watch and no news nothing is done at all.
 */
final class ConductorLoop {
    /** {@link Conductor#decide}. Called by one thread at a time. */
    interface Conducting {
        Conductor.Actions decide(
                Topology topology,
                Conductor.Nodes nodes,
                Map<PartitionId, PartitionReport> reports,
                long nowNanos,
                long wallMillis);
    }

    /** How long a node may take to answer. */
    private static final Duration LIMIT = Duration.ofSeconds(1);
    /** How often the nodes are asked about what is being watched. */
    private static final long ASK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    /** The same, for a node that was just given orders; nor does it get others sooner. */
    private static final long ASK_AFTER_ORDERS_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    /** After a failure, and after changes that were not taken. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final Surroundings its;
    private final ActorContext<OrchestratorMessage> context;
    private final Conducting conducting;
    private final Consumer<List<TopologyCommand>> writer;
    private final Executor executor;

    private Topology topology;
    // Of those that are watched.
    private final Map<PartitionId, PartitionReport> reports = new HashMap<>();
    // Watched, but whoever was asked last did not lead them.
    private final Set<PartitionId> unreported = new HashSet<>();
    // What each node is being asked about. One question a node at a time.
    private final Map<NodeId, Set<PartitionId>> asked = new HashMap<>();
    private final Map<NodeId, Long> askAgainNanos = new HashMap<>();
    private final Map<NodeId, Long> orderAgainNanos = new HashMap<>();
    // For nodes that are still busy with something else: of each partition the newest.
    private final Map<NodeId, Map<PartitionId, StepOrder>> orders = new HashMap<>();
    // Decided while something else was being written: of each kind the newest, for what an older one said it says
    // again.
    private final Map<Class<?>, TopologyCommand> waiting = new LinkedHashMap<>();
    // Null before the first decision.
    private Conductor.Actions last;
    private boolean isNews = true;
    private boolean isDeciding;
    private boolean isWriting;
    private long begunNanos;
    private long notBeforeNanos = System.nanoTime();

    /** @param writer takes what is to be written to the topology; {@link #written} is to be called when it has been */
    ConductorLoop(
            Surroundings its,
            ActorContext<OrchestratorMessage> context,
            Topology topology,
            Consumer<List<TopologyCommand>> writer) {
        this.its = its;
        this.context = context;
        this.topology = topology;
        this.writer = writer;
        conducting = its.conducting.get();
        executor = context.getSystem().dispatchers().lookup(DispatcherSelector.blocking());
        schedule();
    }

    /** How many moves wait for their turn; empty before that is known. */
    OptionalInt planned() {
        return last == null ? OptionalInt.empty() : OptionalInt.of(last.planned());
    }

    void topologyChanged(Topology now) {
        topology = now;
        news();
    }

    void news() {
        isNews = true;
        schedule();
    }

    /** @param changed whether the topology is another now */
    void written(boolean changed) {
        isWriting = false;
        if (!changed) {
            notBeforeNanos = System.nanoTime() + PAUSE_NANOS;
        }
        write(List.of());
        news();
    }

    /** What begins moves is not kept: it holds for the epoch it was decided on, and is decided again. */
    private void write(List<TopologyCommand> decided) {
        if (isWriting) {
            decided.stream()
                    .filter(command -> !(command instanceof TopologyCommand.BeginMoves))
                    .forEach(this::keep);
            return;
        }
        var all = new ArrayList<>(waiting.values());
        all.addAll(0, decided);
        waiting.clear();
        if (!all.isEmpty()) {
            isWriting = true;
            writer.accept(List.copyOf(all));
        }
    }

    private void keep(TopologyCommand command) {
        waiting.remove(command.getClass());
        waiting.put(command.getClass(), command);
    }

    /** The time has come for whatever was to be done next. */
    void onTime() {
        ask();
        long now = System.nanoTime();
        boolean isDue = isNews ? now - notBeforeNanos >= 0 : wakesAt(now);
        if (isDue && !isDeciding) {
            decide(now);
        }
        schedule();
    }

    private boolean wakesAt(long now) {
        return last != null && last.wakeAtNanos() != Long.MAX_VALUE && now - last.wakeAtNanos() >= 0;
    }

    private void schedule() {
        long now = System.nanoTime();
        long next = Long.MAX_VALUE;
        if (!isDeciding && isNews) {
            next = Math.max(0, notBeforeNanos - now);
        } else if (!isDeciding && last != null && last.wakeAtNanos() != Long.MAX_VALUE) {
            next = Math.max(0, last.wakeAtNanos() - now);
        }
        for (NodeId node : questions().keySet()) {
            if (!asked.containsKey(node)) {
                next = Math.min(next, Math.max(0, nextQuestionNanos(node, now) - now));
            }
        }
        var message = new OrchestratorMessage.ConductNow();
        if (next == Long.MAX_VALUE) {
            its.timers.cancel(message);
        } else {
            its.timers.startSingleTimer(message, Duration.ofNanos(Math.max(next, TimeUnit.MILLISECONDS.toNanos(1))));
        }
    }

    // ---- decisions ----------------------------------------------------------------------------------------------

    private void decide(long now) {
        isNews = false;
        isDeciding = true;
        begunNanos = now;
        var up = its.states.up();
        var unreachable = its.states.members().stream()
                .filter(member -> member.state() == NodeState.UNREACHABLE && !up.contains(member.node()))
                .map(NodeStates.Seen::node)
                .collect(Collectors.toSet());
        reports.values().removeIf(report -> !up.contains(report.primary()));
        var shown = topology;
        var known = Map.copyOf(reports);
        long wallMillis = System.currentTimeMillis();
        context.pipeToSelf(
                CompletableFuture.supplyAsync(
                        () -> conducting.decide(shown, new Conductor.Nodes(up, unreachable), known, now, wallMillis),
                        executor),
                OrchestratorMessage.Conducted::new);
    }

    void onConducted(OrchestratorMessage.Conducted conducted) {
        isDeciding = false;
        long now = System.nanoTime();
        if (conducted.failure() != null) {
            context.getLog().error("Replicas are not looked after for now", conducted.failure());
            notBeforeNanos = now + PAUSE_NANOS;
            isNews = true;
            schedule();
            return;
        }
        // At most half of a thread's time, however much there is to plan and however often something changes.
        notBeforeNanos = now + (now - begunNanos);
        last = conducted.actions();
        reports.keySet().retainAll(last.watch());
        unreported.retainAll(last.watch());
        write(last.writes());
        last.orders().forEach(order -> orders.computeIfAbsent(order.primary(), any -> new LinkedHashMap<>())
                .put(order.partition(), order));
        ask();
        schedule();
    }

    // ---- questions ----------------------------------------------------------------------------------------------

    /** Gives the orders, and asks whoever leads what is watched, if it is time. Who is being asked is left out. */
    private void ask() {
        long now = System.nanoTime();
        orders.keySet().retainAll(its.states.up());
        questions().forEach((node, about) -> {
            if (asked.containsKey(node) || now - nextQuestionNanos(node, now) < 0) {
                return;
            }
            asked.put(node, about);
            var steps = orders.remove(node);
            if (steps == null) {
                askForReports(node);
            } else {
                context.pipeToSelf(
                        its.stewards.perform(node, List.copyOf(steps.values()), LIMIT),
                        (declined, failure) ->
                                new OrchestratorMessage.Performed(node, failure == null ? declined : List.of()));
            }
        });
    }

    private long nextQuestionNanos(NodeId node, long now) {
        var notBefore = orders.containsKey(node) ? orderAgainNanos : askAgainNanos;
        return notBefore.getOrDefault(node, now);
    }

    /** What each node is to be asked about: what it has orders for, and what is watched: its primary, else everybody. */
    private Map<NodeId, Set<PartitionId>> questions() {
        var questions = new LinkedHashMap<NodeId, Set<PartitionId>>();
        orders.forEach((node, steps) -> questions.put(node, new HashSet<>(steps.keySet())));
        if (last == null || last.watch().isEmpty()) {
            return questions;
        }
        var up = its.states.up();
        for (PartitionId id : last.watch()) {
            PartitionInfo partition = topology.partition(id).orElse(null);
            if (partition == null) {
                continue;
            }
            Optional<NodeId> primary = Optional.ofNullable(reports.get(id))
                    .map(PartitionReport::primary)
                    .or(() -> partition.primary().map(Primary::node))
                    .filter(node -> up.contains(node) && !unreported.contains(id));
            if (primary.isPresent()) {
                questions.computeIfAbsent(primary.get(), any -> new HashSet<>()).add(id);
            } else {
                partition.replicas().stream()
                        .filter(replica -> up.contains(replica.node()))
                        .forEach(replica -> questions
                                .computeIfAbsent(replica.node(), any -> new HashSet<>())
                                .add(id));
            }
        }
        return questions;
    }

    void onPerformed(NodeId node, List<Declined> declined) {
        declined.forEach(one -> context.getLog()
                .debug("Node {} has not done {}: {} ({})", node, one.order(), one.reason(), one.message()));
        askForReports(node);
        long next = System.nanoTime() + ASK_AFTER_ORDERS_NANOS;
        askAgainNanos.put(node, next);
        orderAgainNanos.put(node, next);
    }

    private void askForReports(NodeId node) {
        askAgainNanos.put(node, System.nanoTime() + ASK_NANOS);
        context.pipeToSelf(
                its.stewards.reports(node, asked.get(node), LIMIT),
                (found, failure) -> new OrchestratorMessage.Reported(node, failure == null ? found : List.of()));
    }

    void onReported(NodeId node, List<PartitionReport> found) {
        Set<PartitionId> about = asked.remove(node);
        for (PartitionId id : about) {
            PartitionReport old = reports.get(id);
            if (old == null || old.primary().equals(node)) {
                reports.remove(id);
                unreported.add(id);
            }
        }
        for (PartitionReport report : found) {
            PartitionReport other = reports.get(report.partition());
            if (other == null || !other.term().isNewerThan(report.term())) {
                reports.put(report.partition(), report);
            }
            unreported.remove(report.partition());
        }
        askAgainNanos.keySet().retainAll(its.states.up());
        orderAgainNanos.keySet().retainAll(its.states.up());
        news();
    }
}
