package io.aitta.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.aitta.client.AittaException;
import io.aitta.client.ReadOutcome;
import io.aitta.client.WriteOutcome;
import io.aitta.proto.v1.KvGrpc;
import io.aitta.proto.v1.MultiGetRequest;
import io.aitta.proto.v1.ReadConsistency;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/**
 * Keys that expire one group after the other, and readers that look at them all the time: one reads strongly, as clients
 * do, and one for each node asks it directly for whatever it has. A key's time is counted from when its write was ordered:
 * that is after the write was begun and before it was answered, so between these two moments a reader may see either.
 */
final class ExpiringKeys implements AutoCloseable {
    private static final int GROUPS = 30;
    private static final int KEYS_OF_GROUP = 10;
    private static final Duration FIRST = Duration.ofMillis(1_500);
    private static final Duration STEP = Duration.ofMillis(150);
    /** Nodes count in whole milliseconds. */
    private static final long GRAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    /** @param earliestNanos when its keys may be absent
     * @param latestNanos when they must be */
    private record Group(List<ByteString> keys, long earliestNanos, long latestNanos) {}

    /** Asks for keys; of each, in their order: true: seen; false: absent; null: not told. */
    private interface Asked {
        List<Boolean> read(List<ByteString> keys);

        default boolean isAnswered(ByteString key) {
            try {
                return read(List.of(key)).get(0) != null;
            } catch (StatusRuntimeException | AittaException notYet) {
                return false;
            }
        }
    }

    private final List<Group> groups = new ArrayList<>();
    private final List<Reader> readers = new ArrayList<>();
    private volatile boolean stopped;

    private ExpiringKeys(Cluster cluster, String table) {
        var client = cluster.client(Duration.ofSeconds(2)).table(table).blocking();
        readers.add(new Reader("strong", true, keys -> client.multiGet(keys).stream()
                .map(outcome -> outcome instanceof ReadOutcome.Failed ? null : outcome instanceof ReadOutcome.Found)
                .toList()));
        for (var node : cluster.nodes()) {
            readers.add(new Reader(node.id, false, keys -> ask(node, table, keys)));
        }
    }

    /** Returns when the keys are written and looked at. */
    static ExpiringKeys on(Cluster cluster, String table, String prefix) {
        var expiring = new ExpiringKeys(cluster, table);
        // Java VMs that have just started take their time for the first request of a kind.
        expiring.readers.forEach(reader -> Await.until(
                () -> reader.name + " is answered",
                Duration.ofSeconds(30),
                () -> reader.asked.isAnswered(Load.bytes(prefix))));
        var client = cluster.client(Duration.ofSeconds(5)).table(table).blocking();
        for (int i = 0; i < GROUPS; i++) {
            String name = prefix + i + "-";
            var keys = IntStream.range(0, KEYS_OF_GROUP)
                    .mapToObj(number -> Load.bytes(name + number))
                    .toList();
            var entries =
                    keys.stream().map(key -> Map.entry(key, Load.bytes("v"))).toList();
            var timeToLive = FIRST.plus(STEP.multipliedBy(i));
            long begin = System.nanoTime();
            assertThat(client.multiSet(entries, timeToLive))
                    .allSatisfy(outcome -> assertThat(outcome).isInstanceOf(WriteOutcome.Written.class));
            long end = System.nanoTime();
            expiring.groups.add(
                    new Group(keys, begin + timeToLive.toNanos() - GRAIN_NANOS, end + timeToLive.toNanos()));
        }
        expiring.readers.forEach(reader -> reader.thread.start());
        return expiring;
    }

    private static List<Boolean> ask(NodeProcess node, String table, List<ByteString> keys) {
        return KvGrpc.newBlockingStub(node.channel())
                .withDeadlineAfter(5, TimeUnit.SECONDS)
                .multiGet(MultiGetRequest.newBuilder()
                        .setTable(table)
                        .addAllKeys(keys)
                        .setConsistency(ReadConsistency.EVENTUAL)
                        .build())
                .getReadsList()
                .stream()
                .map(read -> read.hasError() ? null : read.getFound())
                .toList();
    }

    /** Who looks at all keys, group after group. */
    private final class Reader {
        final String name;
        final AtomicInteger late = new AtomicInteger();
        final AtomicInteger seen = new AtomicInteger();
        final Queue<String> wrong = new ConcurrentLinkedQueue<>();
        final Thread thread;
        private final boolean isStrong;
        private final Asked asked;

        Reader(String name, boolean isStrong, Asked asked) {
            this.name = name;
            this.isStrong = isStrong;
            this.asked = asked;
            thread = new Thread(this::run, "expiring-" + name);
            thread.setDaemon(true);
        }

        private void run() {
            while (!stopped) {
                for (int i = 0; i < groups.size() && !stopped; i++) {
                    look(groups.get(i));
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            }
        }

        private void look(Group group) {
            long begin = System.nanoTime();
            List<Boolean> found;
            try {
                found = asked.read(group.keys());
            } catch (StatusRuntimeException | AittaException unavailable) {
                // Some node is gone for now.
                return;
            } catch (RuntimeException failure) {
                wrong.add(name + " failed: " + failure);
                return;
            }
            long end = System.nanoTime();
            for (int i = 0; i < found.size(); i++) {
                judge(group, group.keys().get(i).toStringUtf8(), found.get(i), begin, end);
            }
        }

        private void judge(Group group, String key, Boolean found, long begin, long end) {
            if (found == null) {
                return;
            }
            boolean isOver = begin - group.latestNanos() >= 0;
            if (isOver) {
                late.incrementAndGet();
            }
            if (found) {
                seen.incrementAndGet();
            }
            if (found && isOver) {
                wrong.add(name + " shows " + key + " " + (begin - group.latestNanos()) / 1_000 + " us after its time");
            }
            if (!found && isStrong && end - group.earliestNanos() < 0) {
                wrong.add(
                        name + " misses " + key + " " + (group.earliestNanos() - end) / 1_000 + " us before its time");
            }
        }
    }

    /** Returns when so many of the keys have had their time. */
    void awaitExpired(double share) {
        long when = groups.get((int) Math.round((GROUPS - 1) * share)).latestNanos();
        Await.until("keys expire", FIRST.plus(STEP.multipliedBy(GROUPS)), () -> System.nanoTime() - when >= 0);
    }

    /** Returns when every reader has looked at all keys since. */
    void awaitReadEverywhere() {
        var before = readers.stream().map(reader -> reader.late.get()).toList();
        Await.until(
                () -> "all nodes are asked for keys that have expired: " + this,
                Duration.ofSeconds(20),
                () -> IntStream.range(0, readers.size())
                        .allMatch(i -> readers.get(i).late.get() >= before.get(i) + GROUPS * KEYS_OF_GROUP));
    }

    /** Ends the reading. */
    void verify() {
        close();
        for (var reader : readers) {
            assertThat(reader.wrong).as("what is wrong of %s", reader.name).isEmpty();
            assertThat(reader.seen.get())
                    .as("keys seen in their time by %s", reader.name)
                    .isPositive();
        }
    }

    @Override
    public String toString() {
        return String.join(
                "; ",
                readers.stream()
                        .map(reader -> reader.name + ": " + reader.seen + " seen in their time, " + reader.late
                                + " times asked for after it")
                        .toList());
    }

    @Override
    public void close() {
        stopped = true;
        for (var reader : readers) {
            try {
                reader.thread.join(TimeUnit.SECONDS.toMillis(10));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
