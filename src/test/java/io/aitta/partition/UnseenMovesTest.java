package io.aitta.partition;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.kv.Operations;
import io.aitta.core.replication.Input;
import io.aitta.partition.PartitionAccess.Acknowledgement;
import io.aitta.partition.PartitionAccess.ReadAnswer;
import io.aitta.partition.PartitionAccess.ReadLevel;
import io.aitta.partition.PartitionAccess.WriteAnswer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two nodes with real binlogs and stores, both of which are asked without a pause while the primary's role goes to and fro. */
class UnseenMovesTest {
    private static final NodeId N1 = Statuses.N1;
    private static final NodeId N2 = Statuses.N2;
    private static final PartitionId P = new PartitionId("t", 3, 0);
    private static final int HAND_OVERS = 30;

    @TempDir
    private static Path dir;

    private static final Assignments ASSIGNMENTS = new Assignments();
    private static LiveNode n1;
    private static LiveNode n2;

    @BeforeAll
    static void start() {
        ASSIGNMENTS.found(P, N1, N2);
        n1 = new LiveNode("n1", dir.resolve("n1"), ASSIGNMENTS, null);
        n2 = new LiveNode("n2", dir.resolve("n2"), ASSIGNMENTS, n1);
        n1.await("a primary", () -> n1.isPrimary(P) || n2.isPrimary(P));
    }

    @AfterAll
    static void stop() {
        n2.close();
        n1.close();
    }

    @Test
    void noRequestFailsWhileThePrimaryIsHandedOverAndWhenAReplicaIsStopped() {
        var asking = List.of(new Asking(n1, "a"), new Asking(n1, "b"), new Asking(n2, "c"), new Asking(n2, "d"));
        asking.forEach(Asking::next);
        for (int i = 0; handOvers().size() < HAND_OVERS; i++) {
            assertThat(i).as("hand-overs tried").isLessThan(2 * HAND_OVERS);
            handOver(n1.isPrimary(P) ? n1 : n2);
        }
        var times = handOvers();

        removeOther(n1.isPrimary(P) ? n1 : n2, n1.isPrimary(P) ? n2 : n1);
        asking.forEach(Asking::awaitSome);
        asking.forEach(Asking::stop);

        assertThat(asking).allSatisfy(one -> assertThat(one.failures).isEmpty());
        times.sort(null);
        System.out.printf(
                "%d hand-overs under load: median %.1f ms, longest %.1f ms; %s requests%n",
                times.size(),
                times.get(times.size() / 2) / 1e6,
                times.get(times.size() - 1) / 1e6,
                asking.stream().mapToInt(one -> one.count.get()).sum());
    }

    private static List<Long> handOvers() {
        var times = new ArrayList<>(n1.replicas.handOvers().newest());
        times.addAll(n2.replicas.handOvers().newest());
        return times;
    }

    /** Waits as well until the old primary's front has heard of it: it tells how long requests waited. */
    private static void handOver(LiveNode from) {
        var to = from == n1 ? n2 : n1;
        int before = handOvers().size();
        from.await("handed over", () -> {
            if (from.isPrimary(P)) {
                from.replicas.get(P).log().tell(new ReplicaLog.Decide(new Input.TransferPrimary(Optional.of(to.id))));
            }
            return to.isPrimary(P);
        });
        // Not if it was an election that came in between which moved the role.
        long until = System.nanoTime() + Duration.ofSeconds(2).toNanos();
        from.await("noted", () -> handOvers().size() > before || System.nanoTime() > until);
    }

    /** The replica leaves the group, and then its node, while the askers still take it for a holder. */
    private static void removeOther(LiveNode primary, LiveNode other) {
        primary.await("removed", () -> {
            primary.replicas
                    .get(P)
                    .log()
                    .tell(new ReplicaLog.Decide(new Input.ChangeMembership(new Input.Change.Remove(other.id))));
            return !primary.status(P).orElseThrow().membership().contains(other.id);
        });
        var replica = other.replicas.get(P);
        ASSIGNMENTS.give(P, primary.id);
        replica.front().tell(Replica.Retire.INSTANCE);
        other.await("stopped", () -> other.replicas.get(P) == null);
        // Who does not know yet asks there.
        var probe = primary.kit.<Replica.Answer>createTestProbe();
        primary.entities
                .of(P, other.id)
                .tell(new Replica.Read(
                        List.of("k".getBytes(StandardCharsets.UTF_8)), ReadLevel.STRONG, 20_000, probe.getRef(), 5, 0));
        assertThat(probe.expectMessageClass(Replica.ReadValues.class, Duration.ofSeconds(20))
                        .strong())
                .isTrue();
    }

    /** Writes and reads back in turn, each as soon as the other is done. */
    private static final class Asking {
        private final LiveNode node;
        private final String key;
        private final Queue<Object> failures = new ConcurrentLinkedQueue<>();
        private final AtomicInteger count = new AtomicInteger();
        private volatile boolean stopped;
        private volatile boolean ended;

        Asking(LiveNode node, String key) {
            this.node = node;
            this.key = key;
        }

        void next() {
            if (stopped) {
                ended = true;
                return;
            }
            var value = Integer.toString(count.incrementAndGet());
            var operation = Operations.set(ByteString.copyFromUtf8(key), ByteString.copyFromUtf8(value), null);
            node.desk
                    .write(P, operation, Acknowledgement.QUORUM, deadline())
                    .thenCompose(answer -> {
                        if (!(answer instanceof WriteAnswer.Done)) {
                            failures.add(answer);
                        }
                        return node.desk.read(
                                P, List.of(key.getBytes(StandardCharsets.UTF_8)), ReadLevel.STRONG, deadline());
                    })
                    .whenComplete((answer, failure) -> {
                        boolean same = answer instanceof ReadAnswer.Values values
                                && values.values().get(0).isPresent()
                                && new String(values.values().get(0).get().bytes(), StandardCharsets.UTF_8)
                                        .equals(value);
                        if (!same) {
                            failures.add(failure != null ? failure : answer);
                        }
                        node.kit.system().executionContext().execute(this::next);
                    });
        }

        void awaitSome() {
            int before = count.get();
            node.await("more answers", () -> count.get() > before + 5);
        }

        void stop() {
            stopped = true;
            node.await("the last answer", () -> ended);
        }

        private static long deadline() {
            return System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        }
    }
}
