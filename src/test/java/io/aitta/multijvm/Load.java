package io.aitta.multijvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertAll;

import com.google.protobuf.ByteString;
import io.aitta.client.AittaException;
import io.aitta.client.AittaTable;
import io.aitta.client.ReadOutcome;
import io.aitta.history.History;
import io.aitta.history.Linearizability;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Clients that do all that can be done to a handful of keys while things happen to the cluster, and remember what they were
 * told; others that read at the levels that may lag; and one that watches. Besides, some keys are never written again: of
 * those every acknowledged one must be found at the end.
 *
 * <p>{@link #verify} is where the promises are checked: the history of the handful is linearizable; nothing that was
 * acknowledged is lost; what was counted was counted once; sessions never went back; and the watch was told all of it.
 */
final class Load implements AutoCloseable {
    static final Duration DEADLINE = Duration.ofSeconds(1);

    private static final int CLIENTS = 4;
    private static final int PAIRS = 2;
    /** Every so many operations a client writes a key of its own. */
    private static final int ONCE_EVERY = 4;
    /** And every so many it counts. */
    private static final int COUNT_EVERY = 6;
    /** Between two operations of one client, so that histories stay small enough to be judged. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(4);

    /** Of those who look at what is left. */
    private static final Duration PATIENT = Duration.ofSeconds(10);

    private static final Duration PROGRESS_LIMIT = Duration.ofSeconds(30);
    private static final int PROGRESS_OPERATIONS = 30;
    private static final int READ_AT_ONCE = 500;

    /** Somebody who does one operation after the other. */
    interface Client {
        /** Does the next; whether it was served. */
        boolean step(int i);
    }

    /** A client at work. */
    private static final class Worker {
        final AtomicLong done = new AtomicLong();
        final AtomicLong slowestNanos = new AtomicLong();
        final Thread thread;

        Worker(String name, Consumer<Worker> work) {
            thread = new Thread(() -> work.accept(this), name);
            thread.setDaemon(true);
        }
    }

    private final Cluster cluster;
    private final String table;
    private final Duration deadline;
    private final Follower follower;
    private final History history = new History();
    private final Told told = new Told();
    private final Map<String, String> acknowledgedOnce = new ConcurrentHashMap<>();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final Queue<Throwable> broken = new ConcurrentLinkedQueue<>();
    private final Tally tally = new Tally(told, failures::add);
    private final List<Pair> pairs = new ArrayList<>();
    private final List<Worker> workers = new ArrayList<>();
    private volatile boolean stopped;

    private Load(Cluster cluster, String name, Random random, Duration deadline) {
        this.deadline = deadline;
        this.cluster = cluster;
        this.table = name;
        follower = new Follower(table());
        for (int i = 0; i < CLIENTS; i++) {
            add("load-" + i, mix(i, new Random(random.nextLong())));
        }
        for (int i = 0; i < PAIRS; i++) {
            var pair = new Pair(Integer.toString(i), told, failures::add);
            pairs.add(pair);
            add("pair-writer-" + i, pair.writer(table()));
            add("pair-reader-" + i, pair.reader(table(), new Random(random.nextLong())));
        }
    }

    /**
     * Begins at once, and returns when every client has been served. What failed until then is not counted among the
     * failures: Java VMs that have just started may take longer than the deadline for the first request of a kind.
     */
    static Load on(Cluster cluster, String table, Random random) {
        return on(cluster, table, random, DEADLINE);
    }

    /** @param deadline of each operation, with all its retries */
    static Load on(Cluster cluster, String table, Random random, Duration deadline) {
        var load = new Load(cluster, table, random, deadline);
        load.workers.forEach(worker -> worker.thread.start());
        load.goesOn();
        load.failures.clear();
        return load;
    }

    /** With a client of its own, and so with a session of its own. */
    private AittaTable table() {
        return cluster.client(deadline).table(table);
    }

    // ---- the clients --------------------------------------------------------------------------------------------

    private void add(String name, Client client) {
        workers.add(new Worker(name, worker -> run(client, worker)));
    }

    private void run(Client client, Worker worker) {
        try {
            for (int i = 0; !stopped; i++) {
                long begin = System.nanoTime();
                if (client.step(i)) {
                    worker.done.incrementAndGet();
                    worker.slowestNanos.accumulateAndGet(System.nanoTime() - begin, Math::max);
                }
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        } catch (RuntimeException | AssertionError e) {
            broken.add(e);
        }
    }

    private Client mix(int number, Random random) {
        var keys = table();
        var mix = new MixClient("c" + number, keys, random, history, told, failures::add);
        return i -> {
            if (i % ONCE_EVERY == 0) {
                return writeOnce(keys.blocking(), number, i);
            }
            return i % COUNT_EVERY == 1 ? tally.increment(keys.blocking(), number, random.nextBoolean()) : mix.step(i);
        };
    }

    private boolean writeOnce(AittaTable.BlockingView keys, int client, int i) {
        String key = "once-" + client + "-" + i;
        String value = "v" + client + "-" + i;
        try {
            told.holds(key, keys.set(bytes(key), bytes(value)), value);
            acknowledgedOnce.put(key, value);
            return true;
        } catch (AittaException failure) {
            failures.add("set " + key + ": " + failure.reason() + ": " + failure.getMessage());
            return false;
        }
    }

    // ---- for the scenario ---------------------------------------------------------------------------------------

    /** Returns when every client has been served some more, on all keys in turn; fails when that does not come about. */
    void goesOn() {
        var before = workers.stream().map(worker -> worker.done.get()).toList();
        Await.until(() -> "every client goes on; the last failures: " + lastFailures(), PROGRESS_LIMIT, () -> {
            assertThat(broken).isEmpty();
            boolean all = true;
            for (int i = 0; i < workers.size(); i++) {
                all &= workers.get(i).done.get() >= before.get(i) + PROGRESS_OPERATIONS;
            }
            return all;
        });
    }

    /** What clients were told when an operation did not succeed, so far. */
    List<String> failures() {
        return List.copyOf(failures);
    }

    private List<String> lastFailures() {
        var all = failures();
        return all.subList(Math.max(0, all.size() - 5), all.size());
    }

    /** Ends the clients, and checks what they were told against what there is. */
    void verify() {
        stop();
        var keys = cluster.client(PATIENT).table(table).blocking();
        assertAll(
                () -> assertThat(broken).as("clients that broke").isEmpty(),
                this::findEveryAcknowledged,
                this::judgeHistory,
                () -> tally.verify(keys),
                () -> assertThat(pairs.stream().flatMap(pair -> pair.wrong().stream()))
                        .as("what nobody may see at its level")
                        .isEmpty(),
                () -> assertThat(told.contradictions()).isEmpty(),
                () -> follower.verify(told));
    }

    private void judgeHistory() {
        var result = Linearizability.check(history);
        assertThat(result.isLinearizable()).as(result.toString()).isTrue();
    }

    private void findEveryAcknowledged() {
        var reader = cluster.client(PATIENT).table(table).blocking();
        var expected = new ArrayList<>(acknowledgedOnce.entrySet());
        assertThat(expected).isNotEmpty();
        for (int from = 0; from < expected.size(); from += READ_AT_ONCE) {
            var some = expected.subList(from, Math.min(expected.size(), from + READ_AT_ONCE));
            var found = reader.multiGet(
                    some.stream().map(entry -> bytes(entry.getKey())).toList());
            for (int i = 0; i < some.size(); i++) {
                assertThat(found.get(i))
                        .as("the acknowledged write %s", some.get(i))
                        .isInstanceOf(ReadOutcome.Found.class);
                assertThat(((ReadOutcome.Found) found.get(i)).value().utf8())
                        .isEqualTo(some.get(i).getValue());
            }
        }
    }

    String summary() {
        long operations =
                workers.stream().mapToLong(worker -> worker.done.get()).sum();
        long slowest = workers.stream()
                .mapToLong(worker -> worker.slowestNanos.get())
                .max()
                .orElseThrow();
        return operations + " operations served, " + failures.size() + " not, "
                + history.calls().size()
                + " calls in the history, " + acknowledgedOnce.size() + " keys written once; " + tally + "; " + follower
                + "; the slowest took " + TimeUnit.NANOSECONDS.toMillis(slowest) + " ms";
    }

    private void stop() {
        stopped = true;
        for (var worker : workers) {
            try {
                worker.thread.join(TimeUnit.SECONDS.toMillis(10));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Ends the clients. */
    @Override
    public void close() {
        stop();
        follower.close();
    }

    static ByteString bytes(String text) {
        return ByteString.copyFromUtf8(text);
    }
}
