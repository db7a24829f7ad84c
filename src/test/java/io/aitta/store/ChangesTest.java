package io.aitta.store;

import static io.aitta.store.Writes.apply;
import static io.aitta.store.Writes.delete;
import static io.aitta.store.Writes.open;
import static io.aitta.store.Writes.set;
import static io.aitta.store.Writes.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.kv.KeySpan;
import io.aitta.core.kv.Operations;
import io.aitta.core.replication.Membership;
import io.aitta.proto.record.v1.Change;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What entries changed, kept for watchers, and forgotten from the oldest on. */
class ChangesTest {
    private static final int PLENTY = 1 << 30;

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
    void whatEntriesChangedIsToldInOrderAndAgainAfterARestart() {
        apply(replica, set("a", "1"), set("b", "2"));
        apply(replica, delete("nothing"));
        replica.skip(3, 1, Membership.ofVoters(new NodeId("n1")));
        apply(replica, delete("a"));
        for (int round = 0; round < 2; round++) {
            var changes = replica.changes(0, KeySpan.ALL, PLENTY).orElseThrow();
            assertThat(told(changes)).containsExactly("1 SET a=1", "1 SET b=2", "4 DELETE a=");
            assertThat(changes.entries().get(0).changes().getTimestampMillis()).isEqualTo(1);
            assertThat(changes.lookedAtTo()).isEqualTo(4);
            assertThat(told(replica.changes(1, KeySpan.ALL, PLENTY).orElseThrow()))
                    .containsExactly("4 DELETE a=");
            restart();
        }
    }

    @Test
    void atTheEndThereIsNothingAndAReaderThatIsAheadStaysThere() {
        apply(replica, set("a", "1"));
        assertThat(replica.changes(1, KeySpan.ALL, PLENTY)).hasValue(new ReplicaStore.Changes(List.of(), 1));
        assertThat(replica.changes(7, KeySpan.ALL, PLENTY)).hasValue(new ReplicaStore.Changes(List.of(), 7));
    }

    @Test
    void onlyWhatIsInTheSpanIsToldAndARemovedRangeIsCutToIt() {
        apply(replica, set("a", "1"), set("b", "2"), set("c", "3"));
        apply(replica, set("z", "1"));
        apply(replica, Operations.deleteRange(new KeySpan(utf8("a"), utf8("c")), null));
        apply(replica, Operations.deleteRange(KeySpan.ALL, null));
        var ofB = replica.changes(0, KeySpan.ofKey(utf8("b")), PLENTY).orElseThrow();
        assertThat(told(ofB)).containsExactly("1 SET b=2", "3 RANGE_DELETED b= to b\0", "4 RANGE_DELETED b= to b\0");
        assertThat(ofB.lookedAtTo()).isEqualTo(4);
        var fromC = replica.changes(1, new KeySpan(utf8("c"), utf8("")), PLENTY).orElseThrow();
        assertThat(told(fromC)).containsExactly("2 SET z=1", "4 RANGE_DELETED c= to ");
    }

    @Test
    void anAnswerHoldsAboutTheBytesAskedForAndTellsWhereToGoOn() {
        for (int i = 1; i <= 10; i++) {
            apply(replica, set("a", new byte[1000]), set("b", "x"));
        }
        var first = replica.changes(0, KeySpan.ALL, 2500).orElseThrow();
        assertThat(first.entries()).hasSize(3);
        assertThat(first.lookedAtTo()).isEqualTo(3);
        assertThat(replica.changes(3, KeySpan.ALL, 1).orElseThrow().entries()).hasSize(1);
        // What is left out does not count.
        assertThat(replica.changes(0, KeySpan.ofKey(utf8("b")), 2500)
                        .orElseThrow()
                        .entries())
                .hasSize(10);
    }

    @Test
    void aReaderOfASpanWhereLittleHappensComesUpForAir() {
        for (int i = 1; i <= 12; i++) {
            apply(replica, set("a", new byte[500_000]));
        }
        var rare = KeySpan.ofKey(utf8("b"));
        var first = replica.changes(0, rare, PLENTY).orElseThrow();
        assertThat(first.entries()).isEmpty();
        assertThat(first.lookedAtTo()).isBetween(7L, 10L);
        assertThat(replica.changes(first.lookedAtTo(), rare, PLENTY)
                        .orElseThrow()
                        .lookedAtTo())
                .isEqualTo(12);
    }

    @Test
    void theOldestAreForgottenAndTheNewestKept() {
        replica.trimChanges(2 << 20);
        for (int i = 1; i <= 100; i++) {
            apply(replica, set("a", new byte[100_000]));
        }
        assertThat(replica.changesAfter()).isZero();
        replica.trimChanges(2 << 20);
        // 20 entries are 2 MB; pieces are of 1 MiB.
        assertThat(replica.changesAfter()).isBetween(65L, 79L);
        long after = replica.changesAfter();
        for (int round = 0; round < 2; round++) {
            assertThat(replica.changesAfter()).isEqualTo(after);
            assertThat(replica.changes(after - 1, KeySpan.ALL, PLENTY)).isEmpty();
            assertThat(replica.changes(0, KeySpan.ALL, PLENTY)).isEmpty();
            assertThat(replica.changes(after, KeySpan.ALL, PLENTY).orElseThrow().entries())
                    .hasSize((int) (100 - after));
            restart();
        }
        replica.trimChanges(PLENTY);
        assertThat(replica.changesAfter()).isEqualTo(after);
    }

    @Test
    void afterARestartItIsKnownRoughlyHowMuchIsKept() {
        var random = new Random(5);
        for (int i = 1; i <= 100; i++) {
            var value = new byte[100_000];
            random.nextBytes(value);
            apply(replica, set("a", value));
        }
        restart();
        replica.trimChanges(2 << 20);
        assertThat(replica.changesAfter()).isBetween(55L, 80L);
    }

    @Test
    void aFullCopyAnswersTheSameReaders() {
        replica.trimChanges(1 << 20);
        for (int i = 1; i <= 30; i++) {
            apply(replica, set("a", new byte[100_000]), set("b", "" + i));
        }
        replica.trimChanges(1 << 20);
        var copy = store.replica(new PartitionId("t", 1, 1));
        Writes.copy(replica, copy, 10_000);
        long after = replica.changesAfter();
        assertThat(after).isPositive();
        assertThat(copy.changesAfter()).isEqualTo(after);
        assertThat(copy.changes(after, KeySpan.ALL, PLENTY)).isEqualTo(replica.changes(after, KeySpan.ALL, PLENTY));
        assertThat(copy.changes(after - 1, KeySpan.ALL, PLENTY)).isEmpty();
    }

    @Test
    void aReaderMissesNothingWhileChangesAreMadeAndForgotten() throws InterruptedException {
        replica.trimChanges(1 << 20);
        var failed = new AtomicReference<Throwable>();
        int last = 600;
        var reader = new Thread(() -> {
            try {
                long at = 0;
                while (at < last) {
                    var changes = replica.changes(at, KeySpan.ofPrefix(utf8("k")), 10_000);
                    if (changes.isEmpty()) {
                        assertThat(replica.changesAfter()).isGreaterThan(at);
                        at = replica.changesAfter();
                        continue;
                    }
                    for (var entry : changes.get().entries()) {
                        assertThat(entry.index()).isEqualTo(++at);
                        assertThat(entry.changes().getChanges(0).getKey()).isEqualTo(utf8("k" + at));
                    }
                    assertThat(changes.get().lookedAtTo()).isEqualTo(at);
                }
            } catch (RuntimeException | Error e) {
                failed.set(e);
            }
        });
        reader.start();
        for (int i = 1; i <= last; i++) {
            apply(replica, set("a", new byte[20_000]), set("k" + i, "v"));
            if (i % 20 == 0) {
                replica.trimChanges(1 << 20);
            }
        }
        reader.join(30_000);
        assertThat(reader.isAlive()).isFalse();
        assertThat(failed.get()).isNull();
        assertThat(replica.changesAfter()).isPositive();
    }

    private static List<String> told(ReplicaStore.Changes changes) {
        var told = new ArrayList<String>();
        for (var entry : changes.entries()) {
            for (Change change : entry.changes().getChangesList()) {
                var range = change.getKind() == Change.Kind.RANGE_DELETED
                        ? " to " + change.getTo().toStringUtf8()
                        : "";
                told.add(entry.index() + " " + change.getKind() + " "
                        + change.getKey().toStringUtf8() + "="
                        + change.getValue().toStringUtf8() + range);
            }
        }
        return told;
    }
}
