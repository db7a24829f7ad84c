package io.aitta.multijvm;

import com.google.protobuf.ByteString;
import io.aitta.client.AittaException;
import io.aitta.client.AittaTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Some reads and writes, at a rate that leaves this machine to others, for as long as it is open. Nothing is checked. */
final class Traffic implements AutoCloseable {
    private static final int KEYS = 5_000;
    private static final int READS_FOR_A_WRITE = 2;
    private static final long END_MILLIS = 20_000;

    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean over;

    /** @param valueBytes of each write */
    Traffic(AittaTable table, int clients, int valueBytes) {
        for (int i = 0; i < clients; i++) {
            int seed = i;
            var thread = new Thread(() -> run(table.blocking(), new Random(seed), valueBytes), "traffic-" + i);
            thread.setDaemon(true);
            thread.start();
            threads.add(thread);
        }
    }

    private void run(AittaTable.BlockingView table, Random random, int valueBytes) {
        var value = new byte[valueBytes];
        while (!over) {
            random.nextBytes(value);
            try {
                table.set(key(random), ByteString.copyFrom(value));
                for (int i = 0; i < READS_FOR_A_WRITE; i++) {
                    table.get(key(random));
                }
            } catch (AittaException nodeLost) {
                // That is what the page is to show.
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2 + random.nextInt(8)));
        }
    }

    private static ByteString key(Random random) {
        return ByteString.copyFromUtf8("order:2026-%04d".formatted(random.nextInt(KEYS)));
    }

    @Override
    public void close() {
        over = true;
        try {
            for (var thread : threads) {
                thread.join(END_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
