package io.aitta.store;

import static io.aitta.store.Writes.apply;
import static io.aitta.store.Writes.await;
import static io.aitta.store.Writes.delete;
import static io.aitta.store.Writes.open;
import static io.aitta.store.Writes.read;
import static io.aitta.store.Writes.set;
import static io.aitta.store.Writes.stamp;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.kv.Batches;
import io.aitta.core.kv.Operations;
import io.aitta.core.replication.Membership;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RocksStoreTest {
    private static final PartitionId P = new PartitionId("t", 1, 0);

    @TempDir
    Path directory;

    @Test
    void whatIsAppliedIsReadWithItsVersionAndIsThereAfterARestart() {
        try (var store = open(directory)) {
            var replica = store.replica(P);
            assertThat(replica.mark().getAppliedIndex()).isZero();
            apply(replica, set("a", "1"), set("b", "2"));
            assertThat(apply(replica, delete("b")).get(0).getDelete().getExisted())
                    .isTrue();
            assertThat(store.replica(P)).isSameAs(replica);
        }
        try (var store = open(directory)) {
            assertThat(store.partitions()).containsExactly(P);
            var replica = store.replica(P);
            assertThat(read(replica, "a")).isEqualTo("1");
            assertThat(Writes.value(replica, "a").version()).isEqualTo(1);
            assertThat(read(replica, "b")).isNull();
            assertThat(replica.mark().getAppliedIndex()).isEqualTo(2);
            assertThat(replica.mark().getRevision()).isEqualTo(3);
        }
    }

    @Test
    void onlyTheNextEntryIsApplied() {
        try (var store = open(directory)) {
            var replica = store.replica(P);
            replica.skip(1, 1, Membership.ofVoters(new NodeId("n1")));
            for (long wrong : new long[] {0, 1, 3}) {
                assertThatThrownBy(() -> replica.apply(wrong, 1, Batches.encode(1, List.of())))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("t@1/0 has applied its log up to 1");
            }
        }
    }

    @Test
    void anEntryWithoutDataMovesTheMarkAndTellsTheMembership() {
        var membership = Membership.ofVoters(new NodeId("n1"), new NodeId("n2")).withLearner(new NodeId("n3"));
        try (var store = open(directory)) {
            store.replica(P).skip(1, 4, membership);
            store.replica(P).skip(2, 5, membership);
        }
        try (var store = open(directory)) {
            var mark = store.replica(P).mark();
            assertThat(mark.getAppliedIndex()).isEqualTo(2);
            assertThat(mark.getAppliedTerm()).isEqualTo(5);
            assertThat(mark.getMembership().getVotersList()).containsExactly("n1", "n2");
            assertThat(mark.getMembership().getLearnersList()).containsExactly("n3");
        }
    }

    @Test
    void manyKeysAreReadInTheirOrder() {
        try (var store = open(directory)) {
            var replica = store.replica(P);
            apply(replica, set("a", "1"), set("c", "3"));
            var values = replica.get(List.of(bytes("c"), bytes("b"), bytes("a"), bytes("c")), 1);
            assertThat(values.stream().map(value -> value.map(it -> new String(it.bytes(), UTF_8))))
                    .containsExactly(Optional.of("3"), Optional.empty(), Optional.of("1"), Optional.of("3"));
        }
    }

    @Test
    void anExpiredKeyReadsAsAbsent() {
        try (var store = open(directory)) {
            var replica = store.replica(P);
            var key = ByteString.copyFromUtf8("k");
            replica.apply(1, 1, Batches.encode(1000, List.of(Operations.set(key, key, 10, null))));
            assertThat(replica.get(bytes("k"), 1009)).isPresent();
            assertThat(replica.get(bytes("k"), 1010)).isEmpty();
            assertThat(replica.get(List.of(bytes("k")), 1010)).containsExactly(Optional.empty());
        }
    }

    @Test
    void noPartitionSeesAnothersRowsWhateverTheirNames() {
        var ids = List.of(
                new PartitionId("a", 1, 1),
                new PartitionId("a", 1, 10),
                new PartitionId("a", 1, 11),
                new PartitionId("a", 11, 1),
                new PartitionId("a1", 1, 1),
                PartitionId.META);
        try (var store = open(directory)) {
            ids.forEach(id -> apply(store.replica(id), set("k", id.toString()), set("\0", "x"), set("\uffff", "y")));
            ids.forEach(id -> assertThat(Writes.rows(store.replica(id))).hasSize(3 + 1));
            store.drop(ids.get(0));
        }
        try (var store = open(directory)) {
            assertThat(store.partitions()).containsExactlyInAnyOrderElementsOf(ids.subList(1, ids.size()));
            for (PartitionId id : ids.subList(1, ids.size())) {
                assertThat(read(store.replica(id), "k")).isEqualTo(id.toString());
                assertThat(Writes.rows(store.replica(id))).hasSize(3 + 1);
            }
        }
    }

    @Test
    void keysAndValuesOfEverySizeUpToTheLimits() {
        var longest = "k".repeat(1024);
        var largest = new byte[512 * 1024];
        new Random(1).nextBytes(largest);
        try (var store = open(directory)) {
            var replica = store.replica(P);
            apply(replica, set("empty", new byte[0]), set(longest, largest), set("\0\0", "zeros"));
            store.flush();
            assertThat(Writes.value(replica, "empty").bytes()).isEmpty();
            assertThat(Writes.value(replica, longest).bytes()).isEqualTo(largest);
            assertThat(read(replica, "\0\0")).isEqualTo("zeros");
        }
    }

    @Test
    void aRetryAfterARestartGetsTheFirstOutcome() {
        var write = set("k", "1", stamp("client", 1));
        try (var store = open(directory)) {
            apply(store.replica(P), write);
        }
        try (var store = open(directory)) {
            var replica = store.replica(P);
            assertThat(apply(replica, write).get(0).getSet().getVersion()).isEqualTo(1);
            assertThat(replica.mark().getRevision()).isEqualTo(1);
        }
    }

    @Test
    void aBatchOfANewerReleaseIsNotSkipped() {
        try (var store = open(directory)) {
            var replica = store.replica(P);
            var newer = io.aitta.proto.record.v1.Batch.newBuilder()
                    .setRecordVersion(1000)
                    .build()
                    .toByteArray();
            assertThatThrownBy(() -> replica.apply(1, 1, newer)).hasMessageContaining("needs a newer release");
            assertThat(replica.mark().getAppliedIndex()).isZero();
            apply(replica, set("k", "1", stamp("client", 1)));
            assertThat(read(replica, "k")).isEqualTo("1");
        }
    }

    /** Large buffers leave so few files that RocksDB would see no reason to compact them by itself. */
    @ParameterizedTest
    @ValueSource(longs = {1 << 20, 128 << 20})
    void aDroppedPartitionsSpaceComesBackAndItsNeighboursStay(long writeBufferBytes) throws Exception {
        var other = new PartitionId("t", 1, 1);
        try (var store = RocksStore.open(directory, 8 << 20, writeBufferBytes)) {
            fill(store.replica(P), 24);
            fill(store.replica(other), 2);
            store.flush();
            assertThat(store.sizeBytes()).isGreaterThan(20L << 20);
            store.drop(P);
            await("the space is back", () -> store.sizeBytes() < 6L << 20);
            assertThat(Writes.value(store.replica(other), "key-1").bytes()).hasSize(64 * 1024);
            assertThat(store.partitions()).containsExactly(other);
        }
    }

    private static void fill(ReplicaStore replica, int megabytes) {
        var random = new Random(7);
        for (int i = 0; i < megabytes * 16; i++) {
            var value = new byte[64 * 1024];
            random.nextBytes(value);
            apply(replica, set("key-" + i, value));
        }
    }

    @Test
    void aPartitionMadeAgainStartsEmptyAndTheDroppedOneIsNotToBeUsed() {
        try (var store = open(directory)) {
            var dropped = store.replica(P);
            apply(dropped, set("k", "old", stamp("client", 1)));
            store.drop(P);
            store.drop(P);
            assertThat(store.partitions()).isEmpty();
            assertThatThrownBy(() -> read(dropped, "k"))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("t@1/0 was dropped");
            assertThatThrownBy(() -> apply(dropped, set("k", "x"))).isInstanceOf(StoreException.class);

            var remade = store.replica(P);
            assertThat(remade.mark()).isEqualTo(RocksReplica.NOTHING_APPLIED);
            assertThat(Writes.rows(remade)).isEmpty();
            apply(remade, set("k", "new", stamp("client", 1)));
        }
        try (var store = open(directory)) {
            assertThat(read(store.replica(P), "k")).isEqualTo("new");
            assertThat(store.replica(P).mark().getAppliedIndex()).isEqualTo(1);
        }
    }

    @Test
    void readersDuringClosingAreAnsweredOrRefusedAndLaterCallsRefused() throws Exception {
        var store = open(directory);
        var replica = store.replica(P);
        apply(replica, set("a", "1"), set("b", "1"));
        var reads = new AtomicInteger();
        var unexpected = new AtomicReference<Throwable>();
        var threads = new ArrayList<Thread>();
        for (int i = 0; i < 3; i++) {
            threads.add(new Thread(() -> {
                try (var snapshot = replica.snapshot()) {
                    while (true) {
                        read(replica, "a");
                        replica.get(List.of(bytes("a"), bytes("b")), 1);
                        snapshot.next(null, 10);
                        reads.incrementAndGet();
                    }
                } catch (StoreException closed) {
                    if (!closed.getMessage().contains("is closed")) {
                        unexpected.set(closed);
                    }
                } catch (RuntimeException | Error e) {
                    unexpected.set(e);
                }
            }));
        }
        threads.forEach(Thread::start);
        await("readers are reading", () -> reads.get() > 100);
        store.close();
        store.close();
        for (Thread thread : threads) {
            thread.join(TimeUnit.SECONDS.toMillis(10));
            assertThat(thread.isAlive()).isFalse();
        }
        assertThat(unexpected.get()).isNull();
        assertThatThrownBy(() -> apply(replica, set("a", "2"))).isInstanceOf(StoreException.class);
        assertThatThrownBy(store::flush)
                .isInstanceOf(StoreException.class)
                .hasMessage("the store in " + directory + " is closed");
    }

    @Test
    void manyKeysAreReadAsOfOneMomentWhileEntriesAreApplied() throws Exception {
        try (var store = open(directory)) {
            var replica = store.replica(P);
            var keys = new ArrayList<byte[]>();
            for (int i = 0; i < 100; i++) {
                keys.add(bytes("key-" + i));
            }
            var started = new CountDownLatch(1);
            var done = new CountDownLatch(1);
            var torn = new AtomicReference<String>();
            var reader = new Thread(() -> {
                started.countDown();
                while (done.getCount() > 0 && torn.get() == null) {
                    var versions = replica.get(keys, 1).stream()
                            .map(value -> value.map(it -> new String(it.bytes(), UTF_8)))
                            .distinct()
                            .toList();
                    if (versions.size() != 1) {
                        torn.set(versions.toString());
                    }
                }
            });
            reader.start();
            assertThat(started.await(10, TimeUnit.SECONDS)).isTrue();
            for (int round = 0; round < 300; round++) {
                var value = "round " + round;
                apply(
                        replica,
                        keys.stream()
                                .map(key -> set(new String(key, UTF_8), value))
                                .toArray(byte[][]::new));
            }
            assertThat(reader.isAlive()).as("still reading").isTrue();
            done.countDown();
            reader.join(TimeUnit.SECONDS.toMillis(10));
            assertThat(torn.get()).isNull();
        }
    }

    @Test
    void aSecondStoreInTheSameDirectoryIsRefused() {
        try (var store = open(directory)) {
            assertThat(store.partitions()).isEmpty();
            assertThatThrownBy(() -> open(directory))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining(directory.toString())
                    .hasMessageContaining("lock");
        }
    }

    @Test
    void aTruncatedDataFileIsToldAtTheStart() throws IOException {
        var file = storeWithOneDataFile();
        Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 100));
        assertDamageIsTold();
    }

    @Test
    void aMissingDataFileIsToldAtTheStart() throws IOException {
        Files.delete(storeWithOneDataFile());
        assertDamageIsTold();
    }

    @Test
    void garbageInADataFileIsToldAndNotServed() throws IOException {
        var file = storeWithOneDataFile();
        var garbage = new byte[(int) Files.size(file)];
        new Random(3).nextBytes(garbage);
        Files.write(file, garbage);
        assertDamageIsTold();
    }

    @Test
    void aFlippedBitInAValueIsToldAndNotServed() throws IOException {
        var file = storeWithOneDataFile();
        var bytes = Files.readAllBytes(file);
        bytes[bytes.length / 3] ^= 1;
        Files.write(file, bytes);
        assertThatThrownBy(() -> {
                    try (var store = open(directory)) {
                        for (int i = 0; i < 1000; i++) {
                            read(store.replica(P), "key-" + i);
                        }
                    }
                })
                .isInstanceOf(StoreException.class)
                .hasMessageContaining(directory.toString())
                .hasMessageContaining("read a key");
    }

    @Test
    void garbageInTheManifestIsToldAtTheStart() throws IOException {
        storeWithOneDataFile();
        try (var files = Files.list(directory)) {
            for (Path file : files.filter(it -> it.getFileName().toString().startsWith("MANIFEST"))
                    .toList()) {
                var garbage = new byte[(int) Files.size(file)];
                new Random(3).nextBytes(garbage);
                Files.write(file, garbage);
            }
        }
        assertDamageIsTold();
    }

    @Test
    void aStoreWhoseCurrentFileIsGoneIsNotBegunAnew() throws IOException {
        storeWithOneDataFile();
        Files.delete(directory.resolve("CURRENT"));
        assertDamageIsTold();
    }

    @Test
    void aDirectoryThatCannotBeIsNamed() throws IOException {
        var file = Files.createFile(directory.resolve("file"));
        assertThatThrownBy(() -> open(file.resolve("store")))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining(file.resolve("store").toString());
    }

    private void assertDamageIsTold() {
        assertThatThrownBy(() -> open(directory).close())
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("the store in " + directory);
    }

    private Path storeWithOneDataFile() throws IOException {
        try (var store = open(directory)) {
            for (int i = 0; i < 1000; i++) {
                apply(store.replica(P), set("key-" + i, "value " + i));
            }
        }
        try (var files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".sst"))
                    .max((a, b) -> Long.compare(a.toFile().length(), b.toFile().length()))
                    .orElseThrow();
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
