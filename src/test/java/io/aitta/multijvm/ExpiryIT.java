package io.aitta.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.aitta.client.AittaTable;
import io.aitta.client.Change;
import io.aitta.client.KeyRange;
import io.aitta.client.WatchTarget;
import io.aitta.client.WriteOutcome;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Keys whose time is over: nobody sees them, and they go without anybody noticing. In full, with a million keys:
 * {@code mvn verify -Dit.test=ExpiryIT -Daitta.expiry.keys=1000000}.
 */
@Timeout(600)
@TestInstance(Lifecycle.PER_CLASS)
class ExpiryIT {
    private static final int KEYS = Integer.getInteger("aitta.expiry.keys", 30_000);
    /** What writing that many may take: slower, and the first are removed while the last are written. */
    private static final int WRITTEN_A_SECOND = 6_000;

    private static final int KEYS_AT_ONCE = 500;
    private static final Duration QUIET = Duration.ofSeconds(5);
    /** Not a promise, but what nobody would call a hiccup. */
    private static final double MOST_MILLIS = 3_000;

    @RegisterExtension
    final Stage stage = new Stage();

    private Cluster cluster;
    private String table;

    @BeforeEach
    void open() {
        cluster = stage.shared(Cluster.Plan.of(3));
        table = stage.ownTable();
    }

    @Test
    void aKeyIsNeverSeenAfterItsTimeWhileTheNodeOfItsPrimaryIsKilledAndComesBack() {
        try (var keys = ExpiringKeys.on(cluster, table, "killed-")) {
            var killed = cluster.withMostPrimaries();
            keys.awaitExpired(0.25);
            stage.say("kills %s", killed);
            cluster.kill(killed);
            keys.awaitExpired(0.75);
            cluster.restart(killed);
            stage.say("%s is back", killed);
            keys.awaitExpired(1);
            keys.awaitReadEverywhere();
            keys.verify();
            stage.say("%s", keys);
        }
    }

    @Test
    void aKeyIsNeverSeenAfterItsTimeOnANodeThatStoodStillWhenItCame() {
        try (var keys = ExpiringKeys.on(cluster, table, "paused-")) {
            var paused = cluster.withMostPrimaries();
            keys.awaitExpired(0.25);
            stage.say("pauses %s", paused);
            paused.pause();
            keys.awaitExpired(0.6);
            paused.resume();
            stage.say("%s goes on", paused);
            keys.awaitExpired(1);
            keys.awaitReadEverywhere();
            keys.verify();
            stage.say("%s", keys);
        }
    }

    @Test
    void manyExpiredKeysAreRemovedWithoutAPauseThatAClientNotices() {
        var many = cluster.client(Duration.ofSeconds(20)).table(table);
        var prefix = Load.bytes("many-");
        try (var feed = many.watch(WatchTarget.prefix(prefix));
                var client = SteadyClient.on(cluster, table, Duration.ofSeconds(10))) {
            long expiry = System.nanoTime() + TimeUnit.SECONDS.toNanos(KEYS / WRITTEN_A_SECOND) + 2 * QUIET.toNanos();
            write(many.blocking(), expiry, feed::poll);
            stage.say("%d keys are written, %.1f s before they expire", KEYS, (expiry - System.nanoTime()) / 1e9);
            assertThat(many.blocking().count(KeyRange.ofPrefix(prefix)).keys()).isPositive();

            client.startOver();
            Await.pass(QUIET);
            stage.say("without expiry: %s", client.latencies());
            Await.until("the keys expire", Duration.ofMinutes(5), () -> System.nanoTime() - expiry >= 0);

            client.startOver();
            long begin = System.nanoTime();
            awaitRemoved(feed::poll);
            double seconds = (System.nanoTime() - begin) / 1e9;
            client.goesOn(50);
            stage.say("beside expiry:  %s; %d keys were removed in %.1f s", client.latencies(), KEYS, seconds);
            var count = many.blocking().count(KeyRange.ofPrefix(prefix));
            assertThat(count.exact()).isTrue();
            assertThat(count.keys()).isZero();
            assertThat(client.failures()).isEmpty();
            assertThat(client.latencies().millis(100)).isLessThan(MOST_MILLIS);
        }
    }

    /** Where changes are pulled from. */
    private interface Feed {
        Optional<Change> poll(Duration patience);
    }

    /** All to expire at one moment; the feed is kept empty. */
    private static void write(AittaTable.BlockingView table, long expiry, Feed feed) {
        for (int from = 0; from < KEYS; from += KEYS_AT_ONCE) {
            List<Map.Entry<ByteString, ByteString>> some = IntStream.range(from, Math.min(KEYS, from + KEYS_AT_ONCE))
                    .mapToObj(i -> Map.entry(Load.bytes("many-" + i), ByteString.copyFrom(new byte[100])))
                    .toList();
            long left = Math.max(TimeUnit.SECONDS.toNanos(1), expiry - System.nanoTime());
            assertThat(table.multiSet(some, Duration.ofNanos(left)))
                    .allSatisfy(outcome -> assertThat(outcome).isInstanceOf(WriteOutcome.Written.class));
            for (int i = 0; i < some.size(); i++) {
                assertThat(feed.poll(Duration.ofSeconds(20))).isPresent();
            }
        }
    }

    /** Until the change feed has told of each of them that it was removed, and why. */
    private static void awaitRemoved(Feed feed) {
        Set<ByteString> removed = new HashSet<>();
        while (removed.size() < KEYS) {
            var change = feed.poll(Duration.ofSeconds(30));
            assertThat(change)
                    .as("one more than the %d of %d keys that were removed", removed.size(), KEYS)
                    .isPresent();
            if (change.get().kind() == Change.Kind.EXPIRED) {
                removed.add(change.get().key());
            } else {
                // The feed may tell twice what happened before.
                assertThat(change.get().kind()).isEqualTo(Change.Kind.SET);
            }
        }
    }
}
