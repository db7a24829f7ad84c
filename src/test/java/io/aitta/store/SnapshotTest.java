package io.aitta.store;

import static io.aitta.store.Writes.apply;
import static io.aitta.store.Writes.chunks;
import static io.aitta.store.Writes.copy;
import static io.aitta.store.Writes.delete;
import static io.aitta.store.Writes.open;
import static io.aitta.store.Writes.read;
import static io.aitta.store.Writes.rows;
import static io.aitta.store.Writes.set;
import static io.aitta.store.Writes.stamp;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aitta.core.PartitionId;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Copying a replica: a consistent picture in chunks, live all at once or not at all. */
class SnapshotTest {
    private static final PartitionId FROM = new PartitionId("t", 1, 0);
    private static final PartitionId TO = new PartitionId("t", 1, 1);

    @TempDir
    Path directory;

    private RocksStore store;
    private ReplicaStore from;
    private ReplicaStore to;

    @BeforeEach
    void begin() {
        store = open(directory);
        from = store.replica(FROM);
        to = store.replica(TO);
        for (int i = 0; i < 50; i++) {
            apply(from, set("key-" + i, "value-" + i, stamp("client-" + i % 3, i + 1)));
        }
        apply(to, set("key-1", "stale"), set("only here", "x"));
    }

    @AfterEach
    void end() {
        store.close();
    }

    private void restart() {
        store.close();
        store = open(directory);
        from = store.replica(FROM);
        to = store.replica(TO);
    }

    @Test
    void aCopyHasTheSameRowsMarkAndSessions() {
        copy(from, to, 200);
        assertThat(rows(to)).isEqualTo(rows(from));
        assertThat(to.mark().toBuilder().clearGeneration().build()).isEqualTo(from.mark());
        assertThat(read(to, "only here")).isNull();
        long revision = to.mark().getRevision();
        apply(to, set("key-7", "again", stamp("client-1", 8)));
        assertThat(read(to, "key-7")).isEqualTo("value-7");
        assertThat(to.mark().getRevision()).isEqualTo(revision);
        restart();
        assertThat(read(to, "key-7")).isEqualTo("value-7");
        assertThat(rows(to).keySet()).isEqualTo(rows(from).keySet());
    }

    @Test
    void aPictureDoesNotChangeWhileEntriesGoOnOrTheReplicaIsDropped() {
        var before = rows(from);
        try (var snapshot = from.snapshot()) {
            apply(from, set("key-1", "new"), delete("key-2"), set("more", "x"));
            store.flush();
            store.drop(FROM);
            assertThat(snapshot.mark().getAppliedIndex()).isEqualTo(50);
            var staging = to.stage();
            chunks(snapshot, 1).forEach(staging::write);
            staging.install(snapshot.mark());
        }
        assertThat(rows(to)).isEqualTo(before);
    }

    @Test
    void theSameArgumentGivesTheSameChunkAgain() {
        try (var snapshot = from.snapshot()) {
            var first = snapshot.next(null, 300);
            var second = snapshot.next(first.lastRow(), 300);
            assertThat(snapshot.next(null, 300).rows()).isEqualTo(first.rows());
            assertThat(snapshot.next(first.lastRow(), 300).rows()).isEqualTo(second.rows());
            assertThat(second.lastRow()).isNotEqualTo(first.lastRow());
        }
    }

    @Test
    void aChunkHoldsAboutTheBytesAskedForAndAtLeastOneRow() {
        apply(from, set("large", new byte[100_000]));
        try (var snapshot = from.snapshot()) {
            var tiny = chunks(snapshot, 1);
            assertThat(tiny).hasSize(3 + 51 + 51).allSatisfy(chunk -> assertThat(Rows.rowsIn(chunk))
                    .hasSize(1));
            assertThat(chunks(snapshot, 1 << 20)).hasSize(1);
        }
    }

    @Test
    void theLastChunkSaysSoEvenWhenThereIsNothing() {
        try (var snapshot = store.replica(new PartitionId("t", 1, 2)).snapshot()) {
            var only = snapshot.next(null, 1000);
            assertThat(only.isLast()).isTrue();
            assertThat(only.lastRow()).isNull();
            var staging = to.stage();
            staging.write(only);
            staging.install(snapshot.mark());
        }
        assertThat(rows(to)).isEmpty();
        assertThat(to.mark().getAppliedIndex()).isZero();
    }

    @Test
    void aDamagedChunkIsRefusedAndNothingIsWritten() {
        try (var snapshot = from.snapshot()) {
            var good = snapshot.next(null, 1 << 20);
            var staging = to.stage();
            var flipped = good.rows().clone();
            flipped[flipped.length / 2] ^= 1;
            assertThatThrownBy(
                            () -> staging.write(new ReplicaStore.Chunk(flipped, good.lastRow(), true, good.checksum())))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("damaged on its way");
            assertThatThrownBy(() -> staging.install(snapshot.mark()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("last chunk");
            staging.write(good);
            staging.install(snapshot.mark());
        }
        assertThat(rows(to)).isEqualTo(rows(from));
    }

    @Test
    void nothingStagedIsSeenBeforeItIsInstalled() {
        try (var snapshot = from.snapshot()) {
            var staging = to.stage();
            chunks(snapshot, 100).forEach(staging::write);
            assertThat(read(to, "key-1")).isEqualTo("stale");
            assertThat(rows(to)).hasSize(2 + 1);
            staging.discard();
            staging.discard();
            assertThat(rows(to)).hasSize(2 + 1);
            assertThatThrownBy(() -> staging.install(snapshot.mark())).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void aNewStagingDiscardsAnOlder() {
        try (var snapshot = from.snapshot()) {
            var old = to.stage();
            old.write(snapshot.next(null, 1 << 20));
            var other = store.replica(new PartitionId("t", 1, 2));
            apply(other, set("k", "v"));
            var staging = to.stage();
            assertThatThrownBy(() -> old.install(snapshot.mark()))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("t@1/1");
            try (var pictureOfOther = other.snapshot()) {
                staging.write(pictureOfOther.next(null, 1000));
                staging.install(pictureOfOther.mark());
            }
            assertThat(rows(to)).isEqualTo(rows(other));
        }
    }

    @Test
    void whatAnUnfinishedStagingLeftIsGoneAfterARestart() {
        try (var snapshot = from.snapshot()) {
            to.stage().write(snapshot.next(null, 1 << 20));
        }
        restart();
        assertThat(read(to, "key-1")).isEqualTo("stale");
        // The leftovers had stood under the generation that the next staging uses.
        var empty = store.replica(new PartitionId("t", 1, 2));
        copy(empty, to, 1000);
        assertThat(rows(to)).isEmpty();
    }

    @Test
    void installingIsOneStepForAPowerCut(@TempDir Path copies) {
        try (var snapshot = from.snapshot()) {
            var staging = to.stage();
            chunks(snapshot, 100).forEach(staging::write);
            store.flush();
            try (var cut = open(Writes.afterPowerCut(directory, copies))) {
                assertThat(read(cut.replica(TO), "key-1")).isEqualTo("stale");
                assertThat(cut.replica(TO).mark().getAppliedIndex()).isEqualTo(1);
            }
            staging.install(snapshot.mark());
            try (var cut = open(Writes.afterPowerCut(directory, copies))) {
                assertThat(rows(cut.replica(TO))).isEqualTo(rows(from));
                assertThat(cut.replica(TO).mark().getAppliedIndex()).isEqualTo(50);
            }
        }
    }

    @Test
    void noReaderMissesAKeyWhileCopiesAreInstalled() throws InterruptedException {
        copy(from, to, 1000);
        var done = new AtomicBoolean();
        var failed = new AtomicReference<Throwable>();
        var reader = new Thread(() -> {
            try {
                while (!done.get()) {
                    assertThat(read(to, "key-3")).isEqualTo("value-3");
                    assertThat(to.get("key-4".getBytes(UTF_8), 1)).isPresent();
                }
            } catch (RuntimeException | Error e) {
                failed.set(e);
            }
        });
        reader.start();
        for (int i = 0; i < 30; i++) {
            copy(from, to, 1000);
        }
        done.set(true);
        reader.join(10_000);
        assertThat(failed.get()).isNull();
        assertThat(to.mark().getGeneration()).isEqualTo(31);
    }

    @Test
    void aSnapshotOutlivesItsStoreWithoutHarm() {
        var snapshot = from.snapshot();
        store.close();
        assertThatThrownBy(() -> snapshot.next(null, 100)).isInstanceOf(StoreException.class);
        snapshot.close();
        snapshot.close();
    }
}
