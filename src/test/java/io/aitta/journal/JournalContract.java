package io.aitta.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every database under the journal promises. */
abstract class JournalContract {
    private Journal journal;
    private ActorTestKit kit;

    /** The same database each time. */
    abstract Config config();

    @BeforeEach
    void start() {
        journal = Journal.open(config());
        kit = ActorTestKit.create("journal", journal.overrides().withFallback(config()));
    }

    @AfterEach
    void end() throws Exception {
        stop();
        removeAll();
    }

    /** Leaves nothing for the next test. The journal is closed. */
    abstract void removeAll() throws Exception;

    private void stop() {
        kit.shutdownTestKit();
        journal.close();
    }

    private void restart() {
        stop();
        start();
    }

    private long add(String id, int events, int bytes) {
        TestProbe<Long> probe = kit.createTestProbe();
        ActorRef<Counter.Command> counter = kit.spawn(Counter.of(id));
        counter.tell(new Counter.Add(events, bytes, probe.ref()));
        long answer = probe.receiveMessage(java.time.Duration.ofSeconds(20));
        counter.tell(new Counter.Stop());
        probe.expectTerminated(counter, java.time.Duration.ofSeconds(20));
        return answer;
    }

    private List<Long> sequenceNumbers(String id, long from, long to, long bytes) {
        return Rig.await(journal.reader(kit.system()).read(id, from, to, bytes)).stream()
                .map(BinlogReader.Row::sequenceNumber)
                .toList();
    }

    @Test
    void eventsAndSnapshotsAreThereAfterARestart() {
        assertThat(add("a", 3, 100)).isEqualTo(3);
        assertThat(add("b", 12, 100)).isEqualTo(12);
        restart();
        assertThat(add("a", 1, 0)).isEqualTo(4);
        assertThat(add("b", 1, 0)).isEqualTo(13);
        assertThat(journal.reader(kit.system()).persistenceIds()).contains("a", "b");
    }

    @Test
    void theReaderGivesAPartOfABinlogInOrderAndStopsAtItsLimit() {
        add("a", 9, 1000);
        assertThat(sequenceNumbers("a", 3, 6, 1 << 20)).containsExactly(3L, 4L, 5L, 6L);
        assertThat(sequenceNumbers("a", 1, 100, 2_500)).containsExactly(1L, 2L);
        assertThat(sequenceNumbers("a", 4, 100, 10)).as("always at least one").containsExactly(4L);
        assertThat(sequenceNumbers("nobody", 1, 100, 10)).isEmpty();
        Object event = Rig.await(journal.reader(kit.system()).read("a", 1, 1, 10))
                .get(0)
                .event();
        assertThat((byte[]) event).hasSize(1000);
    }

    @Test
    void aPurgedBinlogGoesOnWhereItWasAfterARestart() {
        add("a", 600, 10);
        add("b", 5, 10);
        assertThat(Rig.await(journal.purge().purge("a", 590))).isEqualTo(590);
        assertThat(sequenceNumbers("a", 1, 1000, 1 << 20)).first().isEqualTo(591L);
        assertThat(Rig.await(journal.reader(kit.system()).size("a"))).isEqualTo(new BinlogReader.Size(10, 100));
        assertThat(Rig.await(journal.reader(kit.system()).size("b")).rows()).isEqualTo(5);
        restart();
        assertThat(add("a", 1, 10)).as("state from the snapshot").isEqualTo(601);
    }

    @Test
    void purgeKeepsTheNewestRowAndTheNewestSnapshot() {
        add("a", 25, 10);
        add("a", 15, 10);
        Rig.await(journal.purge().purge("a", Long.MAX_VALUE));
        assertThat(sequenceNumbers("a", 1, 1000, 1 << 20)).containsExactly(40L);
        assertThat(snapshots("a")).containsExactly(40L);
        assertThat(Rig.await(journal.reader(kit.system()).highestSequenceNumber("a")))
                .isEqualTo(40);
        assertThat(Rig.await(journal.purge().purge("a", Long.MAX_VALUE))).isZero();
        assertThat(Rig.await(journal.purge().purge("nobody", 7))).isZero();
    }

    private List<Long> snapshots(String id) {
        return Rig.await(journal.readers().submit(id, (connection, replica) -> {
            List<Long> found = new ArrayList<>();
            try (var select =
                    connection.prepareStatement("SELECT row_key FROM aitta_snapshot WHERE row_key BETWEEN ? AND ?")) {
                select.setLong(1, RowKey.of(replica, 0));
                select.setLong(2, RowKey.atMost(replica, Long.MAX_VALUE));
                try (var rows = select.executeQuery()) {
                    while (rows.next()) {
                        found.add(RowKey.sequenceNumber(rows.getLong(1)));
                    }
                }
            }
            return found;
        }));
    }

    @Test
    void theSequenceNumberSurvivesEvenThePluginsOwnDelete() {
        add("a", 7, 10);
        Rig.await(journal.purge().delete("a", 100));
        assertThat(sequenceNumbers("a", 1, 1000, 1 << 20)).isEmpty();
        restart();
        assertThat(Rig.await(journal.reader(kit.system()).highestSequenceNumber("a")))
                .isEqualTo(7);
        add("a", 1, 10);
        assertThat(sequenceNumbers("a", 1, 1000, 1 << 20)).containsExactly(8L);
    }

    @Test
    void aDroppedReplicaIsAsIfItHadNeverBeen() {
        add("a", 300, 10);
        add("b", 2, 10);
        assertThat(Rig.await(journal.purge().drop("a"))).isEqualTo(300);
        assertThat(journal.reader(kit.system()).persistenceIds()).contains("b").doesNotContain("a");
        assertThat(add("a", 1, 10)).isEqualTo(1);
        restart();
        assertThat(add("a", 1, 10)).isEqualTo(2);
        assertThat(add("b", 1, 10)).isEqualTo(3);
    }

    @Test
    void aRowOfTheLargestSizeFitsAndOneThatIsLargerIsRefusedWithItsSize() {
        add("a", 1, EventRow.MAX_PAYLOAD);
        assertThat(Rig.await(journal.reader(kit.system()).size("a")).bytes()).isEqualTo(EventRow.MAX_PAYLOAD);
        assertThatThrownBy(() -> Rig.await(Rig.write(journal, "a", 2, new byte[EventRow.MAX_PAYLOAD + 1])))
                .isInstanceOf(JournalException.class)
                .hasMessageContaining("1000001 bytes")
                .hasMessageContaining("at most 1000000");
    }

    @Test
    void oneBadRowFailsAloneThoughItWasWrittenWithOthers() {
        Rig.await(Rig.write(journal, "a", 1, new byte[10]));
        List<CompletionStage<Void>> good = new ArrayList<>();
        List<CompletionStage<Void>> bad = new ArrayList<>();
        for (int i = 1; i <= 200; i++) {
            good.add(Rig.write(journal, "good-" + i % 10, (i + 9) / 10, new byte[10]));
            bad.add(Rig.write(journal, "a", 1, new byte[10]));
        }
        good.forEach(Rig::await);
        bad.forEach(write -> assertThatThrownBy(() -> Rig.await(write)).isNotNull());
        assertThat(Rig.await(journal.reader(kit.system()).size("a")).rows()).isEqualTo(1);
        assertThat(Rig.await(journal.reader(kit.system()).size("good-3")).rows())
                .isEqualTo(20);
    }
}
