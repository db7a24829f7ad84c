package io.aitta.store;

import static io.aitta.store.Writes.apply;
import static io.aitta.store.Writes.delete;
import static io.aitta.store.Writes.open;
import static io.aitta.store.Writes.set;
import static io.aitta.store.Writes.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.aitta.core.PartitionId;
import io.aitta.core.kv.Batches;
import io.aitta.core.kv.KeySpan;
import io.aitta.core.kv.Operations;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a replica holds at one moment, read page by page, and about how much it is. */
class ViewTest {
    private static final PartitionId P = new PartitionId("t", 1, 0);
    private static final Predicate<ByteString> ALL_KEYS = key -> true;

    @TempDir
    Path directory;

    private RocksStore store;
    private ReplicaStore replica;

    @BeforeEach
    void begin() {
        store = open(directory);
        replica = store.replica(P);
    }

    @AfterEach
    void end() {
        store.close();
    }

    @Test
    void aScanGivesAllKeysOfTheSpanInTheirOrderWithTheirValues() {
        apply(replica, set("b", "2"), set("a", "1"), set("c", "3"), set("d", "4"));
        // Neighbours in the same store are others' keys.
        apply(store.replica(new PartitionId("t", 1, 1)), set("bb", "other"));
        try (var view = replica.view()) {
            var page = view.scan(span("b", "d"), null, ALL_KEYS, 10, 1000, false, 1);
            assertThat(keys(page)).containsExactly("b", "c");
            assertThat(page.rows().get(0).value().bytes()).isEqualTo(new byte[] {'2'});
            assertThat(page.rows().get(0).value().version()).isEqualTo(1);
            assertThat(page.next()).isNull();
            assertThat(keys(view.scan(KeySpan.ALL, null, ALL_KEYS, 10, 1000, false, 1)))
                    .containsExactly("a", "b", "c", "d");
            assertThat(keys(view.scan(span("c", ""), null, ALL_KEYS, 10, 1000, false, 1)))
                    .containsExactly("c", "d");
            assertThat(keys(view.scan(span("d", "b"), null, ALL_KEYS, 10, 1000, false, 1)))
                    .isEmpty();
            assertThat(view.mark()).isEqualTo(replica.mark());
        }
    }

    @Test
    void aViewDoesNotChangeWhileEntriesGoOnOrTheReplicaIsReplacedOrDropped() {
        apply(replica, set("a", "1"), set("b", "2"));
        try (var view = replica.view()) {
            apply(replica, set("a", "new"), delete("b"), set("c", "3"));
            store.flush();
            Writes.copy(store.replica(new PartitionId("t", 1, 1)), replica, 1000);
            store.drop(P);
            var page = view.scan(KeySpan.ALL, null, ALL_KEYS, 10, 1000, false, 1);
            assertThat(keys(page)).containsExactly("a", "b");
            assertThat(page.rows().get(0).value().bytes()).isEqualTo(new byte[] {'1'});
            assertThat(view.mark().getAppliedIndex()).isEqualTo(1);
        }
    }

    @Test
    void pagesEndAtTheirLimitsAndTellWhereToGoOn() {
        apply(replica, set("a", "1"), set("b", "2"), set("c", new byte[1000]), set("d", "4"));
        try (var view = replica.view()) {
            var rows = view.scan(KeySpan.ALL, null, ALL_KEYS, 3, 10_000, false, 1);
            assertThat(keys(rows)).containsExactly("a", "b", "c");
            assertThat(rows.next()).isEqualTo(utf8("c"));
            var last = view.scan(KeySpan.ALL, rows.next(), ALL_KEYS, 3, 10_000, false, 1);
            assertThat(keys(last)).containsExactly("d");
            assertThat(last.next()).isNull();
            // One row is given however large.
            assertThat(keys(view.scan(KeySpan.ALL, utf8("b"), ALL_KEYS, 3, 1, false, 1)))
                    .containsExactly("c");
            assertThat(keys(view.scan(KeySpan.ALL, null, ALL_KEYS, 9, 3, false, 1)))
                    .containsExactly("a", "b");
            // A page that is just full at the end is the last one.
            assertThat(view.scan(KeySpan.ALL, null, ALL_KEYS, 4, 10_000, false, 1)
                            .next())
                    .isNull();
        }
    }

    @Test
    void whatIsExpiredOrNotWantedIsPassedOverAndKeysComeAloneIfAsked() {
        replica.apply(
                1,
                1,
                Batches.encode(
                        1000,
                        List.of(
                                set("a", "1"),
                                Operations.set(utf8("b"), utf8("2"), 10, null),
                                set("c", "3"),
                                set("d", "4"))));
        try (var view = replica.view()) {
            assertThat(keys(view.scan(KeySpan.ALL, null, ALL_KEYS, 9, 1000, false, 1009)))
                    .containsExactly("a", "b", "c", "d");
            var page = view.scan(KeySpan.ALL, null, key -> !key.equals(utf8("c")), 9, 1000, true, 1010);
            assertThat(keys(page)).containsExactly("a", "d");
            assertThat(page.rows()).allSatisfy(row -> {
                assertThat(row.value().bytes()).isEmpty();
                assertThat(row.value().version()).isPositive();
            });
        }
    }

    @Test
    void aScanComesUpForAirWhereNothingIsWanted() {
        fill(RocksView.PASSED_OVER + 5);
        try (var view = replica.view()) {
            var page = view.scan(KeySpan.ALL, null, key -> key.equals(utf8("key-00010003")), 10, 1000, false, 1);
            assertThat(page.rows()).isEmpty();
            assertThat(page.next()).isEqualTo(utf8("key-00009999"));
            var rest = view.scan(KeySpan.ALL, page.next(), key -> key.equals(utf8("key-00010003")), 10, 1000, false, 1);
            assertThat(keys(rest)).containsExactly("key-00010003");
            assertThat(rest.next()).isNull();
        }
    }

    @Test
    void aClosedViewIsRefusedAndAViewOutlivesItsStoreWithoutHarm() {
        var closed = replica.view();
        closed.close();
        assertThatThrownBy(() -> closed.scan(KeySpan.ALL, null, ALL_KEYS, 1, 1, false, 1))
                .isInstanceOf(IllegalStateException.class);
        var view = replica.view();
        store.close();
        assertThatThrownBy(() -> view.scan(KeySpan.ALL, null, ALL_KEYS, 1, 1, false, 1))
                .isInstanceOf(StoreException.class);
        view.close();
    }

    @Test
    void fewKeysAreCountedExactly() {
        replica.apply(
                1,
                1,
                Batches.encode(
                        1000,
                        List.of(set("a", "1"), Operations.set(utf8("b"), utf8("22"), 10, null), set("c", "333"))));
        assertThat(replica.estimate(KeySpan.ALL, 1009)).isEqualTo(new ReplicaStore.Estimate(3, 9, true));
        assertThat(replica.estimate(KeySpan.ALL, 1010)).isEqualTo(new ReplicaStore.Estimate(2, 6, true));
        assertThat(replica.estimate(span("b", "c"), 1)).isEqualTo(new ReplicaStore.Estimate(1, 3, true));
    }

    @Test
    void manyKeysAreEstimatedWhetherInMemoryOrOnDisk() {
        int keys = 60_000;
        fill(keys);
        for (boolean flushed : new boolean[] {false, true}) {
            if (flushed) {
                store.flush();
            }
            var all = replica.estimate(KeySpan.ALL, 1);
            assertThat(all.exact()).isFalse();
            assertThat((double) all.keys()).isBetween(keys * 0.85, keys * 1.15);
            assertThat((double) all.bytes() / all.keys()).isBetween(111.0, 113.0);
            var half = replica.estimate(span("key-00030000", ""), 1);
            assertThat((double) half.keys()).isBetween(keys * 0.42, keys * 0.58);
        }
    }

    /** Keys of 12 bytes with values of 100 bytes that do not compress. */
    private void fill(int keys) {
        var random = new java.util.Random(3);
        for (int begin = 0; begin < keys; begin += 1000) {
            apply(
                    replica,
                    IntStream.range(begin, Math.min(keys, begin + 1000))
                            .mapToObj(i -> {
                                var value = new byte[100];
                                random.nextBytes(value);
                                return set(String.format("key-%08d", i), value);
                            })
                            .toArray(byte[][]::new));
        }
    }

    private static KeySpan span(String from, String to) {
        return new KeySpan(utf8(from), utf8(to));
    }

    private static List<String> keys(ReplicaStore.Page page) {
        var keys = new ArrayList<String>();
        page.rows().forEach(row -> keys.add(row.key().toStringUtf8()));
        return keys;
    }
}
