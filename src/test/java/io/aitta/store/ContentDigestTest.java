package io.aitta.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.core.PartitionId;
import io.aitta.core.kv.Operations;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two replicas that applied the same entries. */
class ContentDigestTest {
    private static final PartitionId P = new PartitionId("t", 1, 0);

    @TempDir
    private Path dir;

    private RocksStore oneStore;
    private RocksStore otherStore;
    private ReplicaStore one;
    private ReplicaStore other;

    @BeforeEach
    void fill() {
        oneStore = Writes.open(dir.resolve("one"));
        otherStore = Writes.open(dir.resolve("other"));
        // So that their rows begin with another number.
        otherStore.replica(new PartitionId("another", 1, 0));
        one = oneStore.replica(P);
        other = otherStore.replica(P);
        both(Writes.set("a", "1"), Writes.set("b", "2", Writes.stamp("client", 1)));
        both(Operations.set(Writes.utf8("c"), Writes.utf8("3"), 60_000, null), Writes.delete("a"));
    }

    @AfterEach
    void close() {
        oneStore.close();
        otherStore.close();
    }

    private void both(byte[]... operations) {
        Writes.apply(one, operations);
        Writes.apply(other, operations);
    }

    private static ContentDigest.Content read(ReplicaStore replica, int atOnce) {
        try (var snapshot = replica.snapshot()) {
            var digest = new ContentDigest();
            while (snapshot.readInto(digest, atOnce)) {
                assertThat(digest.bytes()).isPositive();
            }
            return digest.of(snapshot.mark());
        }
    }

    @Test
    void theSameEntriesGiveTheSameDigestHoweverItIsRead() {
        var content = read(one, 1 << 20);
        assertThat(read(other, 1)).isEqualTo(content);
        assertThat(content.rows())
                .as("two values, a session, an entry of the expiry index")
                .isEqualTo(4);
        assertThat(content.whole()).hasSize(64);
    }

    @Test
    void whatWatchersMayStillSeeAndHowOftenItWasCopiedDoesNotCount() {
        both(Writes.set("large", new byte[3 << 20]));
        both(Writes.set("after", "it"));
        other.trimChanges(0);
        Planted.value(other, "b", "2");
        assertThat(other.mark().getChangesAfter()).isGreaterThan(one.mark().getChangesAfter());
        assertThat(other.mark().getGeneration()).isGreaterThan(one.mark().getGeneration());
        assertThat(read(other, 1 << 20)).isEqualTo(read(one, 1 << 20));
    }

    @Test
    void aDifferenceIsFoundWhereItIs() {
        var content = read(one, 1 << 20);
        Planted.value(other, "b", "3");
        var value = read(other, 1 << 20);
        assertThat(value.values()).isNotEqualTo(content.values());
        assertThat(value.sessions()).isEqualTo(content.sessions());
        assertThat(value.expiry()).isEqualTo(content.expiry());
        assertThat(value.mark()).isEqualTo(content.mark());
        assertThat(value.whole()).isNotEqualTo(content.whole());

        Writes.apply(one, Writes.set("b", "2"));
        Writes.apply(other, Writes.set("b", "2", Writes.stamp("client", 2)));
        var session = read(other, 1 << 20);
        assertThat(session.values()).isEqualTo(read(one, 1 << 20).values());
        assertThat(session.sessions()).isNotEqualTo(content.sessions());
    }

    @Test
    void aMarkerChangesNothingButTheMark() {
        var before = read(one, 1 << 20);
        Writes.apply(one, Operations.marker(Writes.utf8("here")));
        var after = read(one, 1 << 20);
        assertThat(after.values()).isEqualTo(before.values());
        assertThat(after.rows()).isEqualTo(before.rows());
        assertThat(after.mark()).isNotEqualTo(before.mark());
    }
}
