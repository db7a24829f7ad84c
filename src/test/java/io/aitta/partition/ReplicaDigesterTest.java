package io.aitta.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.partition.PartitionAccess.Acknowledgement;
import io.aitta.partition.Stewards.Digest;
import io.aitta.store.Planted;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A partition with replicas on two nodes. */
class ReplicaDigesterTest {
    private static final NodeId N1 = Statuses.N1;
    private static final NodeId N2 = Statuses.N2;
    private static final PartitionId P = new PartitionId("p", 3, 0);
    private static final Duration LIMIT = Duration.ofSeconds(10);

    @TempDir
    private static Path dir;

    private static LiveNode n1;
    private static LiveNode n2;

    @BeforeAll
    static void start() {
        var assignments = new Assignments();
        assignments.found(P, N1, N2);
        n1 = new LiveNode("n1", dir.resolve("n1"), assignments, null);
        n2 = new LiveNode("n2", dir.resolve("n2"), assignments, n1);
        n1.await("n2", () -> n1.directory.isReachable(N2));
        n2.await("n1", () -> n2.directory.isReachable(N1));
        n1.await("a primary", () -> n1.isPrimary(P) || n2.isPrimary(P));
        for (int i = 0; i < 200; i++) {
            n1.write(P, "key " + i, new byte[10_000]);
        }
    }

    @AfterAll
    static void stop() {
        n2.close();
        n1.close();
    }

    private static Digest told(CompletionStage<java.util.Optional<Digest>> stage) {
        return stage.toCompletableFuture()
                .orTimeout(30, TimeUnit.SECONDS)
                .join()
                .orElseThrow();
    }

    private static void mark(String comparison) {
        var answer = n1.desk
                .write(P, Stewards.marker(comparison), Acknowledgement.QUORUM, System.nanoTime() + LIMIT.toNanos())
                .toCompletableFuture()
                .join();
        assertThat(answer).isInstanceOf(PartitionAccess.WriteAnswer.Done.class);
    }

    @Test
    void replicasAreReadAtTheSameIndexWhileTheyAreWrittenTo() throws Exception {
        var stop = new AtomicBoolean();
        var writer = new Thread(() -> {
            for (int i = 0; !stop.get(); i++) {
                n2.write(P, "key " + i % 300, new byte[100 + i % 100]);
            }
        });
        writer.start();
        try {
            for (String comparison : new String[] {"a", "b", "c"}) {
                assertThat(told(n1.stewards.beginDigest(N1, P, comparison, LIMIT))
                                .state())
                        .isEqualTo(Digest.State.WAITING);
                assertThat(told(n1.stewards.beginDigest(N2, P, comparison, LIMIT))
                                .state())
                        .isEqualTo(Digest.State.WAITING);
                mark(comparison);
                var one = told(n1.stewards.digest(N1, P, comparison, LIMIT));
                var other = told(n1.stewards.digest(N2, P, comparison, LIMIT));
                assertThat(one.state()).as(one.message()).isEqualTo(Digest.State.DONE);
                assertThat(other).isEqualTo(one);
                assertThat(one.content().rows()).isGreaterThanOrEqualTo(200);
                assertThat(told(n2.stewards.digest(N2, P, comparison, LIMIT)))
                        .as("it is kept")
                        .isEqualTo(one);
            }
        } finally {
            stop.set(true);
            writer.join();
        }
    }

    @Test
    void aReplicaThatHoldsSomethingElseHasAnotherDigest() {
        var secondary = n1.isPrimary(P) ? n2 : n1;
        n1.write(P, "planted", new byte[] {1});
        secondary.await(
                "applied",
                () -> secondary.replicas.get(P).reached()
                        == (secondary == n1 ? n2 : n1).replicas.get(P).reached());
        Planted.value(secondary.replicas.get(P).store(), "planted", "other");
        told(n1.stewards.beginDigest(N1, P, "d", LIMIT));
        told(n1.stewards.beginDigest(N2, P, "d", LIMIT));
        mark("d");
        var one = told(n1.stewards.digest(N1, P, "d", LIMIT));
        var other = told(n1.stewards.digest(N2, P, "d", LIMIT));
        assertThat(other.index()).isEqualTo(one.index());
        assertThat(other.content().values()).isNotEqualTo(one.content().values());
        assertThat(other.content().mark()).isEqualTo(one.content().mark());
        n1.write(P, "planted", new byte[] {2});
    }

    @Test
    void whoHasNoReplicaOrWasNotToldSaysSo() {
        var other = new PartitionId("other", 3, 0);
        assertThat(told(n1.stewards.beginDigest(N2, other, "e", LIMIT))).isEqualTo(Digest.failed("it is not there"));
        assertThat(told(n1.stewards.digest(N2, P, "never begun", LIMIT)).message())
                .contains("not told");
    }

    @Test
    void whoWaitsForAMarkerAnswersBeforeTheLimit() {
        told(n1.stewards.beginDigest(N2, P, "f", LIMIT));
        var waiting = told(n1.stewards.digest(N2, P, "f", Duration.ofMillis(300)));
        assertThat(waiting).isEqualTo(new Digest(Digest.State.WAITING, 0, 0, null, ""));
    }

    @Test
    void comparisonsUnderWayAreBounded() {
        Digest last = null;
        for (int i = 0; i <= ReplicaDigester.MOST_UNDER_WAY; i++) {
            last = told(n2.stewards.beginDigest(N1, P, "many " + i, LIMIT));
        }
        assertThat(last.message()).contains("comparisons already");
        for (int i = 0; i < ReplicaDigester.MOST_UNDER_WAY; i++) {
            mark("many " + i);
        }
        assertThat(told(n2.stewards.digest(N1, P, "many 0", LIMIT)).state()).isEqualTo(Digest.State.DONE);
        n1.await(
                "read",
                () -> told(n2.stewards.beginDigest(N1, P, "one more", LIMIT)).state() == Digest.State.WAITING);
        mark("one more");
    }

    @Test
    void aNodeTellsItsVitals() {
        var vitals = n1.stewards.vitals(N2, LIMIT).toCompletableFuture().join().orElseThrow();
        assertThat(vitals.node()).isEqualTo(N2);
        assertThat(vitals.clockAheadMillis())
                .isBetween(-vitals.clockUncertaintyMillis(), vitals.clockUncertaintyMillis());
        assertThat(vitals.disks()).singleElement().satisfies(disk -> {
            assertThat(disk.path()).isEqualTo(dir.resolve("n2").toString());
            assertThat(disk.freeBytes()).isBetween(1L, disk.totalBytes());
        });
    }
}
