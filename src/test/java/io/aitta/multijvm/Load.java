package io.aitta.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.aitta.client.AittaClient;
import io.aitta.client.AittaException;
import io.aitta.client.AittaTable;
import io.aitta.client.ReadOutcome;
import io.aitta.history.Answer;
import io.aitta.history.History;
import io.aitta.history.Linearizability;
import io.aitta.history.Operation;
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
import java.util.function.Supplier;

/**
 * Clients that read, write and delete a handful of keys while things happen to the cluster, and remember what they were
 * told. Besides, each writes keys that are never written again: of those every acknowledged one must be found at the end.
 *
 * <p>{@link #verify} is where the promises are checked: the history of the handful is linearizable, and nothing that was
 * acknowledged is lost.
 */
final class Load implements AutoCloseable {
    static final Duration DEADLINE = Duration.ofSeconds(1);

    private static final int CLIENTS = 4;
    private static final int KEYS = 8;
    /** Every so many operations a client writes a key of its own. */
    private static final int ONCE_EVERY = 4;
    /** Between two operations of one client, so that histories stay small enough to be judged. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(4);

    private static final Duration PROGRESS_LIMIT = Duration.ofSeconds(20);
    private static final int PROGRESS_OPERATIONS = 50;
    private static final int READ_AT_ONCE = 500;

    private final Cluster cluster;
    private final String table;
    private final History history = new History();
    private final Map<String, String> acknowledgedOnce = new ConcurrentHashMap<>();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicLong[] done = new AtomicLong[CLIENTS];
    private final AtomicLong[] slowestNanos = new AtomicLong[CLIENTS];
    private volatile boolean stopped;

    private Load(Cluster cluster, String table, Random random) {
        this.cluster = cluster;
        this.table = table;
        for (int i = 0; i < CLIENTS; i++) {
            int number = i;
            var own = new Random(random.nextLong());
            var client = cluster.client(DEADLINE);
            done[i] = new AtomicLong();
            slowestNanos[i] = new AtomicLong();
            var thread = new Thread(() -> run(number, client, own), "load-" + i);
            thread.setDaemon(true);
            threads.add(thread);
        }
    }

    /**
     * Begins at once, and returns when every client has been served. What failed until then is not counted among the
     * failures: Java VMs that have just started may take longer than the deadline for the first request of a kind.
     */
    static Load on(Cluster cluster, String table, Random random) {
        var load = new Load(cluster, table, random);
        load.threads.forEach(Thread::start);
        load.goesOn();
        load.failures.clear();
        return load;
    }

    // ---- the clients --------------------------------------------------------------------------------------------

    private void run(int number, AittaClient client, Random random) {
        var keys = client.table(table).blocking();
        for (int i = 0; !stopped; i++) {
            long begin = System.nanoTime();
            boolean ok = i % ONCE_EVERY == 0 ? writeOnce(keys, number, i) : operate(keys, number, i, random);
            if (ok) {
                done[number].incrementAndGet();
                slowestNanos[number].accumulateAndGet(System.nanoTime() - begin, Math::max);
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private boolean writeOnce(AittaTable.BlockingView keys, int client, int i) {
        String key = "once-" + client + "-" + i;
        String value = "v" + client + "-" + i;
        try {
            keys.set(bytes(key), bytes(value));
            acknowledgedOnce.put(key, value);
            return true;
        } catch (AittaException failure) {
            failures.add("set " + key + ": " + failure.reason() + ": " + failure.getMessage());
            return false;
        }
    }

    private boolean operate(AittaTable.BlockingView keys, int client, int i, Random random) {
        String key = "key-" + random.nextInt(KEYS);
        int dice = random.nextInt(20);
        if (dice < 9) {
            return record(client, new Operation.Get(key), () -> keys.get(bytes(key))
                    .<Answer>map(value -> Answer.value(value.utf8()))
                    .orElseGet(Answer::absent));
        }
        if (dice < 17) {
            String value = client + "/" + i;
            return record(client, Operation.set(key, value), () -> {
                keys.set(bytes(key), bytes(value));
                return Answer.NOTHING;
            });
        }
        return record(client, new Operation.Delete(key), () -> Answer.did(keys.delete(bytes(key))));
    }

    private boolean record(int client, Operation operation, Supplier<Answer> call) {
        int id = history.invoke("c" + client, operation);
        try {
            history.ok(id, call.get());
            return true;
        } catch (AittaException.OutcomeUnknown unknown) {
            history.unknown(id);
            failures.add(operation + ": " + unknown.getMessage());
            return false;
        } catch (AittaException refused) {
            history.fail(id);
            failures.add(operation + ": " + refused.reason() + ": " + refused.getMessage());
            return false;
        }
    }

    // ---- for the scenario ---------------------------------------------------------------------------------------

    /** Returns when every client has been served some more, on all keys in turn; fails when that does not come about. */
    void goesOn() {
        var before = new long[CLIENTS];
        for (int i = 0; i < CLIENTS; i++) {
            before[i] = done[i].get();
        }
        Await.until(() -> "every client goes on; the last failures: " + lastFailures(), PROGRESS_LIMIT, () -> {
            boolean all = true;
            for (int i = 0; i < CLIENTS; i++) {
                all &= done[i].get() >= before[i] + PROGRESS_OPERATIONS;
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
        close();
        findEveryAcknowledged();
        var result = Linearizability.check(history);
        assertThat(result.isLinearizable()).as(result.toString()).isTrue();
    }

    private void findEveryAcknowledged() {
        var reader = cluster.client(Duration.ofSeconds(10)).table(table).blocking();
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
        long operations = 0;
        long slowest = 0;
        for (int i = 0; i < CLIENTS; i++) {
            operations += done[i].get();
            slowest = Math.max(slowest, slowestNanos[i].get());
        }
        return operations + " operations served, " + failures.size() + " not, " + acknowledgedOnce.size()
                + " keys written once; the slowest took " + TimeUnit.NANOSECONDS.toMillis(slowest) + " ms";
    }

    /** Ends the clients. */
    @Override
    public void close() {
        stopped = true;
        for (var thread : threads) {
            try {
                thread.join(TimeUnit.SECONDS.toMillis(10));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    static ByteString bytes(String text) {
        return ByteString.copyFromUtf8(text);
    }
}
