package io.aitta.multijvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.aitta.client.AittaException;
import io.aitta.client.AittaTable;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The smallest, the largest, more than memory holds, and the same again and again. */
@Timeout(240)
class SizeIT {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int MAX_KEY_BYTES = 1 << 10;
    private static final int MAX_VALUE_BYTES = 512 << 10;

    @RegisterExtension
    final Stage stage = new Stage();

    @Test
    void theSmallestAndTheLargestKeysAndValuesAreKeptOverAKill() {
        var cluster = stage.shared(Cluster.Plan.of(3));
        var keys = cluster.client(PATIENCE).table(stage.ownTable()).blocking();
        var longKeys = List.of(
                randomBytes(MAX_KEY_BYTES), randomBytes(MAX_KEY_BYTES), ByteString.copyFrom(new byte[MAX_KEY_BYTES]));
        var large = randomBytes(MAX_VALUE_BYTES);
        var oneByteKey = ByteString.copyFrom(new byte[1]);
        keys.set(oneByteKey, ByteString.EMPTY);
        for (var key : longKeys) {
            keys.set(key, large);
        }
        assertThatThrownBy(() -> keys.set(randomBytes(MAX_KEY_BYTES + 1), large))
                .isInstanceOf(AittaException.Refused.class);
        assertThatThrownBy(() -> keys.set(oneByteKey, randomBytes(MAX_VALUE_BYTES + 1)))
                .isInstanceOf(AittaException.Refused.class);

        cluster.kill(cluster.withMostPrimaries());

        assertThat(keys.get(oneByteKey).orElseThrow().bytes()).isEqualTo(ByteString.EMPTY);
        for (var key : longKeys) {
            assertThat(keys.get(key).orElseThrow().bytes()).isEqualTo(large);
        }
    }

    @Test
    void aTableLargerThanTheHeapIsServedAndThereAgainSecondsAfterAKillOfAll() {
        int valueBytes = 64 << 10;
        int values = 2_560;
        var cluster = stage.cluster(Cluster.Plan.of(3)
                .withHeap("144m")
                .with(
                        "aitta.store.checkpoint-interval=2 s",
                        "aitta.store.block-cache=16 MiB",
                        "aitta.store.write-buffer=16 MiB",
                        "aitta.replication.keep-bytes=1 MiB"));
        double firstSeconds = secondsToStart(cluster);
        var table = cluster.client(PATIENCE).table("default");
        long seed = stage.random().nextLong();
        writeAll(table, values, valueBytes, seed);
        long written = (long) values * valueBytes >> 20;
        stage.say("%d MiB are written to nodes with a heap of 144 MiB; on disk: %s", written, diskMegabytes(cluster));
        cluster.killAll();
        double seconds = secondsToStart(cluster);
        stage.say("ready again after %.1f s; the first start, without data, took %.1f s", seconds, firstSeconds);
        for (int i = 0; i < values; i += 50) {
            assertThat(table.blocking().get(key(i)).orElseThrow().bytes()).isEqualTo(value(i, valueBytes, seed));
        }
        // Had all of it to be replayed, it would take as long as writing it did.
        assertThat(seconds).isLessThan(2 * firstSeconds + 5);
    }

    @Test
    void overwritingTheSameKeysDoesNotFillTheDisk() {
        int rounds = 12;
        int keys = 256;
        int valueBytes = 4 << 10;
        var cluster = stage.cluster(Cluster.Plan.of(3)
                        .with(
                                "aitta.store.checkpoint-interval=500 ms",
                                "aitta.store.write-buffer=2 MiB",
                                "aitta.replication.keep-bytes=64 KiB",
                                // What is kept for watchers would grow to its own bound for much longer than this
                                // lasts.
                                "aitta.watch.keep-bytes=64 KiB",
                                "aitta.journal.compact-above=4 MiB"))
                .start();
        var table = cluster.client(PATIENCE).table("default");
        var curve = new ArrayList<Long>();
        for (int round = 0; round < rounds; round++) {
            for (int again = 0; again < 2; again++) {
                writeAll(table, keys, valueBytes, stage.random().nextLong());
            }
            curve.add(cluster.nodes().stream()
                            .mapToLong(NodeProcess::diskBytes)
                            .max()
                            .orElseThrow()
                    >> 20);
        }
        stage.say(
                "%d MiB of the same %d MiB; largest data directory, in MiB: %s",
                (long) rounds * 2 * keys * valueBytes >> 20, (long) keys * valueBytes >> 20, curve);
        // It may breathe, it may not grow.
        long early = Collections.max(curve.subList(rounds / 4, rounds / 2));
        long late = Collections.max(curve.subList(3 * rounds / 4, rounds));
        assertThat(late).isLessThanOrEqualTo(early + early / 2);
    }

    private static double secondsToStart(Cluster cluster) {
        long begin = System.nanoTime();
        cluster.start();
        return (System.nanoTime() - begin) / 1e9;
    }

    private static List<String> diskMegabytes(Cluster cluster) {
        return cluster.nodes().stream()
                .map(node -> node + " " + (node.diskBytes() >> 20) + " MiB")
                .toList();
    }

    /** Returns when all are acknowledged; fails with the first that is not. */
    private static void writeAll(AittaTable table, int values, int valueBytes, long seed) {
        var underWay = new ArrayDeque<CompletableFuture<Long>>();
        for (int i = 0; i < values; i++) {
            if (underWay.size() == 32) {
                underWay.remove().join();
            }
            underWay.add(table.set(key(i), value(i, valueBytes, seed)).toCompletableFuture());
        }
        underWay.forEach(CompletableFuture::join);
    }

    private static ByteString key(int i) {
        return ByteString.copyFromUtf8("large-" + i);
    }

    /** Not to be compressed. */
    private static ByteString value(int i, int length, long seed) {
        var bytes = new byte[length];
        new Random(seed + i).nextBytes(bytes);
        return ByteString.copyFrom(bytes);
    }

    private ByteString randomBytes(int length) {
        var bytes = new byte[length];
        stage.random().nextBytes(bytes);
        return ByteString.copyFrom(bytes);
    }
}
