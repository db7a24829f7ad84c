package io.aitta.partition;

import static io.aitta.partition.FakePlacements.PARTITION;
import static io.aitta.partition.FakeStore.key;
import static io.aitta.partition.Statuses.N1;
import static io.aitta.partition.Statuses.N2;
import static io.aitta.partition.Statuses.N3;
import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.replication.Effect;
import io.aitta.core.replication.Input;
import io.aitta.core.replication.LogIndex;
import io.aitta.core.replication.Membership;
import io.aitta.core.replication.Status;
import io.aitta.core.replication.Term;
import io.aitta.metrics.ReplicaMetrics;
import io.aitta.partition.PartitionAccess.ReadLevel;
import io.aitta.partition.PartitionAccess.Reason;
import io.aitta.store.ReplicaStore;
import io.aitta.store.Store;
import io.aitta.store.StoreFigures;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The front of the replica on n1; its binlog is the test itself. */
class ReplicaTest {
    private static final ActorTestKit KIT = ActorTestKit.create(
            ConfigFactory.parseString("aitta.replica-dispatcher { type = Dispatcher, executor = fork-join-executor }")
                    .withFallback(ConfigFactory.defaultReference()));

    private final LocalReplicas replicas = new LocalReplicas();
    private final FakeStore store = new FakeStore();
    private final TestProbe<ReplicaLog.Command> log = KIT.createTestProbe();
    private final TestProbe<Replica.Command> passedOn = KIT.createTestProbe();
    private final TestProbe<ActorRef<Replica.Command>> passivated = KIT.createTestProbe();
    private final TestProbe<Replica.Answer> asker = KIT.createTestProbe();
    private ActorRef<Replica.Command> front;
    private LocalReplica local;
    private InFlight inFlight;
    private long lastGroup;

    @AfterAll
    static void stop() {
        KIT.shutdownTestKit();
    }

    @BeforeEach
    void start() {
        var wiring = new ReplicaWiring(
                N1,
                null,
                new ReplicaWiring.ReplicaLimits(8, 1_000, 2, 4, 500, 1_000),
                new CopyLimits(1, 0),
                new OneReplica(store),
                null,
                null,
                replicas,
                new NodeDirectory(),
                new FakePlacements(),
                (partition, node) -> passedOn.getRef()::tell,
                KIT.<PeerMail.Command>createTestProbe().getRef(),
                (partition, term) -> {},
                ReplicaMetrics.none());
        front = KIT.spawn(
                Replica.create(PARTITION, wiring, ref -> passivated.getRef().tell(ref), (id, same, replica, writes) -> {
                    inFlight = writes;
                    local = replica;
                    return Behaviors.receiveMessage(message -> {
                        log.getRef().tell(message);
                        return Behaviors.same();
                    });
                }));
        KIT.createTestProbe().awaitAssert(() -> {
            assertThat(replicas.get(PARTITION)).isNotNull();
            return null;
        });
    }

    @AfterEach
    void end() {
        KIT.stop(front);
    }

    // ---- writes -------------------------------------------------------------------------------------------------

    @Test
    void whatArrivesWhileTheBinlogIsBusyBecomesOneBatchInOrder() {
        becomes(Statuses.primary(N1, 1));
        write(1, false);
        assertThat(proposed()).containsExactly("1/0");
        write(2, false);
        write(1, false);
        log.expectNoMessage(Duration.ofMillis(50));
        front.tell(new Replica.Taken());
        assertThat(proposed()).containsExactly("2/0", "2/1", "3/0");
    }

    @Test
    void whatFindsNoRoomIsRefusedAndTheRestOfItsCallIsNot() {
        write(6, false);
        write(4, false);
        var refused = asker.expectMessageClass(Replica.Refused.class);
        assertThat(refused.reason()).isEqualTo(Reason.OVERLOADED);
        assertThat(refused.ranges()).containsExactly(new Replica.Range(2, 2, 2));
        assertThat(refused.message()).contains("8 writes");

        becomes(Statuses.primary(N1, 1));
        assertThat(proposed()).containsExactly("1/0", "1/1", "1/2", "1/3");
        front.tell(new Replica.Taken());
        assertThat(proposed()).containsExactly("1/4", "1/5", "2/0", "2/1");
    }

    @Test
    void whatTheLogDeclinesIsPassedOnBeforeWhatCameAfterIt() {
        becomes(Statuses.primary(N1, 1));
        write(1, false);
        var runs = propose().writes();
        write(1, false);
        // The log tells that another is primary before it gives back what it was asked to take.
        becomes(Statuses.secondaryOf(N2, 1));
        passedOn.expectNoMessage(Duration.ofMillis(60));
        front.tell(new Replica.Returned(runs, Effect.Reason.NOT_PRIMARY, "not primary"));
        assertThat(passedOn.expectMessageClass(Replica.Write.class).group()).isEqualTo(1);
        var second = passedOn.expectMessageClass(Replica.Write.class);
        assertThat(second.group()).isEqualTo(2);
        assertThat(second.hops()).isEqualTo(1);
    }

    @Test
    void whatAnotherPrimaryDisplacedIsRefused() {
        becomes(Statuses.primary(N1, 1));
        write(2, false);
        inFlight.propose(propose().writes());
        inFlight.accepted(new LogIndex(2), new Term(1));
        front.tell(new Replica.Displaced(inFlight.applied(new LogIndex(2), new Term(2), List.of())));
        var refused = asker.expectMessageClass(Replica.Refused.class);
        assertThat(refused.ranges()).containsExactly(new Replica.Range(1, 0, 2));
        assertThat(refused.reason()).isEqualTo(Reason.NO_PRIMARY);
    }

    @Test
    void aMinorityRefusesWritesAndStrongReadsAtOnce() {
        becomes(Statuses.cutOff(1));
        write(2, false);
        assertThat(asker.expectMessageClass(Replica.Refused.class).reason()).isEqualTo(Reason.NO_QUORUM);
        read(ReadLevel.STRONG);
        assertThat(asker.expectMessageClass(Replica.Refused.class).reason()).isEqualTo(Reason.NO_QUORUM);
    }

    @Test
    void whatFindsNoPrimaryInTimeIsRefused() {
        front.tell(new Replica.Write(1, 0, List.of(new byte[1]), false, 30, asker.getRef(), 0));
        assertThat(asker.expectMessageClass(Replica.Refused.class).reason()).isEqualTo(Reason.NO_PRIMARY);
    }

    @Test
    void whatWasPassedOnTooOftenIsRefused() {
        becomes(Statuses.secondaryOf(N2, 1));
        front.tell(new Replica.Write(1, 0, List.of(new byte[1]), false, 5_000, asker.getRef(), 16));
        assertThat(asker.expectMessageClass(Replica.Refused.class).message()).contains("passed on 16 times");
    }

    @Test
    void theRefusalOfAMinorityNamesWhoCannotBeReached() {
        becomes(Statuses.cutOff(1));
        write(1, false);
        assertThat(asker.expectMessageClass(Replica.Refused.class).message())
                .contains("[n1, n2, n3]", "[n2, n3] cannot be reached from n1");
        becomes(Statuses.primary(N1, 1));
        write(1, false);
        assertThat(proposed()).containsExactly("2/0");
    }

    // ---- hand-over ----------------------------------------------------------------------------------------------

    @Test
    void whatWaitsWhileTheRoleIsHandedOverGoesOnAsSoonAsTheNewPrimaryIsKnown() {
        becomes(transferring());
        local.stuckSince(System.nanoTime());
        write(2, false);
        read(ReadLevel.STRONG);
        passedOn.expectNoMessage(Duration.ofMillis(60));
        becomes(Statuses.secondaryOf(N2, 1));
        assertThat(passedOn.expectMessageClass(Replica.Write.class).operations())
                .hasSize(2);
        passedOn.expectMessageClass(Replica.Read.class);
        KIT.createTestProbe().awaitAssert(() -> {
            assertThat(replicas.handOvers().newest()).hasSize(1);
            return null;
        });
        assertThat(Duration.ofNanos(replicas.handOvers().newest().get(0)))
                .isBetween(Duration.ofMillis(60), Duration.ofSeconds(20));
        // And what comes after.
        write(1, false);
        passedOn.expectMessageClass(Replica.Write.class);
    }

    @Test
    void aHandOverThatComesToNothingIsNotCounted() {
        becomes(transferring());
        local.stuckSince(System.nanoTime());
        write(1, false);
        becomes(Statuses.primary(N1, 1));
        assertThat(proposed()).containsExactly("1/0");
        becomes(Statuses.secondaryOf(N2, 1));
        write(1, false);
        front.tell(new Replica.Taken());
        passedOn.expectMessageClass(Replica.Write.class);
        assertThat(replicas.handOvers().newest()).isEmpty();
    }

    @Test
    void aReplicaThatIsStoppedPassesOnWhatWaits() {
        becomes(Statuses.secondaryOf(N2, 10));
        read(new ReadLevel.Session(10));
        front.tell(Replica.Stop.INSTANCE);
        passedOn.expectMessageClass(Replica.Read.class);
        asker.expectNoMessage(Duration.ofMillis(20));
    }

    @Test
    void aReplicaThatRetiresPassesOnForAWhileBeforeItsShardHoldsBackWhatComes() {
        becomes(Statuses.secondaryOf(N2, 1));
        front.tell(Replica.Retire.INSTANCE);
        write(1, false);
        passedOn.expectMessageClass(Replica.Write.class);
        passivated.expectNoMessage(Duration.ofMillis(50));
        write(1, false);
        passedOn.expectMessageClass(Replica.Write.class);
        assertThat(passivated.receiveMessage()).isEqualTo(front);
        front.tell(Replica.Stop.INSTANCE);
        log.expectTerminated(front);
    }

    @Test
    void aReplicaThatRetiresEndsAtOnceIfItsNodeDoes() {
        becomes(Statuses.secondaryOf(N2, 1));
        front.tell(Replica.Retire.INSTANCE);
        front.tell(Replica.Stop.INSTANCE);
        log.expectTerminated(front, Duration.ofMillis(150));
        passivated.expectNoMessage(Duration.ofMillis(10));
    }

    @Test
    void whatTheLogNeverTookBeforeItStoppedIsPassedOn() {
        becomes(Statuses.primary(N1, 1));
        write(1, false);
        propose();
        becomes(Statuses.secondaryOf(N2, 1));
        front.tell(Replica.Stop.INSTANCE);
        assertThat(passedOn.expectMessageClass(Replica.Write.class).group()).isEqualTo(1);
    }

    @Test
    void whatWasPassedToAndFroGoesOnAfterAPauseOnly() {
        becomes(Statuses.secondaryOf(N2, 1));
        long before = System.nanoTime();
        front.tell(new Replica.Write(1, 0, List.of(new byte[1]), false, 5_000, asker.getRef(), 3));
        assertThat(passedOn.expectMessageClass(Replica.Write.class).hops()).isEqualTo(4);
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThan(Duration.ofMillis(10));
    }

    // ---- slow-down ----------------------------------------------------------------------------------------------

    @Test
    void forALearnersSakeWritersAreSlowedDownAndItEndsByItself() {
        var learner = new NodeId("n9");
        becomes(with(new Membership(Statuses.ALL.voters(), List.of(learner))));
        front.tell(new Replica.SlowDown(N2));
        front.tell(new Replica.SlowDown(learner));
        KIT.createTestProbe().awaitAssert(() -> {
            assertThat(local.slowedFor()).contains(learner);
            return null;
        });
        local.learnerLacks(OptionalLong.of(1_000));
        write(1, false);
        assertThat(proposed()).containsExactly("1/0");
        front.tell(new Replica.Taken());
        becomes(with(Membership.ofVoters(N1, N2, N3, learner)));
        KIT.createTestProbe().awaitAssert(() -> {
            assertThat(local.slowedFor()).isEmpty();
            return null;
        });
    }

    // ---- reads --------------------------------------------------------------------------------------------------

    @Test
    void aSessionThatStandsInTheLogHereIsAnsweredOnceItIsApplied() {
        store.reach(9);
        becomes(Statuses.secondaryOf(N2, 10));
        read(new ReadLevel.Session(10));
        store.reach(10);
        front.tell(new Replica.LogMoved());
        assertThat(asker.expectMessageClass(Replica.ReadValues.class).index()).isEqualTo(10);
        passedOn.expectNoMessage(Duration.ZERO);
    }

    @Test
    void aSessionThatWaitsForTooLongIsPassedOnToThePrimary() {
        becomes(Statuses.secondaryOf(N2, 10));
        read(new ReadLevel.Session(10));
        var read = passedOn.expectMessageClass(Replica.Read.class);
        assertThat(read.level()).isEqualTo(new ReadLevel.Session(10));
        assertThat(read.hops()).isEqualTo(1);
    }

    @Test
    void thePrimaryAnswersASessionByAStrongReadHoweverNewItIs() {
        store.reach(3);
        becomes(Statuses.primary(N1, 3));
        read(new ReadLevel.Session(1_000));
        assertThat(asker.expectMessageClass(Replica.ReadValues.class).strong()).isTrue();
    }

    @Test
    void aStrongReadWaitsForTheLeaseToBeRenewed() {
        var lapsed = Statuses.primary(N1, 3);
        becomes(new Status(
                lapsed.role(),
                lapsed.term(),
                lapsed.primary(),
                true,
                System.nanoTime() - 1,
                true,
                false,
                lapsed.commitIndex(),
                lapsed.lastIndex(),
                lapsed.lastTerm(),
                lapsed.membership()));
        read(ReadLevel.STRONG);
        log.fishForMessage(
                Duration.ofSeconds(5),
                message -> message instanceof ReplicaLog.Decide decide && decide.input() instanceof Input.ConfirmLease
                        ? org.apache.pekko.actor.testkit.typed.javadsl.FishingOutcomes.complete()
                        : org.apache.pekko.actor.testkit.typed.javadsl.FishingOutcomes.continueAndIgnore());
        becomes(lapsed);
        assertThat(asker.expectMessageClass(Replica.ReadValues.class).strong()).isTrue();
    }

    @Test
    void aBoundedReadThatNothingProvesHereIsPassedOnToThePrimary() {
        becomes(Statuses.secondaryOf(N3, 3));
        read(new ReadLevel.Eventual(100));
        assertThat(passedOn.expectMessageClass(Replica.Read.class).level()).isEqualTo(new ReadLevel.Eventual(100));
    }

    @Test
    void withoutABoundWhateverIsAppliedIsAnswered() {
        store.reach(2);
        read(ReadLevel.EVENTUAL);
        assertThat(asker.expectMessageClass(Replica.ReadValues.class).index()).isEqualTo(2);
    }

    @Test
    void oneThatHasAppliedNothingAnswersNobodyByItself() {
        var secondary = Statuses.secondaryOf(N2, 0);
        becomes(new Status(
                secondary.role(),
                secondary.term(),
                secondary.primary(),
                false,
                0,
                false,
                false,
                LogIndex.ZERO,
                LogIndex.ZERO,
                Term.ZERO,
                Membership.NONE));
        read(ReadLevel.EVENTUAL);
        passedOn.expectMessageClass(Replica.Read.class);
        read(new ReadLevel.Session(0));
        passedOn.expectMessageClass(Replica.Read.class);
    }

    @Test
    void readsThatWaitAreBounded() {
        IntStream.range(0, 3).forEach(i -> read(ReadLevel.STRONG));
        assertThat(asker.expectMessageClass(Replica.Refused.class).reason()).isEqualTo(Reason.OVERLOADED);
    }

    @Test
    void whenItStopsAllThatWaitsIsRefused() {
        write(2, false);
        read(ReadLevel.STRONG);
        // Both have been taken in.
        asker.expectNoMessage(Duration.ofMillis(20));
        KIT.stop(front);
        assertThat(asker.expectMessageClass(Replica.Refused.class).reason()).isEqualTo(Reason.STOPPING);
        assertThat(asker.expectMessageClass(Replica.Refused.class).reason()).isEqualTo(Reason.STOPPING);
    }

    // ---- helpers ------------------------------------------------------------------------------------------------

    private void becomes(Status status) {
        local.publish(status);
        front.tell(new Replica.LogMoved());
    }

    private static Status transferring() {
        var status = Statuses.primary(N1, 1);
        return new Status(
                status.role(),
                status.term(),
                status.primary(),
                false,
                status.leaseUntilNanos(),
                true,
                true,
                status.commitIndex(),
                status.lastIndex(),
                status.lastTerm(),
                status.membership());
    }

    private static Status with(Membership membership) {
        var status = Statuses.primary(N1, 1);
        return new Status(
                status.role(),
                status.term(),
                status.primary(),
                true,
                status.leaseUntilNanos(),
                true,
                false,
                status.commitIndex(),
                status.lastIndex(),
                status.lastTerm(),
                membership);
    }

    private void write(int operations, boolean fast) {
        var all = IntStream.range(0, operations).mapToObj(i -> new byte[1]).toList();
        front.tell(new Replica.Write(++lastGroup, 0, all, fast, 30_000, asker.getRef(), 0));
    }

    private void read(ReadLevel level) {
        front.tell(new Replica.Read(List.of(key("k")), level, 30_000, asker.getRef(), 77, 0));
    }

    private ReplicaLog.Propose propose() {
        return log.expectMessageClass(ReplicaLog.Propose.class);
    }

    private List<String> proposed() {
        return propose().writes().stream()
                .flatMap(run -> IntStream.range(0, run.count()).mapToObj(i -> run.group() + "/" + (run.first() + i)))
                .toList();
    }

    /** A store that holds one replica. */
    private record OneReplica(ReplicaStore replica) implements Store {
        @Override
        public ReplicaStore replica(PartitionId id) {
            return replica;
        }

        @Override
        public Set<PartitionId> partitions() {
            return Set.of(PARTITION);
        }

        @Override
        public void drop(PartitionId id) {}

        @Override
        public void flush() {}

        @Override
        public long sizeBytes() {
            return 0;
        }

        @Override
        public StoreFigures figures() {
            return new StoreFigures(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        }

        @Override
        public Map<PartitionId, Long> replicaBytes() {
            return Map.of();
        }

        @Override
        public void close() {}
    }
}
