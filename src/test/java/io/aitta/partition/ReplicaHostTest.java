package io.aitta.partition;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.aitta.core.PartitionId;
import io.aitta.core.kv.Operations;
import io.aitta.core.replication.Input;
import io.aitta.core.replication.Input.Change;
import io.aitta.partition.PartitionAccess.ReadLevel;
import io.aitta.store.RocksStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.Kill;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replicas that come to n2 and go from it, on real binlogs and stores; n1 has what the group needs. */
class ReplicaHostTest {
    /** Founded by n1 alone. */
    private static final PartitionId P = new PartitionId("p", 3, 0);
    /** Founded by n2 alone. */
    private static final PartitionId Q = new PartitionId("q", 4, 0);

    @TempDir
    private Path dir;

    private final Assignments assignments = new Assignments();
    private LiveNode n1;
    private LiveNode n2;

    @BeforeEach
    void start() {
        assignments.found(P, Statuses.N1);
        assignments.found(Q, Statuses.N2);
        n1 = new LiveNode("n1", dir.resolve("n1"), assignments, null);
        startN2();
        n1.await("primary", () -> n1.isPrimary(P));
        n2.await("primary", () -> n2.isPrimary(Q));
    }

    private void startN2() {
        n2 = new LiveNode("n2", dir.resolve("n2"), assignments, n1);
        n1.await("n2", () -> n1.directory.isReachable(Statuses.N2));
        n2.await("n1", () -> n2.directory.isReachable(Statuses.N1));
    }

    /** Of two nodes neither may take the other for dead; n1 is told so. */
    private void endN2() {
        n2.close();
        n1.takeForDead(n2);
    }

    @AfterEach
    void stop() {
        n2.close();
        n1.close();
    }

    @Test
    void aReplicaThatWasTakenBackLeavesNothingAndMayComeAgain() {
        n1.write(P, "k", new byte[] {1});
        bringPToN2();
        n2.await("the data", () -> n2.replicas.get(P).reached() == lastOfP());

        change(new Change.Remove(Statuses.N2));
        give(P, n1);
        n2.await("removed", () -> !hasAnythingOf(n2, P));
        assertThat(n1.read(P, "k", ReadLevel.STRONG)).containsExactly(1);

        n1.write(P, "k", new byte[] {2});
        bringPToN2();
        n2.await(
                "the data again",
                () -> n2.replicas.get(P) != null && n2.replicas.get(P).reached() == lastOfP());
        assertThat(n2.read(P, "k", ReadLevel.EVENTUAL)).containsExactly(2);
    }

    @Test
    void aReplicaThatFailedWhenItWasTakenAwayLeavesNothing() {
        n1.write(P, "k", new byte[] {1});
        bringPToN2();
        n2.await("the data", () -> n2.replicas.get(P).reached() == lastOfP());
        n2.review();
        var front = n2.replicas.get(P).front();
        change(new Change.Remove(Statuses.N2));
        Adapter.toClassic(front).tell(Kill.getInstance(), ActorRef.noSender());
        n2.await(
                "failed", () -> n2.replicas.get(P) == null || n2.replicas.get(P).front() != front);
        give(P, n1);
        n2.await("removed", () -> !hasAnythingOf(n2, P));
    }

    @Test
    void aReplicaThatFailedIsBegunAgain() {
        var front = n2.replicas.get(Q).front();
        n2.write(Q, "k", new byte[] {1});
        Adapter.toClassic(front).tell(Kill.getInstance(), ActorRef.noSender());
        n2.await(
                "begun again",
                () -> n2.replicas.get(Q) != null && n2.replicas.get(Q).front() != front);
        n2.await("primary", () -> n2.isPrimary(Q));
        assertThat(n2.read(Q, "k", ReadLevel.STRONG)).containsExactly(1);
    }

    @Test
    void whatIsSentToANodeWhoseReplicaIsGoneIsAnsweredByThePrimary() {
        bringPToN2();
        change(new Change.Remove(Statuses.N2));
        give(P, n1);
        n2.await("removed", () -> !hasAnythingOf(n2, P));

        var asker = n1.kit.<Replica.Answer>createTestProbe();
        var operation = Operations.set(ByteString.copyFromUtf8("k"), ByteString.copyFromUtf8("v"), null);
        n1.entities
                .of(P, Statuses.N2)
                .tell(new Replica.Write(7, 0, List.of(operation), false, 10_000, asker.getRef(), 0));
        var written = asker.expectMessageClass(Replica.Written.class);
        assertThat(written.outcomes().get(0).group()).isEqualTo(7);
    }

    /** As when a primary is lost, and another holder is made while the next primary is elected. */
    @Test
    void whatWaitsAtAReplicaThatItsGroupHasNotTakenInGoesToThePrimaryAsSoonAsTheTopologyKnowsIt() {
        n1.await("primary", () -> n1.isPrimary(P));
        give(P, n1, n2);
        n2.await("begun", () -> n2.replicas.get(P) != null);
        var asker = n1.kit.<Replica.Answer>createTestProbe();
        n1.entities
                .of(P, Statuses.N2)
                .tell(new Replica.Read(
                        List.of("k".getBytes(StandardCharsets.UTF_8)), ReadLevel.STRONG, 10_000, asker.getRef(), 7, 0));
        asker.expectNoMessage(Duration.ofMillis(200));
        assignments.primaries.put(P, Statuses.N1);
        asker.expectMessageClass(Replica.ReadValues.class);
    }

    /** By a topology that is newer than what that node has acted on. */
    @Test
    void whatIsSentToANodeBeforeItsReplicaIsThereWaitsForIt() {
        var fresh = new PartitionId("r", 5, 0);
        assignments.ahead.put(fresh, List.of(Statuses.N2));
        var asker = n1.kit.<Replica.Answer>createTestProbe();
        var operation = Operations.set(ByteString.copyFromUtf8("k"), ByteString.copyFromUtf8("v"), null);
        n1.entities
                .of(fresh, Statuses.N2)
                .tell(new Replica.Write(7, 0, List.of(operation), false, 10_000, asker.getRef(), 0));
        asker.expectNoMessage(Duration.ofMillis(100));
        assignments.found(fresh, Statuses.N2);
        n2.review();
        asker.expectMessageClass(Replica.Written.class);
    }

    @Test
    void aRemovalThatACrashCutShortIsFinishedBeforeTheReplicaBeginsAnew() {
        n2.write(Q, "k", new byte[] {1});
        endN2();
        try (var store = RocksStore.open(dir.resolve("n2").resolve("store"), 8 << 20, 4 << 20)) {
            store.replica(Q).leave();
        }
        assignments.give(Q, Statuses.N2);
        startN2();
        n2.await("begun anew", () -> n2.status(Q).isPresent());
        var status = n2.status(Q).orElseThrow();
        assertThat(status.membership().all()).isEmpty();
        assertThat(status.lastIndex().value()).isZero();
        assertThat(n2.store.replica(Q).mark().getAppliedIndex()).isZero();
        assertThat(n2.store.replica(Q).mark().getLeaving()).isFalse();
    }

    @Test
    void aReplicaThatIsGivenAgainBeforeItsRemovalWasBegunGoesOnWithWhatItHas() {
        n2.write(Q, "k", new byte[] {1});
        endN2();
        assignments.give(Q, Statuses.N1);
        assignments.give(Q, Statuses.N2);
        startN2();
        n2.await("primary", () -> n2.isPrimary(Q));
        assertThat(n2.read(Q, "k", ReadLevel.STRONG)).containsExactly(1);
    }

    @Test
    void aNodeThatHasForgottenWhatItHeldRemovesNothingButDroppedTables() {
        n2.write(Q, "k", new byte[] {1});
        bringPToN2();
        n2.await("the data", () -> n2.replicas.get(P).reached() == lastOfP());
        endN2();
        assignments.known = false;
        assignments.give(Q, Statuses.N1);
        assignments.holders.remove(P);
        assignments.gone.add(P);
        startN2();
        n2.await("dropped", () -> !hasAnythingOf(n2, P));
        assertThat(hasAnythingOf(n2, Q)).isTrue();

        assignments.give(Q, Statuses.N2);
        n2.review();
        n2.await("primary", () -> n2.isPrimary(Q));
        give(Q, n1);
        n2.await("moved away", () -> !hasAnythingOf(n2, Q));
    }

    private void bringPToN2() {
        give(P, n1, n2);
        change(new Change.AddLearner(Statuses.N2));
        n1.await("a learner", () -> n1.status(P).orElseThrow().membership().isLearner(Statuses.N2));
        n2.await("a replica", () -> n2.replicas.get(P) != null);
    }

    private void give(PartitionId partition, LiveNode... nodes) {
        assignments.give(
                partition, java.util.Arrays.stream(nodes).map(node -> node.id).toArray(io.aitta.core.NodeId[]::new));
        n1.review();
        n2.review();
    }

    private void change(Change change) {
        n1.replicas.get(P).log().tell(new ReplicaLog.Decide(new Input.ChangeMembership(change)));
        boolean added = change instanceof Change.AddLearner;
        n1.await("the change", () -> n1.status(P).orElseThrow().membership().contains(Statuses.N2) == added);
    }

    private long lastOfP() {
        return n1.status(P).orElseThrow().lastIndex().value();
    }

    private static boolean hasAnythingOf(LiveNode node, PartitionId partition) {
        return node.replicas.get(partition) != null
                || node.store.partitions().contains(partition)
                || node.wiring.binlogs().persistenceIds().contains(ReplicaLog.persistenceId(node.id, partition));
    }
}
