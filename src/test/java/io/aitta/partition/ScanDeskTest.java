package io.aitta.partition;

import static io.aitta.partition.FakePlacements.PARTITION;
import static io.aitta.partition.Statuses.N1;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.aitta.core.PartitionId;
import io.aitta.core.kv.Batches;
import io.aitta.core.kv.KeySpan;
import io.aitta.core.kv.Operations;
import io.aitta.partition.PartitionAccess.CountAnswer;
import io.aitta.partition.PartitionAccess.ReadAnswer;
import io.aitta.partition.PartitionAccess.ReadLevel;
import io.aitta.partition.PartitionAccess.Reason;
import io.aitta.partition.PartitionAccess.ScanAnswer;
import io.aitta.partition.PartitionAccess.ScanQuery;
import io.aitta.store.ReplicaStore;
import io.aitta.store.RocksStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Scans of a replica of this node, over a real store. */
class ScanDeskTest {
    private static final ActorTestKit KIT = ActorTestKit.create(
            "scans",
            com.typesafe.config.ConfigFactory.parseString(
                            """
                            pekko.actor.provider = local
                            pekko.loggers = ["org.apache.pekko.event.slf4j.Slf4jLogger"]
                            """)
                    .withFallback(com.typesafe.config.ConfigFactory.load()));

    @TempDir
    Path directory;

    private final LocalReplicas replicas = new LocalReplicas();
    private final FakePlacements placements = new FakePlacements();
    private RocksStore store;
    private ReplicaStore rows;
    private LocalReplica replica;
    /** What a strong read of any key comes to. */
    private final Reads reads = new Reads();

    private ScanDesk desk;
    private ActorRef<ScanServer.Command> server;

    @BeforeEach
    void open() {
        store = RocksStore.open(directory, 8 << 20, 4 << 20);
        rows = store.replica(PARTITION);
        replica = new LocalReplica(
                N1, PARTITION, KIT.<Replica.Command>createTestProbe().getRef(), rows);
        replica.publish(Statuses.primary(N1, 0));
        replicas.add(replica);
        desk = new ScanDesk(N1, replicas, new NodeDirectory(), placements, reads);
        server = KIT.spawn(desk.behavior(new ScanSettings(Duration.ofSeconds(30), 2)));
        eventually(() -> scan(query(KeySpan.ALL, null, 1, "", false), ReadLevel.STRONG) instanceof ScanAnswer.Page);
    }

    @AfterEach
    void close() {
        KIT.stop(server);
        store.close();
    }

    @AfterAll
    static void end() {
        KIT.shutdownTestKit();
    }

    @Test
    void aScanIsOfOneMomentWhileWritesGoOn() {
        set("a", "1");
        set("b", "1");
        set("c", "1");
        var first = page(query(KeySpan.ALL, null, 1, "", false));
        assertThat(keys(first)).containsExactly("a");
        assertThat(first.index()).isEqualTo(3);
        set("b", "2");
        set("bb", "2");
        delete("c");
        var rest = page(query(KeySpan.ALL, first.rows().next(), 10, first.moment(), false));
        assertThat(keys(rest)).containsExactly("b", "c");
        assertThat(rest.rows().rows().get(0).value().bytes()).isEqualTo("1".getBytes());
        assertThat(rest.index()).isEqualTo(3);
        assertThat(rest.rows().next()).isNull();
        assertThat(rest.moment()).isEmpty();
    }

    @Test
    void anyPageCanBeAskedForAgainTheLastOneToo() {
        set("a", "1");
        set("b", "1");
        set("c", "1");
        var first = page(query(KeySpan.ALL, null, 1, "", false));
        var second = query(KeySpan.ALL, first.rows().next(), 1, first.moment(), false);
        var next = page(second);
        var last = query(KeySpan.ALL, next.rows().next(), 10, next.moment(), false);
        assertThat(keys(page(last))).containsExactly("c");
        delete("c");
        assertThat(keys(page(last))).containsExactly("c");
        assertThat(keys(page(second))).containsExactly("b");
    }

    @Test
    void tagsSpansAndLimitsChooseKeys() {
        for (var key : List.of("a", "b{t}", "c{u}", "{t}d", "{t")) {
            set(key, "1");
        }
        var tagged = page(new ScanQuery(KeySpan.ALL, utf8("t"), null, 10, 1_000, true, "", false, false));
        assertThat(keys(tagged)).containsExactly("b{t}", "{t}d");
        assertThat(tagged.rows().rows().get(0).value().bytes()).isEmpty();
        assertThat(keys(page(query(new KeySpan(utf8("b"), utf8("d")), null, 10, "", false))))
                .containsExactly("b{t}", "c{u}");
    }

    @Test
    void aMomentThatWasGivenUpIsGoneAndARelaxedScanGoesOn() {
        set("a", "1");
        set("b", "1");
        var first = page(query(KeySpan.ALL, null, 1, "", false));
        desk.giveUp(PARTITION, first.moment());
        set("c", "2");
        var refused = scan(query(KeySpan.ALL, first.rows().next(), 10, first.moment(), false), ReadLevel.STRONG);
        assertThat(((ScanAnswer.Refused) refused).refusal().reason()).isEqualTo(Reason.SCAN_EXPIRED);
        assertThat(keys(page(query(KeySpan.ALL, first.rows().next(), 10, first.moment(), true))))
                .containsExactly("b", "c");
        for (var moment : List.of("n9/7", "nonsense", "/", "n1/x", "n1/-1")) {
            var gone = scan(query(KeySpan.ALL, null, 10, moment, false), ReadLevel.STRONG);
            assertThat(((ScanAnswer.Refused) gone).refusal().reason()).isEqualTo(Reason.SCAN_EXPIRED);
        }
    }

    @Test
    void thereAreOnlySoManyMoments() {
        set("a", "1");
        set("b", "1");
        var first = page(query(KeySpan.ALL, null, 1, "", false));
        page(query(KeySpan.ALL, null, 1, "", false));
        page(query(KeySpan.ALL, null, 1, "", false));
        assertThat(scan(query(KeySpan.ALL, first.rows().next(), 1, first.moment(), false), ReadLevel.STRONG))
                .isInstanceOf(ScanAnswer.Refused.class);
    }

    @Test
    void aReplicaThatIsStoppedTakesItsMomentsWithIt() {
        set("a", "1");
        set("b", "1");
        var first = page(query(KeySpan.ALL, null, 1, "", false));
        replicas.remove(replica);
        var gone = scan(query(KeySpan.ALL, first.rows().next(), 1, first.moment(), false), ReadLevel.STRONG);
        assertThat(((ScanAnswer.Refused) gone).refusal().reason()).isEqualTo(Reason.SCAN_EXPIRED);
    }

    @Test
    void aSecondaryAnswersWhatItIsFreshEnoughForAndNothingElse() {
        set("a", "1");
        replica.publish(Statuses.secondaryOf(Statuses.N2, 1));
        var all = query(KeySpan.ALL, null, 10, "", false);
        assertThat(scan(all, ReadLevel.EVENTUAL)).isInstanceOf(ScanAnswer.Page.class);
        assertThat(scan(all, new ReadLevel.Session(1))).isInstanceOf(ScanAnswer.Page.class);
        assertThat(scan(all, new ReadLevel.Session(2))).isInstanceOf(ScanAnswer.Refused.class);
        assertThat(scan(all, ReadLevel.STRONG)).isInstanceOf(ScanAnswer.Refused.class);
        assertThat(count(ReadLevel.EVENTUAL)).isInstanceOf(CountAnswer.Counted.class);
        assertThat(count(ReadLevel.STRONG)).isInstanceOf(CountAnswer.Refused.class);
    }

    @Test
    void aLeaseThatHasLapsedIsRenewedByAReadBeforeAStrongScan() {
        set("a", "1");
        replica.publish(Statuses.secondaryOf(N1, 1));
        reads.onRead = () -> {
            replica.publish(Statuses.primary(N1, 1));
            return new ReadAnswer.Values(List.of(Optional.empty()), 1);
        };
        assertThat(keys(page(query(KeySpan.ALL, null, 10, "", false)))).containsExactly("a");
    }

    @Test
    void keysAreCounted() {
        set("a", "12");
        set("b", "12");
        var counted = (CountAnswer.Counted) count(ReadLevel.STRONG);
        assertThat(counted.estimate().keys()).isEqualTo(2);
        assertThat(counted.index()).isEqualTo(2);
    }

    /** The promise of a relaxed scan, which is the weakest there is: what stays is given once, what never was is not. */
    @Test
    void whateverIsWrittenBetweenThePagesWhatStaysIsGivenExactlyOnceAndWhatNeverWasIsNot() {
        for (long seed = 1; seed <= 25; seed++) {
            var random = new Random(seed);
            remove(KeySpan.ALL);
            var staying = new TreeSet<String>();
            var ever = new HashSet<String>();
            for (int i = 0; i < 30; i++) {
                write(random, staying, ever);
            }
            var seen = new ArrayList<String>();
            ByteString after = null;
            String moment = "";
            do {
                var page = page(query(KeySpan.ALL, after, 1 + random.nextInt(4), moment, true));
                seen.addAll(keys(page));
                after = page.rows().next();
                moment = page.moment();
                for (int i = 0; i < random.nextInt(4); i++) {
                    var before = new TreeSet<>(staying);
                    write(random, staying, ever);
                    // What came or went while the scan was under way may be seen or not.
                    staying.retainAll(before);
                }
                if (random.nextInt(3) == 0 && after != null) {
                    desk.giveUp(PARTITION, moment);
                }
            } while (after != null);
            assertThat(seen).as("seed %d", seed).doesNotHaveDuplicates().isSorted();
            assertThat(seen).as("seed %d", seed).containsAll(staying);
            assertThat(ever).as("seed %d", seed).containsAll(seen);
        }
    }

    private void write(Random random, TreeSet<String> staying, HashSet<String> ever) {
        String key = "k" + random.nextInt(60);
        if (random.nextInt(3) > 0) {
            set(key, "v" + random.nextInt());
            staying.add(key);
            ever.add(key);
        } else {
            delete(key);
            staying.remove(key);
        }
    }

    private static ScanQuery query(KeySpan span, ByteString after, int maxRows, String moment, boolean relaxed) {
        return new ScanQuery(span, null, after, maxRows, 1_000_000, false, moment, relaxed, false);
    }

    private ScanAnswer.Page page(ScanQuery query) {
        return (ScanAnswer.Page) scan(query, ReadLevel.STRONG);
    }

    private ScanAnswer scan(ScanQuery query, ReadLevel level) {
        return join(desk.scan(PARTITION, query, level, System.nanoTime() + TimeUnit.SECONDS.toNanos(20)));
    }

    private CountAnswer count(ReadLevel level) {
        return join(desk.count(PARTITION, KeySpan.ALL, level, System.nanoTime() + TimeUnit.SECONDS.toNanos(20)));
    }

    private static List<String> keys(ScanAnswer.Page page) {
        return page.rows().rows().stream().map(row -> row.key().toStringUtf8()).toList();
    }

    private void set(String key, String value) {
        apply(Operations.set(utf8(key), utf8(value), null));
    }

    private void delete(String key) {
        apply(Operations.delete(utf8(key), null));
    }

    private void remove(KeySpan span) {
        apply(Operations.deleteRange(span, null));
    }

    private void apply(byte[] operation) {
        rows.apply(rows.mark().getAppliedIndex() + 1, 1, Batches.encode(1, List.of(operation)));
    }

    private static <T> T join(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
    }

    private static void eventually(java.util.function.BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - deadline)
                    .as("it should have come true by now")
                    .isNegative();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    private static ByteString utf8(String text) {
        return ByteString.copyFromUtf8(text);
    }

    /** Answers reads as a test says, and nothing else. */
    private static final class Reads extends UnaskedPartitions {
        volatile Supplier<ReadAnswer> onRead =
                () -> new ReadAnswer.Refused(new Refusal(Reason.NO_QUORUM, "only a minority"));

        @Override
        public CompletionStage<ReadAnswer> read(
                PartitionId partition, List<byte[]> keys, ReadLevel level, long deadlineNanos) {
            return CompletableFuture.completedFuture(onRead.get());
        }
    }
}
