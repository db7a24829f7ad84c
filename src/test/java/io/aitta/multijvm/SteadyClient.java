package io.aitta.multijvm;

import io.aitta.client.AittaException;
import io.aitta.client.AittaTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A client that minds its own business while others make trouble: a write, then a read of what it wrote, at a fixed rate.
 * It keeps how long each took, counted from when it was due, so that one that hangs is seen in all that had to wait for
 * it; and all that failed.
 */
final class SteadyClient implements AutoCloseable {
    private static final int KEYS = 1_000;
    private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final Duration PROGRESS_LIMIT = Duration.ofSeconds(30);

    private final AittaTable.BlockingView table;
    private final Thread thread;
    private final List<Long> nanos = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();
    private volatile boolean stopped;
    /** Whether the next operation is due at once, however late the last one was. */
    private volatile boolean startsOver;

    private SteadyClient(Cluster cluster, String table, Duration deadline) {
        this.table = cluster.client(deadline).table(table).blocking();
        thread = new Thread(this::run, "steady-client");
        thread.setDaemon(true);
    }

    /** Begins at once, and returns when it has been served for a while. What happened until then does not count. */
    static SteadyClient on(Cluster cluster, String table, Duration deadline) {
        var client = new SteadyClient(cluster, table, deadline);
        client.thread.start();
        client.goesOn(50);
        client.startOver();
        return client;
    }

    private void run() {
        long due = System.nanoTime();
        for (int i = 0; !stopped; i++) {
            var key = Load.bytes("steady-" + i % KEYS);
            var value = Load.bytes("value-" + i);
            operate("set", due, () -> table.set(key, value));
            due = next(due);
            operate("get", due, () -> {
                if (!table.get(key).orElseThrow().bytes().equals(value)) {
                    throw new IllegalStateException(key.toStringUtf8() + " has another value");
                }
            });
            due = next(due);
        }
    }

    private void operate(String what, long due, Runnable operation) {
        String failure = null;
        try {
            operation.run();
        } catch (AittaException refused) {
            failure = what + ": " + refused.reason() + ": " + refused.getMessage();
        } catch (RuntimeException wrong) {
            failure = what + ": " + wrong;
        }
        synchronized (this) {
            if (failure == null) {
                nanos.add(System.nanoTime() - due);
            } else {
                failures.add(failure);
            }
        }
    }

    private long next(long due) {
        if (startsOver) {
            startsOver = false;
            return System.nanoTime();
        }
        long next = due + INTERVAL_NANOS;
        while (System.nanoTime() - next < 0) {
            LockSupport.parkNanos(next - System.nanoTime());
        }
        return next;
    }

    /** Returns when it has been served so many times more. */
    void goesOn(int operations) {
        int before = served();
        Await.until(
                () -> "a client is served " + operations + " times; failures: " + failures(),
                PROGRESS_LIMIT,
                () -> served() >= before + operations);
    }

    private synchronized int served() {
        return nanos.size();
    }

    synchronized List<String> failures() {
        return List.copyOf(failures);
    }

    /** Forgets what was, and what is late by now. */
    synchronized void startOver() {
        startsOver = true;
        nanos.clear();
        failures.clear();
    }

    synchronized Latencies latencies() {
        return new Latencies(nanos.stream().mapToLong(Long::longValue).sorted().toArray());
    }

    /** Of operations that succeeded. */
    static final class Latencies {
        private final long[] nanos;

        private Latencies(long[] sorted) {
            nanos = sorted;
        }

        double millis(double percentile) {
            int rank = (int) Math.ceil(nanos.length * percentile / 100);
            return nanos.length == 0 ? 0 : nanos[Math.max(0, rank - 1)] / 1e6;
        }

        @Override
        public String toString() {
            var text = new StringBuilder(nanos.length + " operations");
            for (double percentile : new double[] {50, 90, 99, 99.9, 100}) {
                text.append(String.format(Locale.ROOT, ", p%s %.1f ms", name(percentile), millis(percentile)));
            }
            return text.toString();
        }

        private static String name(double percentile) {
            return percentile == Math.rint(percentile)
                    ? Integer.toString((int) percentile)
                    : Double.toString(percentile);
        }
    }

    @Override
    public void close() {
        stopped = true;
        try {
            thread.join(TimeUnit.SECONDS.toMillis(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
