package io.aitta.partition;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.kv.Batches;
import io.aitta.core.kv.KeySpan;
import io.aitta.core.kv.Operations;
import io.aitta.core.replication.LogIndex;
import io.aitta.core.replication.Membership;
import io.aitta.core.replication.Status;
import io.aitta.core.replication.Term;
import io.aitta.store.RocksStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Expired keys and old changes go by themselves, a few at a time. */
class ExpirySweeperTest {
    private static final ActorTestKit KIT = ActorTestKit.create();
    private static final SweeperSettings SETTINGS =
            new SweeperSettings(Duration.ofMillis(20), 10, Duration.ofMillis(1), 1 << 20);

    @TempDir
    Path directory;

    private final LocalReplicas replicas = new LocalReplicas();
    private final TestProbe<Replica.Command> front = KIT.createTestProbe();
    private final AtomicLong clock = new AtomicLong(1000);
    private final Partitions partitions = new Partitions();
    private RocksStore store;
    private ActorRef<ExpirySweeper.Command> sweeper;

    @BeforeEach
    void begin() {
        store = RocksStore.open(directory, 8 << 20, 4 << 20);
    }

    @AfterEach
    void end() {
        KIT.stop(sweeper);
        store.close();
    }

    @AfterAll
    static void stop() {
        KIT.shutdownTestKit();
    }

    @Test
    void expiredKeysAreRemovedFewAtATimeAndNoOthers() {
        var replica = replica(0, Status.Role.PRIMARY);
        write(replica, 35, 500);
        write(replica, "stays", 0);
        write(replica, "later", 5000);
        sweep();
        clock.set(1500);
        front.awaitAssert(() -> {
            assertThat(keys(replica)).containsExactly("later", "stays");
            return null;
        });
        // Three full writes, and one that says that there is no more.
        assertThat(partitions.asked).hasSize(4);
        assertThat(partitions.mostAtOnce).hasValue(1);
        clock.set(6000);
        front.awaitAssert(() -> {
            assertThat(keys(replica)).containsExactly("stays");
            return null;
        });
        assertThat(replica.store().nextExpiryMillis()).isEmpty();
    }

    @Test
    void onlyAPrimaryRemoves() {
        var follower = replica(0, Status.Role.FOLLOWER);
        var primary = replica(1, Status.Role.PRIMARY);
        write(follower, "a", 10);
        write(primary, "a", 10);
        clock.set(2000);
        sweep();
        front.awaitAssert(() -> {
            assertThat(keys(primary)).isEmpty();
            return null;
        });
        assertThat(keys(follower)).containsExactly("a");
        assertThat(partitions.asked).containsOnly(primary.id());
    }

    @Test
    void aRemovalThatWasRefusedIsTriedAgain() {
        var replica = replica(0, Status.Role.PRIMARY);
        write(replica, "a", 10);
        clock.set(2000);
        partitions.refusals.set(2);
        sweep();
        front.awaitAssert(() -> {
            assertThat(keys(replica)).isEmpty();
            return null;
        });
        assertThat(partitions.asked).hasSize(3);
    }

    @Test
    void fewPartitionsAreBotheredAtOnce() {
        var all = new ArrayList<LocalReplica>();
        for (int i = 0; i < 12; i++) {
            all.add(replica(i, Status.Role.PRIMARY));
            write(all.get(i), 25, 10);
        }
        clock.set(2000);
        sweep();
        front.awaitAssert(() -> {
            assertThat(all).allSatisfy(replica -> assertThat(keys(replica)).isEmpty());
            return null;
        });
        assertThat(partitions.mostAtOnce.get()).isLessThanOrEqualTo(4);
    }

    @Test
    void oldChangesAreForgottenOnEveryReplica() {
        var follower = replica(0, Status.Role.FOLLOWER);
        // From now on it is known how large the changes are.
        follower.store().trimChanges(1 << 20);
        for (int i = 0; i < 30; i++) {
            apply(follower, Operations.set(key("large"), ByteString.copyFrom(new byte[200_000]), null));
        }
        sweep();
        front.awaitAssert(() -> {
            assertThat(follower.store().changesAfter()).isBetween(15L, 25L);
            return null;
        });
    }

    @Test
    void aReplicaThatIsDroppedWhileItIsLookedAtHarmsNoOther() {
        replica(0, Status.Role.PRIMARY);
        var stays = replica(1, Status.Role.PRIMARY);
        write(stays, "a", 10);
        clock.set(2000);
        store.drop(new PartitionId("t", 1, 0));
        sweep();
        front.awaitAssert(() -> {
            assertThat(keys(stays)).isEmpty();
            return null;
        });
    }

    private void sweep() {
        sweeper = KIT.spawn(ExpirySweeper.create(replicas, partitions, SETTINGS, clock::get));
    }

    private LocalReplica replica(int partition, Status.Role role) {
        var id = new PartitionId("t", 1, partition);
        var replica = new LocalReplica(new NodeId("n1"), id, front.getRef(), store.replica(id));
        boolean isPrimary = role == Status.Role.PRIMARY;
        replica.publish(new Status(
                role,
                new Term(1),
                Optional.empty(),
                isPrimary,
                0,
                true,
                false,
                LogIndex.ZERO,
                LogIndex.ZERO,
                Term.ZERO,
                Membership.NONE));
        replicas.add(replica);
        return replica;
    }

    private void write(LocalReplica replica, int keys, long timeToLiveMillis) {
        for (int i = 0; i < keys; i++) {
            write(replica, "key-" + i, timeToLiveMillis);
        }
    }

    private void write(LocalReplica replica, String key, long timeToLiveMillis) {
        apply(replica, Operations.set(key(key), key("value"), timeToLiveMillis, null));
    }

    private byte[] apply(LocalReplica replica, byte[] operation) {
        var store = replica.store();
        return store.apply(store.mark().getAppliedIndex() + 1, 1, Batches.encode(clock.get(), List.of(operation)))
                .get(0);
    }

    /** All that are stored, expired or not. */
    private static List<String> keys(LocalReplica replica) {
        try (var view = replica.store().view()) {
            return view.scan(KeySpan.ALL, null, key -> true, 1000, 1 << 20, true, 0).rows().stream()
                    .map(row -> row.key().toStringUtf8())
                    .toList();
        }
    }

    private static ByteString key(String text) {
        return ByteString.copyFromUtf8(text);
    }

    /** Applies at once, on a thread of its own for each write. */
    private final class Partitions extends UnaskedPartitions {
        final List<PartitionId> asked = Collections.synchronizedList(new ArrayList<>());
        final AtomicInteger mostAtOnce = new AtomicInteger();
        final AtomicInteger refusals = new AtomicInteger();
        private final ConcurrentLinkedQueue<PartitionId> underWay = new ConcurrentLinkedQueue<>();

        @Override
        public void writeAll(
                PartitionId partition,
                List<byte[]> operations,
                Acknowledgement acknowledgement,
                long deadlineNanos,
                WriteObserver observer) {
            asked.add(partition);
            underWay.add(partition);
            mostAtOnce.accumulateAndGet(underWay.size(), Math::max);
            new Thread(() -> {
                        WriteAnswer answer = refusals.getAndDecrement() > 0
                                ? new WriteAnswer.Refused(new Refusal(Reason.NO_QUORUM, "not now"))
                                : new WriteAnswer.Done(apply(replicas.get(partition), operations.get(0)), 1);
                        underWay.remove(partition);
                        observer.answered(0, answer);
                    })
                    .start();
        }
    }
}
