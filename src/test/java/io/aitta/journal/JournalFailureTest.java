package io.aitta.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that is full or broken: nothing is acknowledged that is not there, and it goes on when the disk is well again. */
class JournalFailureTest {
    @TempDir
    Path directory;

    private Journal journal;
    private final Set<Long> acknowledged = new ConcurrentSkipListSet<>();
    private long next = 1;

    @BeforeEach
    void open() {
        FaultyFilePath.register();
        journal = Journal.open(Rig.h2(directory, "faulty:"));
    }

    @AfterEach
    void close() {
        FaultyFilePath.full = false;
        FaultyFilePath.cannotForce = false;
        journal.close();
    }

    @Test
    void aFullDiskFailsWritesAndTheJournalIsOpenAgainWhenThereIsSpace() throws Exception {
        writeSome(50);
        FaultyFilePath.full = true;
        assertFails();
        assertFails();
        FaultyFilePath.full = false;
        writeUntilItWorks();
        writeSome(50);
        assertAllThere();
    }

    @Test
    void afterAFailedForceNothingIsAcknowledgedUntilTheFileWasOpenedAnew() throws Exception {
        writeSome(50);
        FaultyFilePath.cannotForce = true;
        assertFails();
        assertFails();
        FaultyFilePath.cannotForce = false;
        writeUntilItWorks();
        assertAllThere();
        journal.close();
        journal = Journal.open(Rig.h2(directory, "faulty:"));
        assertAllThere();
    }

    @Test
    void theJournalIsOpenAgainForReadersThoughNobodyWrites() {
        writeSome(50);
        FaultyFilePath.full = true;
        assertFails();
        FaultyFilePath.full = false;
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!isReadable()) {
            assertThat(System.nanoTime()).as("still not readable").isLessThan(until);
        }
        assertAllThere();
    }

    @Test
    void connectionsFromBeforeAFailureDoNotStandInTheWayOfThoseAfterIt() throws Exception {
        for (int i = 0; i < 5; i++) {
            writeSome(50);
            assertAllThere();
            FaultyFilePath.full = true;
            assertFails();
            FaultyFilePath.full = false;
            writeUntilItWorks();
            // The first finds out that its connection is dead.
            isReadable();
            assertAllThere();
        }
    }

    private boolean isReadable() {
        try {
            Rig.rows(journal, "a");
            return true;
        } catch (JournalException notOpen) {
            return false;
        }
    }

    @Test
    void aNodeThatEndsWithAFullDiskStartsAgainWithAllThatWasAcknowledged() throws Exception {
        writeSome(50);
        FaultyFilePath.full = true;
        assertFails();
        journal.close();
        assertThatThrownBy(() -> Journal.open(Rig.h2(directory, "faulty:")))
                .isInstanceOf(JournalException.class)
                .hasMessageContaining("No space left on device");
        FaultyFilePath.full = false;
        journal = Journal.open(Rig.h2(directory, "faulty:"));
        assertAllThere();
        writeSome(10);
        assertAllThere();
    }

    @Test
    void whileTheDiskHangsTheJournalTellsForHowLongWithoutHangingItself() throws Exception {
        writeSome(50);
        awaitUnanswered(0);
        FaultyFilePath.hanging = new CountDownLatch(1);
        var unanswered = write();
        var queued = write();
        awaitUnanswered(100);
        assertThat(journal.whyClosed()).isEmpty();
        assertThat(unanswered).isNotDone();
        FaultyFilePath.hanging.countDown();
        FaultyFilePath.hanging = null;
        Rig.await(queued);
        awaitUnanswered(0);
        writeSome(10);
        assertAllThere();
    }

    private void awaitUnanswered(int millis) {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (millis == 0
                ? journal.unansweredNanos() > 0
                : journal.unansweredNanos() < TimeUnit.MILLISECONDS.toNanos(millis)) {
            assertThat(System.nanoTime()).as("unanswered for %d ms", millis).isLessThan(until);
            Thread.onSpinWait();
        }
    }

    @Test
    void whyTheJournalFailsWritesIsToldUntilItIsOpenAgain() throws Exception {
        writeSome(10);
        assertThat(journal.whyClosed()).isEmpty();
        FaultyFilePath.full = true;
        assertFails();
        assertThat(journal.whyClosed().orElseThrow()).contains("No space left on device");
        FaultyFilePath.full = false;
        writeUntilItWorks();
        assertThat(journal.whyClosed()).isEmpty();
    }

    private CompletableFuture<Void> write() {
        long n = next++;
        return Rig.write(journal, "a", n, new byte[300])
                .thenRun(() -> acknowledged.add(n))
                .toCompletableFuture();
    }

    private void writeSome(int rows) {
        for (int i = 0; i < rows; i++) {
            Rig.await(write());
        }
    }

    private void assertFails() {
        assertThatThrownBy(() -> Rig.await(write()))
                .isInstanceOf(JournalException.class)
                .hasMessageContaining("whether the write is in it is not known");
    }

    private void writeUntilItWorks() throws Exception {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (true) {
            try {
                write().get(20, TimeUnit.SECONDS);
                return;
            } catch (java.util.concurrent.ExecutionException e) {
                assertThat(System.nanoTime())
                        .as("still failing: %s", e.getMessage())
                        .isLessThan(until);
            }
        }
    }

    private void assertAllThere() {
        Set<Long> there =
                Rig.rows(journal, "a").stream().map(EventRow::sequenceNumber).collect(Collectors.toSet());
        assertThat(there).containsAll(acknowledged);
    }
}
