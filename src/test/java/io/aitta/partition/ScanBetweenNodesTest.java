package io.aitta.partition;

import static io.aitta.partition.FakePlacements.PARTITION;
import static io.aitta.partition.Statuses.N1;
import static io.aitta.partition.Statuses.N2;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.aitta.core.NodeId;
import io.aitta.core.kv.Batches;
import io.aitta.core.kv.KeySpan;
import io.aitta.core.kv.Operations;
import io.aitta.partition.PartitionAccess.CountAnswer;
import io.aitta.partition.PartitionAccess.ReadLevel;
import io.aitta.partition.PartitionAccess.Reason;
import io.aitta.partition.PartitionAccess.ScanAnswer;
import io.aitta.partition.PartitionAccess.ScanQuery;
import io.aitta.store.ReplicaStore;
import io.aitta.store.ReplicaStore.Row;
import io.aitta.store.RocksStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Node n1, which has no replica of the partition, scans the one on n2: over loopback, by the messages of real nodes. */
class ScanBetweenNodesTest {
    private static final int LARGEST_VALUE = 512 << 10;

    @TempDir
    static Path directory;

    private static final FakePlacements PLACEMENTS = new FakePlacements();
    private static ActorTestKit asking;
    private static ActorTestKit holding;
    private static RocksStore store;
    private static ReplicaStore rows;
    private static ScanDesk desk;

    @BeforeAll
    static void start() {
        asking = ActorTestKit.create("scans", config(N1));
        holding = ActorTestKit.create("scans", config(N2));
        store = RocksStore.open(directory, 8 << 20, 4 << 20);
        rows = store.replica(PARTITION);
        PLACEMENTS.primary = Optional.of(N2);
        var held = new LocalReplicas();
        var replica = new LocalReplica(
                N2, PARTITION, holding.<Replica.Command>createTestProbe().getRef(), rows);
        replica.logStarted(holding.<ReplicaLog.Command>createTestProbe().getRef());
        replica.publish(Statuses.primary(N2, 0));
        held.add(replica);
        desk(N2, holding, held);
        desk = desk(N1, asking, new LocalReplicas());
        var seed = Cluster.get(holding.system()).selfMember().address();
        Cluster.get(holding.system()).manager().tell(new Join(seed));
        Cluster.get(asking.system()).manager().tell(new Join(seed));
        asking.createTestProbe().awaitAssert(Duration.ofSeconds(60), Duration.ofMillis(50), () -> {
            assertThat(scan(query(null, 1, ""))).isInstanceOf(ScanAnswer.Page.class);
            return null;
        });
    }

    @AfterAll
    static void stop() {
        asking.shutdownTestKit();
        holding.shutdownTestKit();
        store.close();
    }

    @BeforeEach
    void empty() {
        apply(Operations.deleteRange(KeySpan.ALL, null));
    }

    @Test
    void pagesComeFromTheOtherNodeAndAreOfOneMoment() {
        set("a", "1");
        set("b{t}", "1");
        set("c", "1");
        var first = page(query(null, 1, ""));
        assertThat(keys(first)).containsExactly("a");
        assertThat(first.moment()).startsWith("n2/");
        set("b{t}", "2");
        set("bb", "2");
        var query = query(first.rows().next(), 10, first.moment());
        var rest = page(query);
        assertThat(keys(rest)).containsExactly("b{t}", "c");
        assertThat(rest.rows().rows().get(0).value().bytes()).isEqualTo("1".getBytes());
        assertThat(rest.index()).isEqualTo(first.index());
        assertThat(rest.rows().next()).isNull();
        assertThat(keys(page(query))).as("the last page once more").containsExactly("b{t}", "c");
        var tagged = new ScanQuery(KeySpan.ALL, utf8("t"), null, 10, 1_000, true, "", false, false);
        assertThat(keys(page(tagged))).containsExactly("b{t}");
    }

    @Test
    void theLargestPageArrives() {
        var small = new ArrayList<byte[]>();
        for (int i = 0; i < LocalScans.MAX_ROWS - 1; i++) {
            // Together a little less than a page may have, so that one row more goes with them.
            small.add(Operations.set(utf8(String.format("k%010d", i)), ByteString.copyFrom(new byte[85]), null));
        }
        apply(small.toArray(byte[][]::new));
        byte[] large = new byte[LARGEST_VALUE];
        large[LARGEST_VALUE - 1] = 1;
        apply(Operations.set(utf8("l"), ByteString.copyFrom(large), null));
        set("m", "after it");

        var page = page(query(null, Integer.MAX_VALUE, ""));
        assertThat(page.rows().rows()).hasSize(LocalScans.MAX_ROWS);
        assertThat(bytes(page)).isGreaterThan(LocalScans.MAX_BYTES - 200 + LARGEST_VALUE);
        assertThat(page.rows().rows().get(LocalScans.MAX_ROWS - 1).value().bytes())
                .isEqualTo(large);
        assertThat(keys(page(query(page.rows().next(), 10, page.moment())))).containsExactly("m");
    }

    @Test
    void aMomentThatIsGivenUpHereIsGoneThere() {
        set("a", "1");
        set("b", "1");
        var first = page(query(null, 1, ""));
        desk.giveUp(PARTITION, first.moment());
        var refused = (ScanAnswer.Refused) scan(query(first.rows().next(), 1, first.moment()));
        assertThat(refused.refusal().reason()).isEqualTo(Reason.SCAN_EXPIRED);
    }

    @Test
    void keysAreCountedThere() {
        set("a", "1");
        set("b", "1");
        var counted = (CountAnswer.Counted)
                join(desk.count(PARTITION, KeySpan.ofPrefix(utf8("b")), ReadLevel.STRONG, deadline()));
        assertThat(counted.estimate().keys()).isEqualTo(1);
    }

    /** With what a node has for it: the cluster tells who can be reached and where. */
    private static ScanDesk desk(NodeId self, ActorTestKit kit, LocalReplicas replicas) {
        var directory = new NodeDirectory();
        kit.spawn(PeerMail.create(self, replicas, directory), PeerMail.NAME);
        var noReads = new PartitionDesk(self, replicas, directory, PLACEMENTS, (partition, node) -> command -> {
            throw new AssertionError("nobody reads here");
        });
        var desk = new ScanDesk(self, replicas, directory, PLACEMENTS, noReads);
        kit.spawn(desk.behavior(new ScanSettings(Duration.ofSeconds(30), 8)), ScanServer.NAME);
        return desk;
    }

    private static Config config(NodeId node) {
        return ConfigFactory.parseMap(Map.of("pekko.cluster.roles", List.of("node-" + node)))
                .withFallback(ConfigFactory.parseResources("cluster-in-a-test.conf"))
                .withFallback(ConfigFactory.load());
    }

    private static ScanQuery query(ByteString after, int maxRows, String moment) {
        return new ScanQuery(KeySpan.ALL, null, after, maxRows, Integer.MAX_VALUE, false, moment, false, false);
    }

    private static ScanAnswer.Page page(ScanQuery query) {
        return (ScanAnswer.Page) scan(query);
    }

    private static ScanAnswer scan(ScanQuery query) {
        return join(desk.scan(PARTITION, query, ReadLevel.STRONG, deadline()));
    }

    private static long deadline() {
        return System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    }

    private static <T> T join(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
    }

    private static List<String> keys(ScanAnswer.Page page) {
        return page.rows().rows().stream().map(row -> row.key().toStringUtf8()).toList();
    }

    private static long bytes(ScanAnswer.Page page) {
        return page.rows().rows().stream()
                .mapToLong(ScanBetweenNodesTest::bytes)
                .sum();
    }

    private static long bytes(Row row) {
        return row.key().size() + row.value().bytes().length;
    }

    private static void set(String key, String value) {
        apply(Operations.set(utf8(key), utf8(value), null));
    }

    private static void apply(byte[]... operations) {
        rows.apply(rows.mark().getAppliedIndex() + 1, 1, Batches.encode(1, List.of(operations)));
    }

    private static ByteString utf8(String text) {
        return ByteString.copyFromUtf8(text);
    }
}
