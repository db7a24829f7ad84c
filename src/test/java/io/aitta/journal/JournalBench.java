package io.aitta.journal;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many forced writes the journal takes: each of so many replicas writes a row when its last one is acknowledged.
 * Arguments: replicas, bytes of a row, seconds. Not a test; run it by hand.
 */
final class JournalBench {
    public static void main(String[] args) throws Exception {
        int replicas = Integer.parseInt(args[0]);
        byte[] payload = new byte[Integer.parseInt(args[1])];
        long seconds = Long.parseLong(args[2]);
        Path directory = Files.createTempDirectory("aitta-journal-bench");
        try (Journal journal = Journal.open(Rig.h2(directory))) {
            for (int round = 0; round < 2; round++) {
                AtomicInteger rows = new AtomicInteger();
                CountDownLatch done = new CountDownLatch(replicas);
                long start = System.nanoTime();
                for (int i = 0; i < replicas; i++) {
                    String id = "replica-" + i + "-" + round;
                    next(journal, id, 1, payload, rows, done, start + seconds * 1_000_000_000L);
                }
                done.await();
                double took = (System.nanoTime() - start) / 1e9;
                System.out.printf(
                        "%d replicas, %d bytes: %.0f rows/s, %.2f ms to an answer; file %.1f MB%n",
                        replicas,
                        payload.length,
                        rows.get() / took,
                        took * 1000 * replicas / rows.get(),
                        Files.size(directory.resolve("journal.mv.db")) / 1e6);
            }
        }
    }

    private static void next(
            Journal journal, String id, long n, byte[] payload, AtomicInteger rows, CountDownLatch done, long until) {
        if (n % 500 == 0) {
            journal.purge().purge(id, n - 400);
        }
        Rig.write(journal, id, n, payload).thenRun(() -> {
            rows.incrementAndGet();
            if (System.nanoTime() < until) {
                next(journal, id, n + 1, payload, rows, done, until);
            } else {
                done.countDown();
            }
        });
    }
}
