package io.aitta.partition;

import com.google.protobuf.ByteString;
import com.typesafe.config.ConfigFactory;
import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.kv.Operations;
import io.aitta.core.replication.ReplicationConfig;
import io.aitta.core.replication.Status;
import io.aitta.journal.Journal;
import io.aitta.metrics.ReplicaMetrics;
import io.aitta.partition.PartitionAccess.Acknowledgement;
import io.aitta.partition.PartitionAccess.ReadAnswer;
import io.aitta.partition.PartitionAccess.ReadLevel;
import io.aitta.store.RocksStore;
import io.aitta.store.Store;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Down;
import org.apache.pekko.cluster.typed.Join;

/** A node with all that replicas need, on a real journal and store, without doors and without an orchestrator. */
final class LiveNode implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long MILLI = 1_000_000;

    final NodeId id;
    final LocalReplicas replicas = new LocalReplicas();
    final NodeDirectory directory = new NodeDirectory();
    final ActorTestKit kit;
    private final Address address;
    final Journal journal;
    final Store store;
    final PartitionDesk desk;
    final Stewards stewards;
    final ActorRef<ReplicaHost.Command> host;
    final ReplicaEntities entities;
    final ReplicaWiring wiring;

    /** @param seed null: the first of its cluster */
    LiveNode(String name, Path dir, Assignments placements, LiveNode seed) {
        this(name, dir, placements, seed, new CopyLimits(4, 0));
    }

    LiveNode(String name, Path dir, Assignments placements, LiveNode seed, CopyLimits copies) {
        id = new NodeId(name);
        var config = ConfigFactory.parseMap(Map.of(
                        "aitta.journal.dir", dir.resolve("journal").toString(),
                        "pekko.cluster.roles", List.of("node-" + name)))
                .withFallback(ConfigFactory.parseResources("cluster-in-a-test.conf"))
                .withFallback(ConfigFactory.load());
        journal = Journal.open(config);
        store = RocksStore.open(dir.resolve("store"), 8 << 20, 4 << 20);
        kit = ActorTestKit.create("live", journal.overrides().withFallback(config));
        entities = new ReplicaEntities(kit.system());
        desk = new PartitionDesk(id, replicas, directory, placements, entities);
        desk.answeredBy(kit.spawn(desk.behavior()));
        wiring = new ReplicaWiring(
                id,
                new ReplicationConfig(
                        500 * MILLI,
                        50 * MILLI,
                        100 * MILLI,
                        200 * MILLI,
                        100 * MILLI,
                        5 * MILLI,
                        1_000 * MILLI,
                        1 << 20,
                        16,
                        256,
                        1 << 20,
                        1 << 10),
                new ReplicaWiring.ReplicaLimits(1_000, 16 << 20, 1_000, 256, 512 << 10, 1 << 20),
                copies,
                store,
                journal.reader(kit.system()),
                journal.purge(),
                replicas,
                directory,
                placements,
                entities,
                kit.spawn(PeerMail.create(id, replicas, directory), PeerMail.NAME),
                (partition, term) -> {},
                ReplicaMetrics.none());
        var onReplicas = Props.empty().withDispatcherFromConfig(ReplicaWiring.DISPATCHER);
        kit.spawn(SnapshotServer.create(replicas, copies), SnapshotServer.NAME, onReplicas);
        var steward = kit.spawn(
                ReplicaSteward.create(
                        id, replicas, store, wiring.binlogs(), placements::topology, copies, List.of(dir)),
                ReplicaSteward.NAME,
                onReplicas);
        stewards = new ClusterStewards(id, directory, steward, kit.system());
        host = kit.spawn(ReplicaHost.create(wiring, entities), "replica-host", onReplicas);
        var cluster = Cluster.get(kit.system());
        address = cluster.selfMember().address();
        cluster.manager().tell(new Join(seed == null ? address : seed.address));
    }

    /** Removes a node that has ended from the cluster at once. */
    void takeForDead(LiveNode ended) {
        Cluster.get(kit.system()).manager().tell(new Down(ended.address));
    }

    void review() {
        host.tell(ReplicaHost.Review.INSTANCE);
    }

    Optional<Status> status(PartitionId partition) {
        return Optional.ofNullable(replicas.get(partition)).flatMap(LocalReplica::status);
    }

    boolean isPrimary(PartitionId partition) {
        return status(partition).filter(Status::serving).isPresent();
    }

    void write(PartitionId partition, String key, byte[] value) {
        var operation = Operations.set(ByteString.copyFromUtf8(key), ByteString.copyFrom(value), null);
        var answer = desk.write(partition, operation, Acknowledgement.QUORUM, deadline())
                .toCompletableFuture()
                .orTimeout(30, TimeUnit.SECONDS)
                .join();
        if (!(answer instanceof PartitionAccess.WriteAnswer.Done)) {
            throw new AssertionError(answer);
        }
    }

    byte[] read(PartitionId partition, String key, ReadLevel level) {
        var answer = desk.read(
                        partition, List.of(key.getBytes(java.nio.charset.StandardCharsets.UTF_8)), level, deadline())
                .toCompletableFuture()
                .orTimeout(30, TimeUnit.SECONDS)
                .join();
        if (answer instanceof ReadAnswer.Values values) {
            return values.values().get(0).map(value -> value.bytes()).orElse(null);
        }
        throw new AssertionError(answer);
    }

    private static long deadline() {
        return System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    }

    void await(String what, BooleanSupplier condition) {
        kit.createTestProbe().awaitAssert(PATIENCE, Duration.ofMillis(10), () -> {
            if (!condition.getAsBoolean()) {
                throw new AssertionError(id + ": not in time: " + what);
            }
            return null;
        });
    }

    @Override
    public void close() {
        kit.shutdownTestKit();
        store.close();
        journal.close();
    }
}
