package io.aitta.core.kv;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.aitta.proto.record.v1.Change;
import io.aitta.proto.record.v1.Outcome;
import io.aitta.proto.record.v1.StoredValue;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Removing ranges, and keys whose time is over. */
class RemovalTest {
    private final MemoryState state = new MemoryState();

    @Test
    void aRangeGoesWithWhatItsBatchWroteBeforeAndWithoutWhatItWritesAfter() {
        state.apply(1, set("a"), set("b"), set("c"));
        var outcomes = state.apply(
                2,
                set("bb"),
                deleteRange("b", "c"),
                set("b"),
                Operations.delete(bytes("bb"), null),
                Operations.increment(bytes("bc"), 1, 0, null));
        assertThat(outcomes.get(1).getDeleteRange().getVersion()).isEqualTo(5);
        assertThat(outcomes.get(3).getDelete().getExisted()).isFalse();
        assertThat(state.values).containsOnlyKeys(bytes("a"), bytes("b"), bytes("bc"), bytes("c"));
        assertThat(state.changes)
                .extracting(Change::getKind)
                .containsExactly(Change.Kind.SET, Change.Kind.RANGE_DELETED, Change.Kind.SET, Change.Kind.SET);
        assertThat(state.changes.get(1))
                .isEqualTo(Change.newBuilder()
                        .setKind(Change.Kind.RANGE_DELETED)
                        .setKey(bytes("b"))
                        .setTo(bytes("c"))
                        .setVersion(5)
                        .build());
    }

    @Test
    void operationsAfterARangeInTheSameBatchSeeNothingOfWhatWasStored() {
        state.apply(1, Operations.set(bytes("n"), bytes("41"), null));
        var outcomes =
                state.apply(2, Operations.deleteRange(KeySpan.ALL, null), Operations.increment(bytes("n"), 1, 0, null));
        assertThat(outcomes.get(1).getIncrement().getValue()).isEqualTo(1);
    }

    @Test
    void aRangeThatCanHoldNoKeyIsNoWrite() {
        state.apply(1, set("a"));
        for (byte[] nothing : List.of(deleteRange("b", "a"), deleteRange("a", "a"))) {
            assertThat(state.apply(2, nothing).get(0).getDeleteRange().getVersion())
                    .isZero();
            assertThat(state.changes).isEmpty();
        }
        assertThat(state.revision).isEqualTo(1);
        assertThat(state.read("a")).contains("v");
    }

    @Test
    void expiredKeysAreRemovedTheEarliestFirstAndAtOneVersion() {
        state.apply(1000, setFor("a", 30), setFor("b", 10), setFor("c", 20), setFor("d", 31), set("e"));
        var first = removeExpired(1030, 2);
        assertThat(first.getRemoveExpired().getRemoved()).isEqualTo(2);
        assertThat(first.getRemoveExpired().getLookedAt()).isEqualTo(2);
        assertThat(state.values).containsOnlyKeys(bytes("a"), bytes("d"), bytes("e"));
        assertThat(state.changes).containsExactly(expired("b", 6), expired("c", 6));
        var second = removeExpired(1030, 2);
        assertThat(second.getRemoveExpired().getRemoved()).isEqualTo(1);
        assertThat(second.getRemoveExpired().getLookedAt())
                .as("fewer than the limit: there is no more")
                .isEqualTo(1);
        assertThat(state.values).containsOnlyKeys(bytes("d"), bytes("e"));
        assertThat(state.revision).isEqualTo(7);
    }

    @Test
    void anEntryOfATimeThatItsKeyHasNoMoreIsDroppedAndTheKeyStays() {
        state.apply(1000, setFor("later", 10), setFor("never", 10), setFor("gone", 10), setFor("ranged", 10));
        state.apply(1001, Operations.expire(bytes("later"), 100, null), Operations.expire(bytes("never"), 0, null));
        state.apply(1001, Operations.delete(bytes("gone"), null), deleteRange("ranged", "s"));
        var outcome = removeExpired(1050, 10).getRemoveExpired();
        assertThat(outcome.getRemoved()).isZero();
        assertThat(outcome.getLookedAt()).isEqualTo(4);
        assertThat(state.values).containsOnlyKeys(bytes("later"), bytes("never"));
        assertThat(state.changes).isEmpty();
        assertThat(state.expiryIndex).containsExactly(new KvReader.Expiring(1101, bytes("later")));
    }

    @Test
    void aKeyWrittenEarlierInTheSameBatchIsNotRemovedForTheTimeItHadBefore() {
        state.apply(1000, setFor("a", 10), setFor("b", 10), setFor("c", 10), setFor("d", 10));
        var outcomes = state.apply(
                1010, set("a"), setFor("b", 5), deleteRange("c", "d"), Operations.removeExpired(100), setFor("d", 7));
        assertThat(outcomes.get(3).getRemoveExpired().getRemoved())
                .as("of d alone")
                .isEqualTo(1);
        assertThat(outcomes.get(3).getRemoveExpired().getLookedAt()).isEqualTo(4);
        assertThat(state.values).containsOnlyKeys(bytes("a"), bytes("b"), bytes("d"));
        assertThat(state.expiryIndex)
                .containsExactly(new KvReader.Expiring(1015, bytes("b")), new KvReader.Expiring(1017, bytes("d")));
    }

    @Test
    void twoRemovalsInOneBatchLookAtDifferentEntries() {
        state.apply(1000, setFor("a", 1), setFor("b", 2), setFor("c", 3));
        var outcomes = state.apply(1010, Operations.removeExpired(2), Operations.removeExpired(2));
        assertThat(outcomes)
                .extracting(outcome -> outcome.getRemoveExpired().getRemoved())
                .containsExactly(2, 1);
        assertThat(state.values).isEmpty();
        assertThat(state.expiryIndex).isEmpty();
    }

    @Test
    void atTheEndOfAllTimeAnEntryThatIsWrittenAgainSurvivesItsRemoval() {
        state.apply(1000, setFor("a", -1));
        // What is written now is over at once, and due under the very entry that is removed before.
        state.apply(Long.MAX_VALUE, Operations.removeExpired(1), setFor("a", 5));
        assertThat(state.expiryIndex).containsExactly(new KvReader.Expiring(Long.MAX_VALUE, bytes("a")));
        state.apply(Long.MAX_VALUE, setFor("a", 5), Operations.removeExpired(1));
        assertThat(state.values).isEmpty();
        assertThat(state.expiryIndex).isEmpty();
    }

    @Test
    void removingNothingIsNoWrite() {
        assertThat(removeExpired(1000, 10).getRemoveExpired())
                .isEqualTo(Outcome.getDefaultInstance().getRemoveExpired());
        assertThat(state.revision).isZero();
    }

    @Test
    void aRemovalWithoutALimitOrWithTooLargeAOneIsNoOperation() {
        for (int limit : new int[] {0, -1, Operations.MAX_REMOVE_EXPIRED + 1}) {
            assertThat(removeExpired(1, limit).getRefused().getReason()).isEqualTo("MALFORMED_OPERATION");
        }
    }

    @Test
    void manyExpiredValuesAreNeverInMemoryTogether() {
        for (int i = 0; i < 300; i++) {
            state.apply(1000, setFor("k" + i, 1 + i % 7));
        }
        var most = new int[1];
        var counting = new KvReader() {
            @Override
            public List<Optional<StoredValue>> read(List<ByteString> keys) {
                most[0] = Math.max(most[0], keys.size());
                return state.read(keys);
            }

            @Override
            public List<Expiring> expired(long nowMillis, int limit) {
                return state.expired(nowMillis, limit);
            }
        };
        var batch = Batches.encode(2000, List.of(Operations.removeExpired(1000)));
        var effects = Applier.apply(batch, 1000, 300, new SessionTable(Map.of(), 0), counting);
        assertThat(effects.writes()).hasSize(300);
        assertThat(most[0]).isLessThanOrEqualTo(64);
    }

    private Outcome removeExpired(long timestampMillis, int limit) {
        return state.apply(timestampMillis, Operations.removeExpired(limit)).get(0);
    }

    private static Change expired(String key, long version) {
        return Change.newBuilder()
                .setKind(Change.Kind.EXPIRED)
                .setKey(bytes(key))
                .setVersion(version)
                .build();
    }

    private static byte[] set(String key) {
        return Operations.set(bytes(key), bytes("v"), null);
    }

    private static byte[] setFor(String key, long timeToLiveMillis) {
        return Operations.set(bytes(key), bytes("v"), timeToLiveMillis, null);
    }

    private static byte[] deleteRange(String from, String to) {
        return Operations.deleteRange(new KeySpan(bytes(from), bytes(to)), null);
    }

    private static ByteString bytes(String text) {
        return ByteString.copyFromUtf8(text);
    }
}
