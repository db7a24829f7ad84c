package io.aitta.multijvm;

import io.aitta.cli.Aitta;
import io.aitta.client.AittaClient;
import io.aitta.proto.v1.AdminGrpc;
import io.aitta.proto.v1.GetTopologyRequest;
import io.aitta.proto.v1.NodeState;
import io.aitta.proto.v1.Partition;
import io.aitta.proto.v1.Replica;
import io.aitta.proto.v1.Role;
import io.aitta.proto.v1.Topology;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Real node processes on this machine, and what can happen to them. Every node has a loopback address of its own, with
 * free ports on it. {@link Stage} makes clusters and sees to it that nothing is left of them.
 */
final class Cluster implements AutoCloseable {
    static final Duration READY_LIMIT = Duration.ofSeconds(120);

    /**
     * @param nodes n1, n2, ...
     * @param cuttable whether links can be cut; else nodes talk to each other without a detour
     * @param heap of each node
     * @param main what is run: {@code aitta}, or what begins like it and has an unusual disk
     * @param settings {@code aitta.*} keys with their values, as {@code key=value}
     */
    record Plan(int nodes, boolean cuttable, String heap, Class<?> main, List<String> settings) {
        static Plan of(int nodes) {
            return new Plan(nodes, false, "256m", Aitta.class, List.of());
        }

        Plan withCuttableLinks() {
            return new Plan(nodes, true, heap, main, settings);
        }

        /** Killing a node is cutting its power: what its binlog had written, but not forced, is gone. */
        Plan withPowerCuts() {
            return new Plan(nodes, cuttable, heap, PowerCutNode.class, settings)
                    .with("aitta.journal.url-prefix=powercut:");
        }

        /** The disks of binlogs do what {@link TroubledDisk} says. */
        Plan withTroubledDisks() {
            return new Plan(nodes, cuttable, heap, TroubledDisk.Node.class, settings)
                    .with("aitta.journal.url-prefix=troubled:");
        }

        Plan withHeap(String size) {
            return new Plan(nodes, cuttable, size, main, settings);
        }

        Plan with(String... more) {
            var all = new ArrayList<>(settings);
            all.addAll(List.of(more));
            return new Plan(nodes, cuttable, heap, main, List.copyOf(all));
        }
    }

    private final Plan plan;
    private final Path dataDir;
    private final Path logDir;
    private final String network;
    private int created;
    private final List<NodeProcess> nodes = new ArrayList<>();
    private final List<NodeProcess> left = new ArrayList<>();
    private final List<AittaClient> clients = new ArrayList<>();
    private final Links links = new Links();

    /** Starts nothing yet. */
    Cluster(Plan plan, Path dataDir, Path logDir) {
        this.plan = plan;
        this.dataDir = dataDir;
        this.logDir = logDir;
        // Others may be at work on this machine: so the whole cluster has a network of its own.
        var random = ThreadLocalRandom.current();
        network = "127." + random.nextInt(1, 255) + "." + random.nextInt(0, 255) + ".";
        for (int i = 1; i <= plan.nodes(); i++) {
            create();
        }
    }

    private NodeProcess create() {
        var id = "n" + ++created;
        var node = new NodeProcess(id, network + (10 + created), dataDir.resolve(id), logDir.resolve(id + ".log"));
        node.moveTo(freePorts(node.address));
        nodes.add(node);
        return node;
    }

    /**
     * Not any that is free now: below those that the system gives to connections, or a connection of the node's own could
     * have taken the port by the time it is started again.
     */
    private static ServerSocket freePort(String address) throws IOException {
        for (int tries = 1; ; tries++) {
            try {
                int port = ThreadLocalRandom.current().nextInt(10_000, 32_000);
                return new ServerSocket(port, 1, InetAddress.getByName(address));
            } catch (BindException taken) {
                if (tries == 100) {
                    throw taken;
                }
            }
        }
    }

    private NodeProcess.Ports freePorts(String address) {
        try {
            var grpc = freePort(address);
            var http = freePort(address);
            var bind = freePort(address);
            int real = bind.getLocalPort();
            int known = plan.cuttable() ? links.open(address, real) : real;
            grpc.close();
            http.close();
            bind.close();
            return new NodeProcess.Ports(grpc.getLocalPort(), known, real, http.getLocalPort());
        } catch (IOException e) {
            throw new UncheckedIOException("no free ports on " + address, e);
        }
    }

    // ---- who is who ---------------------------------------------------------------------------------------------

    List<NodeProcess> nodes() {
        return nodes;
    }

    /** @param number from 1 */
    NodeProcess node(int number) {
        return nodes.get(number - 1);
    }

    NodeProcess node(String id) {
        return nodes.stream().filter(node -> node.id.equals(id)).findFirst().orElseThrow();
    }

    List<NodeProcess> allBut(NodeProcess one) {
        return nodes.stream().filter(node -> node != one).toList();
    }

    /** The newest that any node knows. */
    Topology topology() {
        return nodes.stream()
                .map(this::topologyOf)
                .flatMap(Optional::stream)
                .max(Comparator.comparingLong(Topology::getEpoch))
                .orElseThrow(() -> new AssertionError("no node tells the topology"));
    }

    /** As a node knows it; empty if it does not answer. */
    Optional<Topology> topologyOf(NodeProcess node) {
        if (!node.isAlive()) {
            return Optional.empty();
        }
        try {
            return Optional.of(AdminGrpc.newBlockingStub(node.channel())
                    .withDeadlineAfter(1, TimeUnit.SECONDS)
                    .getTopology(GetTopologyRequest.getDefaultInstance()));
        } catch (StatusRuntimeException e) {
            return Optional.empty();
        }
    }

    NodeProcess orchestrator() {
        return node(topology().getOrchestratorNode());
    }

    NodeProcess withMostPrimaries() {
        var byNode = topology().getPartitionsList().stream()
                .flatMap(partition -> primaryOf(partition).stream())
                .collect(Collectors.groupingBy(id -> id, Collectors.counting()));
        return node(byNode.entrySet().stream()
                .max(java.util.Map.Entry.comparingByValue())
                .orElseThrow()
                .getKey());
    }

    /** Of all tables. */
    int primariesOn(NodeProcess node) {
        return (int) topology().getPartitionsList().stream()
                .filter(partition -> primaryOf(partition).equals(Optional.of(node.id)))
                .count();
    }

    int partitionsOf(String table) {
        return topology().getTablesList().stream()
                .filter(one -> one.getName().equals(table))
                .findFirst()
                .orElseThrow()
                .getPartitions();
    }

    private static Optional<String> primaryOf(Partition partition) {
        return partition.getReplicasList().stream()
                .filter(replica -> replica.getRole() == Role.PRIMARY)
                .map(Replica::getNode)
                .findFirst();
    }

    // ---- clients ------------------------------------------------------------------------------------------------

    /** A client that knows all nodes; closed with the cluster. */
    AittaClient client(Duration deadline) {
        return client(deadline, nodes);
    }

    AittaClient client(Duration deadline, List<NodeProcess> known) {
        var client = AittaClient.builder()
                .endpoints(known.stream().map(NodeProcess::endpoint).toList())
                .deadline(deadline)
                .build();
        clients.add(client);
        return client;
    }

    // ---- what happens to nodes ----------------------------------------------------------------------------------

    /** Starts more nodes at once, which join the others; returns when they are ready. */
    void grow(int more) {
        var added = Stream.generate(this::create).limit(more).toList();
        added.forEach(this::begin);
        awaitReady(added);
    }

    /** The node belongs to the cluster no more, whether its process has ended or not. */
    void forget(NodeProcess node) {
        nodes.remove(node);
        left.add(node);
    }

    /** Returns when all nodes are ready. */
    Cluster start() {
        nodes.forEach(this::begin);
        awaitReady(nodes);
        return this;
    }

    /** Begins to start a node on the data directory it had. */
    void begin(NodeProcess node) {
        var jvm = new ArrayList<>(jvmOptions(plan.heap()));
        jvm.addAll(NodeClasses.options());
        var settings = new ArrayList<>(plan.settings());
        if (settings.stream().noneMatch(setting -> setting.startsWith("aitta.bootstrap.expect-nodes="))) {
            settings.add("aitta.bootstrap.expect-nodes=" + nodes.size());
        }
        node.start(jvm, plan.main(), nodes.stream().map(NodeProcess::seed).toList(), settings);
    }

    static List<String> jvmOptions(String heap) {
        return List.of(
                "-Xmx" + heap,
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "-Dlogback.configurationFile="
                        + Cluster.class.getResource("/multijvm-logback.xml").getPath(),
                "-Djava.util.concurrent.ForkJoinPool.common.parallelism=4");
    }

    void restart(NodeProcess node) {
        begin(node);
        awaitReady(List.of(node));
    }

    /** With the data directory it had, on other ports. */
    void restartElsewhere(NodeProcess node) {
        node.moveTo(freePorts(node.address));
        restart(node);
    }

    void awaitReady(List<NodeProcess> which) {
        for (var node : which) {
            Await.until(() -> node + " is ready", READY_LIMIT, () -> {
                if (!node.isAlive()) {
                    throw new AssertionError(node + " has ended with exit status " + node.awaitExit());
                }
                return node.isReady();
            });
        }
    }

    /** Every node sees every other one, and all the same topology. */
    void awaitWhole() {
        awaitReady(nodes);
        Await.until(() -> "all nodes know each other and one topology", Duration.ofSeconds(30), () -> {
            var views = nodes.stream().map(this::topologyOf).toList();
            return views.stream().allMatch(view -> view.isPresent() && allUp(view.get()))
                    && views.stream()
                                    .map(view -> view.get().getEpoch())
                                    .distinct()
                                    .count()
                            == 1;
        });
    }

    private boolean allUp(Topology topology) {
        return topology.getNodesList().stream()
                        .filter(node -> node.getState() == NodeState.NODE_UP)
                        .count()
                == nodes.size();
    }

    void kill(NodeProcess node) {
        node.kill();
    }

    void killAll() {
        // All are hit before the first is waited for.
        nodes.parallelStream().forEach(NodeProcess::kill);
    }

    /** SIGTERM; returns when the process has ended, which it must do by itself and with status 0. */
    void stop(NodeProcess node) {
        node.terminate();
        int status = node.awaitExit();
        // A Java VM that a signal has ended gracefully says so by its status.
        if (status != 0 && status != 128 + 15) {
            throw new AssertionError(node + " has ended with exit status " + status + " on SIGTERM");
        }
    }

    void isolate(NodeProcess node) {
        allBut(node).forEach(other -> cut(node, other));
    }

    void cut(NodeProcess one, NodeProcess other) {
        if (!plan.cuttable()) {
            throw new IllegalStateException("plan the cluster with cuttable links");
        }
        links.cut(one.address, other.address);
    }

    /** Breaks all connections between two nodes; they may connect again at once. */
    void resetConnections(NodeProcess one, NodeProcess other) {
        links.reset(one.address, other.address);
    }

    void heal() {
        links.heal();
    }

    String logTails() {
        return nodes.stream().map(NodeProcess::logTail).collect(Collectors.joining("\n"));
    }

    @Override
    public void close() throws IOException {
        clients.forEach(AittaClient::close);
        nodes.parallelStream().forEach(NodeProcess::end);
        left.forEach(NodeProcess::end);
        links.close();
    }
}
