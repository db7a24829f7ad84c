package io.aitta.store;

import static io.aitta.store.Writes.apply;
import static io.aitta.store.Writes.read;
import static io.aitta.store.Writes.set;
import static io.aitta.store.Writes.stamp;
import static io.aitta.store.Writes.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.core.PartitionId;
import io.aitta.core.kv.KeySpan;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Without a log of its own the store loses what was not flushed; what is left must be one state for each replica. */
class PowerCutTest {
    @TempDir
    Path directory;

    @TempDir
    Path copies;

    @Test
    void whateverIsLeftMarksAndDataAgree() {
        var random = new Random(11);
        // Small buffers flush often, at moments that no one chose.
        try (var store = RocksStore.open(directory, 1 << 20, 256 << 10)) {
            int cutsThatLostSomething = 0;
            long forgotten = 0;
            for (int step = 1; step <= 3000; step++) {
                var partition = new PartitionId("t", 1, random.nextInt(5));
                var replica = store.replica(partition);
                // Every entry writes the same index to two keys far apart and to the session.
                var index = Long.toString(replica.mark().getAppliedIndex() + 1);
                apply(
                        replica,
                        set(
                                "a",
                                index + "-" + "x".repeat(random.nextInt(10) == 0 ? 60_000 : random.nextInt(400)),
                                stamp("client", Long.parseLong(index))),
                        set("key-" + index, index),
                        set("z", index));
                if (step % 100 == 50) {
                    replica.trimChanges(1 << 16);
                    forgotten += replica.changesAfter();
                }
                if (step % 997 == 0) {
                    store.drop(partition);
                }
                if (step % 300 == 0) {
                    cutsThatLostSomething += checkAfterCut(store);
                }
            }
            assertThat(cutsThatLostSomething).isPositive();
            assertThat(forgotten).isPositive();
        }
    }

    private int checkAfterCut(RocksStore live) {
        int lost = 0;
        try (var cut = Writes.open(Writes.afterPowerCut(directory, copies))) {
            for (PartitionId partition : cut.partitions()) {
                var replica = cut.replica(partition);
                long index = replica.mark().getAppliedIndex();
                if (!live.partitions().contains(partition)
                        || index < live.replica(partition).mark().getAppliedIndex()) {
                    lost++;
                }
                checkAgrees(replica, index);
            }
        }
        return lost;
    }

    private static void checkAgrees(ReplicaStore replica, long index) {
        var expected = new HashMap<String, String>();
        for (long i = 1; i <= index; i++) {
            expected.put("key-" + i, Long.toString(i));
        }
        expected.forEach((key, value) -> assertThat(read(replica, key)).isEqualTo(value));
        assertThat(read(replica, "key-" + (index + 1))).isNull();
        assertThat(replica.mark().getRevision()).isEqualTo(3 * index);
        long forgotten = replica.changesAfter();
        var changes =
                replica.changes(forgotten, KeySpan.ofKey(utf8("z")), 1 << 30).orElseThrow();
        assertThat(changes.lookedAtTo()).isEqualTo(index);
        assertThat(changes.entries().stream().map(ReplicaStore.Changed::index))
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(forgotten + 1, index).boxed().toList());
        if (index > 0) {
            assertThat(read(replica, "z")).isEqualTo(Long.toString(index));
            assertThat(read(replica, "a")).startsWith(index + "-");
            // A retry of the last entry is known; the next one is not.
            assertThat(apply(replica, set("a", "retry", stamp("client", index)))
                            .get(0)
                            .getSet()
                            .getVersion())
                    .isEqualTo(3 * index - 2);
        }
    }
}
