package io.aitta.sim;

import static io.aitta.sim.SimulationFailure.unless;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.replication.Input;
import io.aitta.core.replication.Membership;
import io.aitta.core.replication.PeerMessage;
import io.aitta.core.replication.ReplicationConfig;
import io.aitta.core.topology.Conductor;
import io.aitta.core.topology.Decision;
import io.aitta.core.topology.NodeInfo;
import io.aitta.core.topology.PartitionInfo;
import io.aitta.core.topology.Planner;
import io.aitta.core.topology.TableInfo;
import io.aitta.core.topology.TableOptions;
import io.aitta.core.topology.Topology;
import io.aitta.core.topology.TopologyCommand;
import io.aitta.core.topology.TopologyEvent;
import io.aitta.core.topology.TopologyState;
import io.aitta.history.Operation;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/**
 * A cluster of nodes with hundreds of partitions and its orchestrators, without sockets and in virtual time, wholly
 * determined by its seed. First there is trouble, and people order this and that; then all must become as the plan wants
 * it: groups as in the topology, nothing left over anywhere.
 */
final class ClusterSimulation {
    static final int NODES = 5;
    private static final long TROUBLE_NANOS = 25_000 * Plan.MS;
    private static final long MAX_COPY_NANOS = 1_500 * Plan.MS;
    /** In so long a time a move ends, or all are over. */
    private static final long PATIENCE_NANOS = 60_000 * Plan.MS;

    final Scheduler scheduler = new Scheduler();
    final SplittableRandom random;
    final ClusterBug bug;
    final Operations operations = new Operations();
    final ClusterChecks checks = new ClusterChecks(this);
    final ReplicationConfig config;
    final Conductor.Settings settings;
    final long maxCopyNanos;

    private final Trace trace;
    private final Map<NodeId, SimNode> nodes = new LinkedHashMap<>();
    private final Map<PartitionId, SimGroup> groups = new HashMap<>();
    private final Set<NodeId> cutOff = new HashSet<>();
    private final ClusterTrouble trouble;
    private Topology topology = Topology.EMPTY;
    private SimOrchestrator orchestrator;
    private boolean troubled = true;
    private long movesDone;

    private ClusterSimulation(
            SplittableRandom random, long maxCopyNanos, long keepBytes, ClusterBug bug, int partitions, Trace trace) {
        this.random = random;
        this.bug = bug;
        this.trace = trace;
        this.maxCopyNanos = maxCopyNanos;
        this.config = new ReplicationConfig(
                400 * Plan.MS,
                40 * Plan.MS,
                20 * Plan.MS,
                100 * Plan.MS,
                60 * Plan.MS,
                10 * Plan.MS,
                500 * Plan.MS,
                1 << 16,
                4,
                64,
                1 << 20,
                keepBytes);
        this.settings = new Conductor.Settings(
                random.nextInt(2, 20) * (1 + partitions / 30),
                random.nextInt(2, 8) * (1 + partitions / 30),
                random.nextInt(1, 10),
                6_000 * Plan.MS,
                1_000 * Plan.MS,
                3_000 * Plan.MS,
                500 * Plan.MS,
                true);
        this.trouble = new ClusterTrouble(this);
        found(partitions);
    }

    /** @throws AssertionError or RuntimeException if a promise is broken */
    static ClusterSimulation run(long seed, ClusterBug bug, int partitions, Trace trace) {
        var random = new SplittableRandom(seed);
        long maxCopyNanos = random.nextLong(1, 1500) * Plan.MS;
        long keepBytes = random.nextBoolean() ? 0 : 1 << 20;
        var world = new ClusterSimulation(random, maxCopyNanos, keepBytes, bug, partitions, trace);
        world.begin();
        world.trouble.begin();
        world.scheduler.runUntil(TROUBLE_NANOS);
        world.end();
        return world;
    }

    /**
     * One in which messages get lost and come late, and nothing else goes wrong by itself. Logs are not kept, so who is
     * given a replica is given a whole copy.
     */
    static ClusterSimulation withoutCrashes(long seed, int partitions, Trace trace) {
        var world = new ClusterSimulation(
                new SplittableRandom(seed), MAX_COPY_NANOS, 0, ClusterBug.NONE, partitions, trace);
        world.begin();
        return world;
    }

    private void found(int partitions) {
        List<NodeInfo> founders =
                IntStream.rangeClosed(1, NODES).mapToObj(this::info).toList();
        List<NodeId> ids = founders.stream().map(NodeInfo::id).toList();
        ids.forEach(id -> nodes.put(id, new SimNode(this, id)));
        var table = new TopologyCommand.CreateTable(
                "t",
                OptionalInt.of(partitions),
                OptionalInt.of(3),
                TableOptions.DEFAULT,
                new TopologyCommand.TableDefaults(partitions, 3),
                Set.copyOf(ids));
        change(new TopologyCommand.FoundCluster("c", founders, ids.subList(0, 3), table));
    }

    NodeInfo info(int number) {
        var id = new NodeId("n" + number);
        return NodeInfo.told(id, "i-" + id, "h", 1, 2, 3, "z" + number % 2, 1 + number % 3);
    }

    private void begin() {
        every(50 * Plan.MS, () -> nodes.values().forEach(node -> {
            if (random.nextInt(3) > 0 && reachesMeta(node)) {
                node.hear(topology);
            }
        }));
        every(100 * Plan.MS, this::detectFailures);
        every(500 * Plan.MS, () -> nodes.values().forEach(SimNode::reportPrimaries));
        every(100 * Plan.MS, this::keepAnOrchestrator);
        every(10 * Plan.MS, this::writeSomething);
    }

    /** Trouble is over: all must become as the plan wants it. */
    void end() {
        trace("trouble is over");
        troubled = false;
        cutOff.clear();
        nodes.values().forEach(SimNode::resume);
        nodes.values().forEach(SimNode::restart);
        submit(new TopologyCommand.PauseBalancing(false));
        converge();
        movesDone = topology.moves().begun();
    }

    private void converge() {
        // Those that are dead must count as lost before the plan is what it will be.
        scheduler.runUntil(scheduler.now() + settings.repairAfterNanos() + 1_000 * Plan.MS);
        long limit = scheduler.now() + PATIENCE_NANOS;
        long begun = topology.moves().begun();
        String left = left();
        while (!left.isEmpty()) {
            unless(scheduler.now() < limit, "not as the plan wants it: %s", left);
            scheduler.runUntil(scheduler.now() + 500 * Plan.MS);
            left = left();
            if (topology.moves().begun() > begun) {
                begun = topology.moves().begun();
                limit = scheduler.now() + PATIENCE_NANOS;
            }
        }
    }

    private String left() {
        var up = new HashSet<NodeId>();
        var lost = new HashSet<NodeId>();
        topology.nodes().forEach(info -> (node(info.id()).isRunning() ? up : lost).add(info.id()));
        var plan = Planner.plan(topology, new Planner.Conditions(up, lost));
        if (!plan.moves().isEmpty()) {
            return "planned: " + plan.moves();
        }
        if (topology.tables().stream().anyMatch(TableInfo::balanceDue)) {
            return "a balance is due: " + plan;
        }
        String unfinished = checks.unfinished();
        boolean isCalm = orchestrator != null && orchestrator.isCalm();
        return unfinished.isEmpty() && !isCalm ? "the orchestrator is busy: " + orchestrator : unfinished;
    }

    // ---- time and the network -----------------------------------------------------------------------------------

    long now() {
        return scheduler.now();
    }

    /** Lets happen what is to happen until it is so, and nothing more. */
    void runUntil(String what, BooleanSupplier isSo) {
        long limit = now() + PATIENCE_NANOS;
        while (!isSo.getAsBoolean()) {
            unless(now() < limit, "not within %d s: %s", PATIENCE_NANOS / (1_000 * Plan.MS), what);
            scheduler.runNext();
        }
    }

    private void every(long nanos, Runnable action) {
        scheduler.after(nanos, () -> {
            action.run();
            every(nanos, action);
        });
    }

    /** After what a message takes. */
    void later(Runnable action) {
        scheduler.after(delay(), action);
    }

    /** Orders may take their time. */
    void lately(Runnable action) {
        boolean isLate = troubled && random.nextInt(10) == 0;
        scheduler.after(isLate ? random.nextLong(4_000 * Plan.MS) : delay(), action);
    }

    private long delay() {
        boolean isLate = troubled && random.nextInt(50) == 0;
        return random.nextLong(Plan.MS / 10, isLate ? 200 * Plan.MS : 2 * Plan.MS);
    }

    void send(SimMember from, NodeId to, PeerMessage message) {
        boolean isLost = troubled && random.nextInt(200) == 0;
        if (!isLost) {
            later(() -> {
                SimNode target = nodes.get(to);
                if (target != null && areConnected(from.id(), to)) {
                    target.whenAwake(() -> member(to, from.group.id)
                            .ifPresent(member -> member.tell(new Input.Receive(from.id(), message))));
                }
            });
        }
    }

    boolean areConnected(NodeId a, NodeId b) {
        return cutOff.contains(a) == cutOff.contains(b);
    }

    /** {@code _meta} is with the majority. */
    boolean reachesMeta(SimNode node) {
        return !cutOff.contains(node.id);
    }

    void cutOff(Collection<NodeId> some) {
        cutOff.clear();
        cutOff.addAll(some);
    }

    private void detectFailures() {
        for (SimNode observer : nodes.values()) {
            for (SimNode peer : nodes.values()) {
                if (observer != peer && observer.isRunning() && random.nextInt(3) > 0) {
                    observer.observe(peer.id, peer.isRunning() && areConnected(observer.id, peer.id));
                }
            }
        }
    }

    // ---- the topology -------------------------------------------------------------------------------------------

    Topology topology() {
        return topology;
    }

    /** Compares and sets. */
    boolean write(Topology before, List<TopologyEvent> events) {
        boolean isNewest = topology.epoch().equals(before.epoch());
        if (!isNewest && bug != ClusterBug.WRITE_WITHOUT_COMPARE) {
            return false;
        }
        Topology next = TopologyState.evolve(before, events);
        if (!(events.get(0) instanceof TopologyEvent.PrimariesReported)) {
            trace("epoch %s: %s", next.epoch(), events);
        }
        topology = next;
        return true;
    }

    /** What others than the conductor want changed goes through whichever orchestrator there is. */
    void submit(TopologyCommand command) {
        later(() -> change(command));
    }

    private void change(TopologyCommand command) {
        if (TopologyState.decide(topology, command) instanceof Decision.Accepted accepted
                && !accepted.events().isEmpty()) {
            write(topology, accepted.events());
        }
    }

    // ---- orchestrators ------------------------------------------------------------------------------------------

    SimOrchestrator orchestrator() {
        return orchestrator;
    }

    private void keepAnOrchestrator() {
        boolean isGone = orchestrator == null || orchestrator.hasEnded() || !reachesMeta(orchestrator.host());
        if (isGone && (!troubled || random.nextInt(5) == 0)) {
            nextOrchestrator(false);
        }
    }

    /** @param isTold whether the one before learns at once that it is none any more, or some time after */
    void nextOrchestrator(boolean isTold) {
        if (orchestrator != null) {
            scheduler.after(isTold ? 0 : random.nextLong(8_000 * Plan.MS), orchestrator::end);
        }
        List<SimNode> able = nodes.values().stream()
                .filter(node -> node.isRunning() && reachesMeta(node))
                .toList();
        if (!able.isEmpty()) {
            orchestrateFrom(able.get(random.nextInt(able.size())));
        }
    }

    private void orchestrateFrom(SimNode host) {
        orchestrator = new SimOrchestrator(this, host);
        trace("orchestrator on %s", host.id);
    }

    /** Makes this node's the only orchestrator. */
    void moveOrchestratorTo(SimNode host) {
        if (orchestrator != null) {
            orchestrator.end();
        }
        orchestrateFrom(host);
    }

    // ---- nodes and groups ---------------------------------------------------------------------------------------

    Collection<SimNode> nodes() {
        return nodes.values();
    }

    SimNode node(NodeId id) {
        return nodes.get(id);
    }

    void join() {
        NodeInfo info = info(nodes.size() + 1);
        nodes.put(info.id(), new SimNode(this, info.id()));
        submit(new TopologyCommand.RegisterNode(info));
    }

    SimGroup group(PartitionInfo partition) {
        return groups.computeIfAbsent(
                partition.id(), id -> new SimGroup(id, new Membership(partition.founders(), List.of())));
    }

    SimGroup groupOf(PartitionId id) {
        return groups.get(id);
    }

    Collection<SimGroup> groups() {
        return groups.values();
    }

    Optional<SimMember> member(NodeId node, PartitionId partition) {
        return Optional.ofNullable(nodes.get(node))
                .flatMap(held -> Optional.ofNullable(held.members().get(partition)));
    }

    private void writeSomething() {
        if (!troubled) {
            return;
        }
        List<PartitionInfo> partitions = topology.partitionsOf("t");
        PartitionInfo one = partitions.get(random.nextInt(partitions.size()));
        byte[] batch = operations.add(Operation.set("k" + random.nextInt(3), "v" + now()), 0);
        for (SimNode node : nodes.values()) {
            SimMember member = node.members().get(one.id());
            if (member != null && node.isRunning() && member.isPrimary()) {
                member.tell(new Input.Propose(batch));
                return;
            }
        }
    }

    boolean troubled() {
        return troubled;
    }

    /** How many moves were begun in all. */
    long moves() {
        return movesDone;
    }

    void trace(String format, Object... values) {
        if (trace != null) {
            trace.add(scheduler.now(), format, values);
        }
    }
}
