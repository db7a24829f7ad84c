package io.aitta.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The journal's file stays small however much is written, as long as it is purged. */
class JournalSizeTest {
    private static final int REPLICAS = 16;
    private static final int KEPT = 60;
    private static final long BOUND = 96 << 20;

    @TempDir
    Path directory;

    private final Random random = new Random(1);
    private final long[] written = new long[REPLICAS];
    private final AtomicLong slowestAnswer = new AtomicLong();

    @Test
    void theFileStaysBelowABoundUnderConstantOverwrite() throws Exception {
        long bytes = 0;
        long biggest = 0;
        try (Journal journal = Journal.open(Rig.h2(directory))) {
            Semaphore inFlight = new Semaphore(64);
            for (int step = 1; step <= 20; step++) {
                long until = step * 10_000_000L;
                while (bytes < until) {
                    bytes += writeOne(journal, inFlight);
                    // Replicas that write once and fall silent: each pins a page somewhere.
                    if (random.nextInt(40) == 0) {
                        Rig.write(journal, "silent-" + random.nextInt(1_000_000), 1, new byte[500]);
                    }
                }
                biggest = Math.max(biggest, fileSize());
                System.out.printf(Locale.ROOT, "%4d MB written, file %6.1f MB%n", bytes / 1_000_000, fileSize() / 1e6);
            }
            assertThat(inFlight.tryAcquire(64, 30, TimeUnit.SECONDS)).isTrue();
        }
        System.out.printf(
                Locale.ROOT,
                "closed: file %.1f MB; slowest answer %.1f ms%n",
                fileSize() / 1e6,
                slowestAnswer.get() / 1e6);
        assertThat(biggest).isLessThan(BOUND);
    }

    private int writeOne(Journal journal, Semaphore inFlight) throws InterruptedException {
        assertThat(inFlight.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
        int replica = random.nextInt(REPLICAS);
        String id = "busy-" + replica;
        byte[] payload = new byte[random.nextInt(10) == 0 ? 64_000 : 1 + random.nextInt(4_000)];
        random.nextBytes(payload);
        long n = ++written[replica];
        long start = System.nanoTime();
        Rig.write(journal, id, n, payload).whenComplete((done, failure) -> {
            slowestAnswer.accumulateAndGet(System.nanoTime() - start, Math::max);
            inFlight.release();
        });
        if (n % KEPT == 0) {
            journal.purge().purge(id, n - KEPT);
        }
        return payload.length;
    }

    private long fileSize() throws IOException {
        return Files.size(directory.resolve("journal.mv.db"));
    }
}
