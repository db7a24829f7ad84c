package io.aitta;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValueFactory;
import io.aitta.admin.AdminDoor;
import io.aitta.admin.DashboardRoutes;
import io.aitta.admin.HealthChecks;
import io.aitta.admin.HttpGuard;
import io.aitta.admin.LoopbackGuard;
import io.aitta.admin.TokenGuard;
import io.aitta.config.BindFailures;
import io.aitta.config.ConfigException;
import io.aitta.config.DataDirectory;
import io.aitta.config.HealthSettings;
import io.aitta.config.Settings;
import io.aitta.core.NodeId;
import io.aitta.core.replication.Term;
import io.aitta.core.topology.NodeInfo;
import io.aitta.gateway.AdminCalls;
import io.aitta.gateway.GrpcDoor;
import io.aitta.gateway.KeyBrowser;
import io.aitta.journal.Journal;
import io.aitta.metrics.Metrics;
import io.aitta.metrics.MetricsRoute;
import io.aitta.metrics.MetricsSettings;
import io.aitta.metrics.NodeReporter;
import io.aitta.metrics.Tracing;
import io.aitta.orchestrator.ClusterFile;
import io.aitta.orchestrator.ClusterNodeStates;
import io.aitta.orchestrator.OrchestratorBoot;
import io.aitta.orchestrator.OrchestratorClient;
import io.aitta.orchestrator.OrchestratorSettings;
import io.aitta.orchestrator.TopologyView;
import io.aitta.partition.ChangeDesk;
import io.aitta.partition.ChangeServer;
import io.aitta.partition.Checkpointer;
import io.aitta.partition.ClusterStewards;
import io.aitta.partition.CopyLimits;
import io.aitta.partition.ExpirySweeper;
import io.aitta.partition.HandOver;
import io.aitta.partition.LocalReplicas;
import io.aitta.partition.NodeDirectory;
import io.aitta.partition.PartitionDesk;
import io.aitta.partition.PeerMail;
import io.aitta.partition.ReplicaEntities;
import io.aitta.partition.ReplicaHost;
import io.aitta.partition.ReplicaSettings;
import io.aitta.partition.ReplicaSteward;
import io.aitta.partition.ReplicaWiring;
import io.aitta.partition.ScanServer;
import io.aitta.partition.ScanSettings;
import io.aitta.partition.SnapshotServer;
import io.aitta.partition.Stewards;
import io.aitta.partition.SweeperSettings;
import io.aitta.security.Security;
import io.aitta.store.DiskWatch;
import io.aitta.store.RocksStore;
import java.net.BindException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.AddressFromURIString;
import org.apache.pekko.actor.BootstrapSetup;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.setup.ActorSystemSetup;
import org.apache.pekko.actor.setup.Setup;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.JoinSeedNodes;
import org.apache.pekko.remote.artery.tcp.SSLEngineProviderSetup;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One life of a node: everything it consists of, put together and taken apart again in order. The composition root. */
final class Node implements AutoCloseable {
    /** How a life ended. */
    sealed interface End {
        /** As told by {@link Node#stop()}. */
        record Stopped() implements End {}

        /** The other nodes have removed this one from the cluster; it may come back. */
        record Removed() implements End {}

        /** This node may not belong to the cluster. */
        record Rejected(String message) implements End {}
    }

    private static final Logger log = LoggerFactory.getLogger(Node.class);
    private static final String SYSTEM = "aitta";
    private static final Duration START_LIMIT = Duration.ofSeconds(30);
    private static final Duration TIME_BETWEEN_TRIES = Duration.ofSeconds(1);
    private static final Duration SEEDS_REMEMBERED = Duration.ofSeconds(20);
    private static final Duration REQUESTS_UNDER_WAY = Duration.ofSeconds(5);

    private final Settings settings;
    private final NodeId self;
    private final DataDirectory directory;
    private final HealthChecks health = new HealthChecks();
    private final CompletableFuture<End> end = new CompletableFuture<>();
    /** What was opened, to be closed in the opposite order once the actor system has ended. */
    private final List<AutoCloseable> opened = new ArrayList<>();

    private ActorSystem<Void> system;
    private volatile boolean stopping;
    /** How it is going to end; unless we have a reason of our own, the others have removed us. */
    private volatile End ending = new End.Removed();

    private final LocalReplicas replicas = new LocalReplicas();
    private final NodeDirectory nodes = new NodeDirectory();
    private TopologyPlacements placements;
    private TopologyView view;
    private Stewards stewards;
    private Metrics metrics;

    private Node(Settings settings, DataDirectory directory) {
        this.settings = settings;
        this.directory = directory;
        this.self = directory.identity().nodeId();
    }

    /**
     * Starts a node. When this returns its doors are open; whether it can serve, its health checks tell.
     *
     * @throws ConfigException if a setting is wrong, or a port cannot be had
     */
    static Node start(Settings settings, DataDirectory directory) {
        var node = new Node(settings, directory);
        try {
            node.start();
            return node;
        } catch (RuntimeException failure) {
            node.close();
            throw failure;
        }
    }

    private void start() {
        var security = opened(Security.open(settings));
        var orchestratorSettings = OrchestratorSettings.from(settings.config());
        var replicaSettings = ReplicaSettings.read(settings);
        var sweeperSettings = SweeperSettings.read(settings);
        var copies = CopyLimits.read(settings);
        var healthSettings = HealthSettings.read(settings);
        var config = ConfigFactory.parseMap(Map.of(
                        "aitta.journal.dir",
                        settings.section("aitta.journal").string("dir").isEmpty()
                                ? directory.path().resolve("journal").toString()
                                : settings.section("aitta.journal").string("dir")))
                .withFallback(settings.config());
        var metricsSettings = MetricsSettings.read(settings);
        metrics = opened(new Metrics(metricsSettings, Tracing.of(settings, self.value()), self.value()));
        var journal = opened(Journal.open(config, metrics.journal()));
        var store = opened(RocksStore.open(
                directory.path().resolve("store"),
                replicaSettings.blockCacheBytes(),
                replicaSettings.writeBufferBytes()));
        var journalDir = Path.of(config.getString("aitta.journal.dir"));
        var disk = opened(DiskWatch.start(
                store,
                // A journal in PostgreSQL has no directory here.
                Files.isDirectory(journalDir) ? List.of(directory.path(), journalDir) : List.of(directory.path()),
                healthSettings.leastSpaceBytes()));
        var memory = new ClusterFile(directory.path());
        startSystem(journal.overrides().withFallback(config), memory, security);

        view = TopologyView.start(system, memory);
        var states = ClusterNodeStates.start(system);
        placements = new TopologyPlacements(
                view::current, view::onDisk, directory.identity().incarnation(), memory.known());
        var entities = new ReplicaEntities(system);
        var desk = new PartitionDesk(self, replicas, nodes, placements, entities);
        var messages = opened(new TopologyMessages(view, states));
        desk.answeredBy(system.systemActorOf(desk.behavior(), "aitta-desk", Props.empty()));

        var orchestrator = new CompletableFuture<OrchestratorClient>();
        var wiring = new ReplicaWiring(
                self,
                replicaSettings.replication(),
                replicaSettings.limits(),
                copies,
                store,
                journal.reader(system),
                journal.purge(),
                replicas,
                nodes,
                placements,
                entities,
                resident(PeerMail.create(self, replicas, nodes), PeerMail.NAME),
                (partition, term) ->
                        orchestrator.thenAccept(client -> client.reportPrimary(partition, new Term(term), self)),
                metrics.replicas());
        resident(SnapshotServer.create(replicas, copies), SnapshotServer.NAME);
        resident(desk.scans().behavior(ScanSettings.read(settings)), ScanServer.NAME);
        var steward = resident(
                ReplicaSteward.create(
                        self, replicas, store, wiring.binlogs(), view::current, copies, List.of(directory.path())),
                ReplicaSteward.NAME);
        stewards = new ClusterStewards(self, nodes, steward, system);
        resident(Checkpointer.create(store, replicas, replicaSettings.checkpointInterval()), "checkpointer");
        resident(ExpirySweeper.create(replicas, desk, sweeperSettings, System::currentTimeMillis), "expiry-sweeper");
        var host = resident(ReplicaHost.create(wiring, entities), "replica-host");
        var changes = resident(ChangeServer.create(self, replicas, nodes, placements), ChangeServer.NAME);
        opened(view.subscribe(topology -> changes.tell(ChangeServer.Review.INSTANCE)));
        opened(view.subscribeOnDisk(topology -> host.tell(ReplicaHost.Review.INSTANCE)));

        var inFlight = new CompletableFuture<IntSupplier>();
        var holdings = new NodeHoldings(store, directory.path(), inFlight);
        var reporter = resident(NodeReporter.create(metrics, holdings), NodeReporter.NAME);
        var reporters = new ClusterReporters(self, nodes, reporter, metrics.slowLog(), system);
        var cluster = orchestrator.thenApply(
                client -> Administration.of(client, view, messages, states, stewards, reporters, desk));
        var grpc = await(GrpcDoor.open(
                system,
                settings.node().host(),
                settings.grpc(),
                settings.limits(),
                security.protection(),
                new GrpcDoor.Behind(desk, new ChangeDesk(changes), messages, cluster, health::isReady, metrics)));
        inFlight.complete(grpc::requestsInFlight);
        var http = await(AdminDoor.open(
                system,
                settings.node().host(),
                settings.http(),
                security.protection().tls(),
                new AdminDoor.Behind(
                        health,
                        httpGuard(security),
                        security.protection().audit(),
                        HttpApi.routes(
                                new AdminCalls(messages, cluster, settings.limits())::call,
                                new KeyBrowser(desk, messages, settings.limits())::page,
                                settings.config()),
                        HttpApi::explain,
                        settings.grpc().defaultDeadline(),
                        List.of(MetricsRoute.of(metrics), DashboardRoutes.create()))));
        var signs = new NodeSigns(self, () -> stopping, Cluster.get(system), view, placements, replicas, journal, disk);
        watched(new NodeHealth(signs, healthSettings));
        joinCluster();
        orchestrator.complete(OrchestratorBoot.start(
                system,
                orchestratorSettings,
                new OrchestratorBoot.Node(
                        info(grpc.address().getPort(), http.address().getPort()), memory, view, states, desk, stewards),
                known -> {
                    placements.welcomed(known);
                    host.tell(ReplicaHost.Review.INSTANCE);
                },
                (reason, message) -> leave(new End.Rejected(message))));
        measure(
                metricsSettings,
                grpc,
                journal,
                messages,
                new SampledMeters.Sources(
                        self, replicas, stewards, store, () -> wiring.binlogs().databaseBytes(), holdings));
        onShutdown(grpc, http);
        log.info(
                "Node {} is open: clients at {}:{}, other nodes at {}, HTTP at {}:{}",
                self,
                settings.node().host(),
                grpc.address().getPort(),
                Cluster.get(system).selfMember().address().hostPort(),
                settings.node().host(),
                http.address().getPort());
    }

    /** What is not counted where it happens. */
    private void measure(
            MetricsSettings to,
            GrpcDoor grpc,
            Journal journal,
            TopologyMessages messages,
            SampledMeters.Sources sources) {
        var meters = new NodeMeters(metrics.registry(), self, messages);
        meters.ofDoors(grpc, replicas, journal, health::isReady);
        meters.ofReplicas(replicas);
        meters.ofTopology(view);
        opened(view.subscribe(meters::look));
        var sampled = new SampledMeters(metrics.registry(), to.partitions(), sources);
        system.scheduler()
                .scheduleWithFixedDelay(
                        Duration.ofMillis(100),
                        to.sample(),
                        sampled::sample,
                        system.dispatchers().lookup(DispatcherSelector.fromConfig(ReplicaWiring.DISPATCHER)));
    }

    private HttpGuard httpGuard(Security security) {
        String host = settings.node().host();
        var protection = security.protection();
        return protection.isOpen()
                ? new LoopbackGuard(host, security.isInsecure())
                : new TokenGuard(protection.access(), host);
    }

    private <T extends AutoCloseable> T opened(T resource) {
        opened.add(resource);
        return resource;
    }

    /** Actors whose address other nodes know, or that live as long as the node, directly under the user guardian. */
    private <T> ActorRef<T> resident(Behavior<T> behavior, String name) {
        return Adapter.spawn(
                system.classicSystem(),
                behavior,
                name,
                Props.empty()
                        .withDispatcherFromConfig(
                                name.equals(PeerMail.NAME)
                                        ? "pekko.actor.default-dispatcher"
                                        : ReplicaWiring.DISPATCHER));
    }

    private void startSystem(Config config, ClusterFile memory, Security security) {
        var node = settings.node();
        var own = ConfigFactory.empty()
                .withValue("pekko.remote.artery.canonical.hostname", ConfigValueFactory.fromAnyRef(node.host()))
                .withValue("pekko.remote.artery.canonical.port", ConfigValueFactory.fromAnyRef(node.clusterPort()))
                .withValue("pekko.cluster.seed-node-timeout", ConfigValueFactory.fromAnyRef(loneliness(config, memory)))
                .withValue("pekko.cluster.roles", ConfigValueFactory.fromIterable(List.of(NodeDirectory.roleOf(self))));
        var setups = new ArrayList<Setup>();
        if (security.nodeTls().isPresent()) {
            own = own.withValue("pekko.remote.artery.transport", ConfigValueFactory.fromAnyRef("tls-tcp"));
            setups.add(
                    SSLEngineProviderSetup.create(system -> security.nodeTls().orElseThrow()));
        }
        setups.add(BootstrapSetup.create(own.withFallback(config)));
        try {
            var classic = org.apache.pekko.actor.ActorSystem.create(
                    SYSTEM, ActorSystemSetup.create(setups.toArray(Setup[]::new)));
            system = Adapter.toTyped(classic);
        } catch (RuntimeException failure) {
            for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
                if (cause instanceof BindException) {
                    throw BindFailures.explained(node.host(), node.clusterPort(), "--cluster-port", cause);
                }
            }
            throw failure;
        }
        system.getWhenTerminated().thenRun(() -> end.complete(ending));
    }

    /**
     * How long the first of the seeds looks for the others before it begins a cluster of its own; to a node that is not the
     * first it is the time between two tries. A first one that remembers others takes its time: they run most likely, and
     * it is this node that is slow to hear them.
     */
    private Duration loneliness(Config config, ClusterFile memory) {
        var node = settings.node();
        boolean isFirst = !node.seeds().isEmpty() && node.seeds().get(0).equals(node.host() + ":" + node.clusterPort());
        boolean remembersOthers = memory.known()
                .filter(cluster -> cluster.metaMembers().size() > 1)
                .isPresent();
        if (isFirst) {
            return remembersOthers ? SEEDS_REMEMBERED : config.getDuration("pekko.cluster.seed-node-timeout");
        }
        return TIME_BETWEEN_TRIES;
    }

    private void watched(NodeHealth node) {
        health.startedUnless(node::whyNotStarted);
        health.readyUnless(node::whyNotReady);
        health.aliveUnless(node::whyNotAlive);
    }

    private void joinCluster() {
        var self = Cluster.get(system).selfMember().address();
        var seeds = new ArrayList<Address>();
        for (var seed : settings.node().seeds()) {
            seeds.add(AddressFromURIString.parse(self.protocol() + "://" + SYSTEM + "@" + seed));
        }
        Cluster.get(system).manager().tell(new JoinSeedNodes(seeds.isEmpty() ? List.of(self) : seeds));
    }

    private NodeInfo info(int grpcPort, int httpPort) {
        var node = settings.node();
        var address = Cluster.get(system).selfMember().address();
        return NodeInfo.told(
                self,
                directory.identity().incarnation(),
                node.host(),
                grpcPort,
                (Integer) address.port().get(),
                httpPort,
                node.zone(),
                node.weight());
    }

    // ---- the end ------------------------------------------------------------------------------------------------

    /** Hand over, then close the doors, then leave: in this order no request need fail. */
    private void onShutdown(GrpcDoor grpc, AdminDoor http) {
        var shutdown = CoordinatedShutdown.get(system);
        shutdown.addTask(CoordinatedShutdown.PhaseBeforeServiceUnbind(), "hand over primaries", () -> {
            stopping = true;
            return HandOver.allOf(self, replicas, system);
        });
        shutdown.addTask(
                CoordinatedShutdown.PhaseServiceUnbind(), "close the gRPC door", () -> grpc.close(REQUESTS_UNDER_WAY));
        shutdown.addTask(
                CoordinatedShutdown.PhaseServiceUnbind(), "close the HTTP door", () -> http.close(REQUESTS_UNDER_WAY));
    }

    /** Begins to stop the node; {@link #awaitEnd} tells when it has. */
    void stop() {
        leave(new End.Stopped());
    }

    private void leave(End how) {
        stopping = true;
        ending = how;
        CoordinatedShutdown.get(system).runAll(CoordinatedShutdown.unknownReason());
    }

    /** Waits until the actor system has ended. */
    End awaitEnd() {
        return end.join();
    }

    /** Ends what runs and closes what was opened. */
    @Override
    public void close() {
        if (system != null) {
            system.terminate();
            system.getWhenTerminated().toCompletableFuture().join();
        }
        for (int i = opened.size() - 1; i >= 0; i--) {
            try {
                opened.get(i).close();
            } catch (Exception failure) {
                log.error("Closing {} failed", opened.get(i), failure);
            }
        }
        opened.clear();
    }

    private static <T> T await(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture()
                    .orTimeout(START_LIMIT.toSeconds(), TimeUnit.SECONDS)
                    .join();
        } catch (CompletionException failure) {
            if (failure.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw failure;
        }
    }
}
