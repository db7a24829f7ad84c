package io.aitta.store;

import static io.aitta.store.Writes.open;
import static io.aitta.store.Writes.rows;
import static io.aitta.store.Writes.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.core.PartitionId;
import io.aitta.core.kv.Batches;
import io.aitta.core.kv.KeySpan;
import io.aitta.core.kv.Operations;
import io.aitta.proto.record.v1.Outcome;
import io.aitta.proto.record.v1.RemoveExpiredOutcome;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The index of what expires when: lazy, but never late. */
class ExpiryTest {
    @TempDir
    Path directory;

    private RocksStore store;
    private ReplicaStore replica;

    @BeforeEach
    void begin() {
        store = open(directory);
        replica = store.replica(new PartitionId("t", 1, 0));
    }

    @AfterEach
    void end() {
        store.close();
    }

    private void restart() {
        store.close();
        store = open(directory);
        replica = store.replica(new PartitionId("t", 1, 0));
    }

    @Test
    void theNextExpiryIsKnownAlsoAfterARestartAndAFullCopy() {
        assertThat(replica.nextExpiryMillis()).isEmpty();
        set(1000, "never", 0);
        assertThat(replica.nextExpiryMillis()).isEmpty();
        set(1000, "b", 50);
        assertThat(replica.nextExpiryMillis()).hasValue(1050);
        set(1000, "c", 70);
        assertThat(replica.nextExpiryMillis()).hasValue(1050);
        set(1000, "a", 20);
        assertThat(replica.nextExpiryMillis()).hasValue(1020);
        restart();
        assertThat(replica.nextExpiryMillis()).hasValue(1020);
        var copy = store.replica(new PartitionId("t", 1, 1));
        assertThat(copy.nextExpiryMillis()).isEmpty();
        Writes.copy(replica, copy, 100);
        assertThat(copy.nextExpiryMillis()).hasValue(1020);
    }

    @Test
    void whatHasExpiredIsRemovedTheEarliestFirstUpToTheLimit() {
        for (int i = 0; i < 5; i++) {
            set(1000, "key-" + i, 10 + i);
        }
        set(1000, "later", 100);
        assertThat(remove(1014, 2)).isEqualTo(outcome(2, 2));
        assertThat(replica.nextExpiryMillis()).hasValue(1012);
        assertThat(stored()).containsExactly("key-2", "key-3", "key-4", "later");
        assertThat(remove(1014, 10)).isEqualTo(outcome(3, 3));
        assertThat(replica.nextExpiryMillis()).hasValue(1100);
        assertThat(remove(1014, 10)).isEqualTo(outcome(0, 0));
        assertThat(remove(1100, 1)).isEqualTo(outcome(1, 1));
        assertThat(replica.nextExpiryMillis()).isEmpty();
        assertThat(rows(replica).keySet()).allSatisfy(row -> assertThat(row).startsWith("\\004"));
    }

    @Test
    void anEntryOfATimeThatItsKeyHasNoMoreIsTakenOutAndTheKeyStays() {
        set(1000, "longer", 10);
        set(1001, "longer", 500);
        set(1000, "for ever", 10);
        set(1001, "for ever", 0);
        set(1000, "gone", 10);
        apply(1001, Operations.delete(utf8("gone"), null));
        assertThat(replica.nextExpiryMillis()).hasValue(1010);
        assertThat(remove(1011, 10)).isEqualTo(outcome(0, 3));
        assertThat(stored()).containsExactly("for ever", "longer");
        assertThat(replica.nextExpiryMillis()).hasValue(1501);
        assertThat(remove(1501, 10)).isEqualTo(outcome(1, 1));
    }

    @Test
    void anEntryBehindThoseThatWereRemovedIsFoundThoughItIsWrittenLater() {
        for (int i = 0; i < 100; i++) {
            set(1000, "key-" + i, 10);
        }
        assertThat(remove(1010, 100)).isEqualTo(outcome(100, 100));
        assertThat(replica.nextExpiryMillis()).isEmpty();
        set(1011, "a", 1);
        set(1011, "A", 1);
        assertThat(replica.nextExpiryMillis()).hasValue(1012);
        assertThat(remove(1012, 1)).isEqualTo(outcome(1, 1));
        assertThat(stored()).containsExactly("a");
        // In one batch with a removal, before and after it.
        apply(
                1012,
                Operations.set(utf8("b"), utf8("v"), 1, null),
                Operations.removeExpired(10),
                Operations.set(utf8("c"), utf8("v"), 2, null));
        assertThat(stored()).containsExactly("b", "c");
        assertThat(replica.nextExpiryMillis()).hasValue(1013);
        assertThat(remove(1020, 10)).isEqualTo(outcome(2, 2));
    }

    @Test
    void removedRangesAndReplacedReplicasLeaveNothingThatExpiresTwice() {
        set(1000, "a", 10);
        apply(1000, Operations.deleteRange(KeySpan.ALL, null));
        set(1000, "a", 20);
        assertThat(remove(1010, 10)).isEqualTo(outcome(0, 1));
        assertThat(stored()).containsExactly("a");
        Writes.copy(store.replica(new PartitionId("t", 1, 1)), replica, 100);
        assertThat(replica.nextExpiryMillis()).isEmpty();
        assertThat(remove(1020, 10)).isEqualTo(outcome(0, 0));
    }

    private void set(long atMillis, String key, long timeToLiveMillis) {
        apply(atMillis, Operations.set(utf8(key), utf8("v"), timeToLiveMillis, null));
    }

    private RemoveExpiredOutcome remove(long atMillis, int limit) {
        return apply(atMillis, Operations.removeExpired(limit)).get(0).getRemoveExpired();
    }

    private List<Outcome> apply(long atMillis, byte[]... operations) {
        return replica
                .apply(replica.mark().getAppliedIndex() + 1, 1, Batches.encode(atMillis, List.of(operations)))
                .stream()
                .map(Writes::parse)
                .toList();
    }

    private static RemoveExpiredOutcome outcome(int removed, int lookedAt) {
        return RemoveExpiredOutcome.newBuilder()
                .setRemoved(removed)
                .setLookedAt(lookedAt)
                .build();
    }

    /** All keys, expired or not. */
    private List<String> stored() {
        try (var view = replica.view()) {
            return view.scan(KeySpan.ALL, null, key -> true, 1000, 1 << 20, true, 0).rows().stream()
                    .map(row -> row.key().toStringUtf8())
                    .toList();
        }
    }
}
