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
import io.aitta.partition.PartitionAccess.Acknowledgement;
import io.aitta.partition.PartitionAccess.ReadAnswer;
import io.aitta.partition.PartitionAccess.ReadLevel;
import io.aitta.partition.PartitionAccess.Reason;
import io.aitta.partition.PartitionAccess.WriteAnswer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.UniqueAddress;
import org.apache.pekko.util.Version;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The desk of n1, which asks replicas on n1, n2 and n3. */
class PartitionDeskTest {
    private static final ActorTestKit KIT = ActorTestKit.create(ConfigFactory.defaultReference());
    private static final Duration LONG = Duration.ofSeconds(30);

    private final LocalReplicas replicas = new LocalReplicas();
    private final NodeDirectory directory = new NodeDirectory();
    private final FakePlacements placements = new FakePlacements();
    private final Map<NodeId, TestProbe<Replica.Command>> remote =
            Map.of(N1, KIT.createTestProbe(), N2, KIT.createTestProbe(), N3, KIT.createTestProbe());
    private final PartitionDesk desk = new PartitionDesk(
            N1,
            replicas,
            directory,
            placements,
            (partition, node) -> remote.get(node).getRef()::tell);
    private final Answers answers = new Answers();

    /** What became of each position, and how often it was told. */
    private static final class Answers implements PartitionAccess.WriteObserver {
        private final Map<Integer, List<WriteAnswer>> byPosition = new ConcurrentHashMap<>();

        @Override
        public void answered(int position, WriteAnswer answer) {
            byPosition.merge(position, List.of(answer), (old, more) -> {
                var both = new ArrayList<>(old);
                both.addAll(more);
                return both;
            });
        }

        /** Once every one of {@code count} positions was answered: by position, what it was told first. */
        List<WriteAnswer> await(int count) {
            KIT.createTestProbe().awaitAssert(LONG, Duration.ofMillis(5), () -> {
                assertThat(byPosition).hasSize(count);
                return null;
            });
            return new TreeMap<>(byPosition)
                    .values().stream().map(list -> list.get(0)).toList();
        }

        void assertNothingToldTwice() {
            assertThat(byPosition.values()).allSatisfy(told -> assertThat(told).hasSize(1));
        }
    }

    @AfterAll
    static void stop() {
        KIT.shutdownTestKit();
    }

    @BeforeEach
    void start() {
        desk.answeredBy(KIT.spawn(desk.behavior()));
        reachable(N2, true);
        reachable(N3, true);
    }

    // ---- writes -------------------------------------------------------------------------------------------------

    @Test
    void theWritesOfOneCallTravelAsOneMessageAndAreAnsweredEachByItsOwnOutcome() {
        var write = written(Acknowledgement.QUORUM, LONG, key("a"), key("b"), key("c"));
        assertThat(write.operations()).containsExactly(key("a"), key("b"), key("c"));

        write.replyTo()
                .tell(new Replica.Written(7, List.of(new Replica.Outcomes(write.group(), 1, outcomes("B", "C")))));
        write.replyTo().tell(new Replica.Written(8, List.of(new Replica.Outcomes(write.group(), 0, outcomes("A")))));

        var told = answers.await(3);
        assertThat(told.get(0)).isEqualTo(done(told.get(0), "A", 8));
        assertThat(told.get(1)).isEqualTo(done(told.get(1), "B", 7));
        assertThat(told.get(2)).isEqualTo(done(told.get(2), "C", 7));
        answers.assertNothingToldTwice();
    }

    @Test
    void partOfACallMayBeRefused() {
        var write = written(Acknowledgement.QUORUM, LONG, key("a"), key("b"));
        write.replyTo()
                .tell(new Replica.Refused(List.of(new Replica.Range(write.group(), 1, 1)), Reason.OVERLOADED, "full"));
        write.replyTo().tell(new Replica.Written(1, List.of(new Replica.Outcomes(write.group(), 0, outcomes("A")))));

        var told = answers.await(2);
        assertThat(told.get(0)).isInstanceOf(WriteAnswer.Done.class);
        assertThat(told.get(1)).isEqualTo(refused(Reason.OVERLOADED, "full"));
    }

    @Test
    void anAnswerThatComesTwiceIsToldOnce() {
        var write = written(Acknowledgement.QUORUM, LONG, key("a"), key("b"));
        var first = new Replica.Written(1, List.of(new Replica.Outcomes(write.group(), 0, outcomes("A"))));
        write.replyTo().tell(first);
        write.replyTo().tell(first);
        write.replyTo().tell(new Replica.OutcomesUnknown(List.of(new Replica.Range(write.group(), 0, 2)), "lost"));

        var told = answers.await(2);
        assertThat(told.get(0)).isInstanceOf(WriteAnswer.Done.class);
        assertThat(told.get(1)).isEqualTo(new WriteAnswer.Unknown("lost"));
        answers.assertNothingToldTwice();
    }

    @Test
    void whenTheNodeIsLostWhatItHasNotAnsweredIsUnknown() {
        var write = written(Acknowledgement.QUORUM, LONG, key("a"), key("b"), key("c"));
        write.replyTo().tell(new Replica.Written(1, List.of(new Replica.Outcomes(write.group(), 0, outcomes("A")))));
        answers.await(1);

        reachable(N2, false);

        var told = answers.await(3);
        assertThat(told.get(0)).isInstanceOf(WriteAnswer.Done.class);
        assertThat(told.subList(1, 3)).allMatch(WriteAnswer.Unknown.class::isInstance);
        write.replyTo().tell(new Replica.Written(1, List.of(new Replica.Outcomes(write.group(), 1, outcomes("B")))));
        answers.assertNothingToldTwice();
    }

    @Test
    void whatIsNotAnsweredBeforeTheDeadlineIsUnknown() {
        written(Acknowledgement.QUORUM, Duration.ofMillis(50), key("a"), key("b"));
        assertThat(answers.await(2)).allMatch(WriteAnswer.Unknown.class::isInstance);
    }

    @Test
    void aDeadlineThatHasPassedRefusesAllAtOnce() {
        placements.primary = Optional.of(N2);
        desk.writeAll(PARTITION, List.of(key("a"), key("b")), Acknowledgement.QUORUM, System.nanoTime() - 1, answers);
        assertThat(answers.await(2)).allSatisfy(answer -> assertThat(
                        ((WriteAnswer.Refused) answer).refusal().reason())
                .isEqualTo(Reason.DEADLINE_EXCEEDED));
        remote.get(N2).expectNoMessage();
    }

    @Test
    void aPartitionThatIsNotThereRefusesAllAtOnce() {
        var gone = new PartitionId("gone", 1, 0);
        desk.writeAll(gone, List.of(key("a")), Acknowledgement.QUORUM, deadline(LONG), answers);
        assertThat(((WriteAnswer.Refused) answers.await(1).get(0)).refusal().reason())
                .isEqualTo(Reason.PARTITION_NOT_FOUND);
    }

    @Test
    void aFastWriteIsToldItsPlaceAndNothingAfter() {
        var write = written(Acknowledgement.FAST, LONG, key("a"), key("b"));
        assertThat(write.fast()).isTrue();
        write.replyTo().tell(new Replica.Ordered(5, List.of(new Replica.Range(write.group(), 0, 2))));
        write.replyTo().tell(new Replica.OutcomesUnknown(List.of(new Replica.Range(write.group(), 0, 2)), "lost"));

        assertThat(answers.await(2)).containsOnly(new WriteAnswer.Ordered(5));
        answers.assertNothingToldTwice();
    }

    @Test
    void whatIsTooLargeForOneMessageIsDividedInOrder() {
        placements.primary = Optional.of(N2);
        var large = new byte[ReplicaWire.MESSAGE_BYTES / 2];
        desk.writeAll(
                PARTITION, List.of(large, key("a"), large, key("b")), Acknowledgement.QUORUM, deadline(LONG), answers);
        var first = remote.get(N2).expectMessageClass(Replica.Write.class);
        var second = remote.get(N2).expectMessageClass(Replica.Write.class);
        assertThat(first.operations()).containsExactly(large, key("a"));
        assertThat(second.first()).isEqualTo(2);
        assertThat(second.operations()).containsExactly(large, key("b"));
        assertThat(second.group()).isEqualTo(first.group());
    }

    @Test
    void anObserverThatFailsKeepsNoOtherFromItsAnswer() {
        placements.primary = Optional.of(N2);
        PartitionAccess.WriteObserver failing = (position, answer) -> {
            answers.answered(position, answer);
            throw new IllegalStateException("on purpose");
        };
        desk.writeAll(PARTITION, List.of(key("a"), key("b")), Acknowledgement.QUORUM, deadline(LONG), failing);
        var write = remote.get(N2).expectMessageClass(Replica.Write.class);
        write.replyTo()
                .tell(new Replica.Written(1, List.of(new Replica.Outcomes(write.group(), 0, outcomes("A", "B")))));
        assertThat(answers.await(2)).allMatch(WriteAnswer.Done.class::isInstance);
    }

    // ---- reads --------------------------------------------------------------------------------------------------

    @Test
    void thePrimaryUnderItsLeaseAnswersEveryLevelAtOnce() {
        var local = local(Statuses.primary(N1, 9), 9);
        assertThat(local.front()).isNotNull();
        for (var level :
                List.of(ReadLevel.STRONG, ReadLevel.EVENTUAL, new ReadLevel.Session(99), new ReadLevel.Eventual(1))) {
            assertThat(values(read(level)).index()).isEqualTo(9);
        }
    }

    @Test
    void aSecondaryAnswersASessionThatItHasReached() {
        local(Statuses.secondaryOf(N2, 9), 9);
        assertThat(values(read(new ReadLevel.Session(9))).index()).isEqualTo(9);
    }

    @Test
    void aSessionThatTheSecondaryWillNotReachSoonIsRoutedToThePrimary() {
        local(Statuses.secondaryOf(N2, 9), 9);
        var answer = read(new ReadLevel.Session(10));
        var read = remote.get(N2).expectMessageClass(Replica.Read.class);
        assertThat(read.level()).isEqualTo(new ReadLevel.Session(10));
        read.replyTo().tell(valuesOf(read, 11, true));
        assertThat(values(answer).index()).isEqualTo(11);
    }

    @Test
    void aSessionThatTheSecondaryIsAboutToReachWaitsForIt() {
        var front = KIT.<Replica.Command>createTestProbe();
        local(front, Statuses.secondaryOf(N2, 10), 9);
        read(new ReadLevel.Session(10));
        front.expectMessageClass(Replica.Read.class);
    }

    @Test
    void aReplicaThatWasRemovedAnswersOnlySessionsThatItHasReached() {
        placements.primary = Optional.of(N2);
        local(Statuses.removed(20), 9);
        assertThat(values(read(new ReadLevel.Session(9))).index()).isEqualTo(9);
        read(new ReadLevel.Session(10));
        remote.get(N2).expectMessageClass(Replica.Read.class);
        read(ReadLevel.EVENTUAL);
        remote.get(N2).expectMessageClass(Replica.Read.class);
    }

    @Test
    void withoutABoundAnyLocalReplicaWillDo() {
        local(Statuses.cutOff(3), 3);
        assertThat(values(read(ReadLevel.EVENTUAL)).index()).isEqualTo(3);
    }

    @Test
    void withABoundAStrongReadThatPassedThroughProvesTheLocalReplicaFresh() {
        var store = local(Statuses.secondaryOf(N2, 9), 9).store();
        var bounded = new ReadLevel.Eventual(Duration.ofMinutes(5).toMillis());

        var asked = read(bounded);
        var read = remote.get(N2).expectMessageClass(Replica.Read.class);
        read.replyTo().tell(valuesOf(read, 12, true));
        assertThat(values(asked).index()).isEqualTo(12);

        // It has not applied so far yet.
        read(bounded);
        remote.get(N2).expectMessageClass(Replica.Read.class);

        ((FakeStore) store).reach(12);
        assertThat(values(read(bounded)).index()).isEqualTo(12);
        remote.get(N2).expectNoMessage();
    }

    @Test
    void aWriteThatPassedThroughIsEvidenceToo() {
        var store = (FakeStore) local(Statuses.secondaryOf(N2, 9), 9).store();
        var write = written(Acknowledgement.QUORUM, LONG, key("a"));
        write.replyTo().tell(new Replica.Written(10, List.of(new Replica.Outcomes(write.group(), 0, outcomes("A")))));
        answers.await(1);
        store.reach(10);
        KIT.createTestProbe().awaitAssert(() -> {
            assertThat(read(new ReadLevel.Eventual(60_000)).toCompletableFuture())
                    .isDone();
            return null;
        });
    }

    @Test
    void withABoundThatNobodyCanProveTheReadIsTooStale() {
        var front = KIT.<Replica.Command>createTestProbe();
        local(front, Statuses.cutOff(3), 3);
        var answer = read(new ReadLevel.Eventual(1_000));
        var read = front.expectMessageClass(Replica.Read.class);
        read.replyTo()
                .tell(new Replica.Refused(
                        List.of(Replica.Range.whole(read.correlation())), Reason.NO_QUORUM, "a minority"));
        assertThat(((ReadAnswer.Refused) join(answer)).refusal())
                .satisfies(refusal -> assertThat(refusal.reason()).isEqualTo(Reason.TOO_STALE))
                .satisfies(refusal -> assertThat(refusal.message()).contains("1000 ms", "a minority"));
    }

    @Test
    void withoutAReplicaHereTheLevelTravelsToOneThatHasIt() {
        placements.primary = Optional.of(N3);
        read(new ReadLevel.Eventual(1_000));
        assertThat(remote.get(N3).expectMessageClass(Replica.Read.class).level())
                .isEqualTo(new ReadLevel.Eventual(1_000));
        reachable(N3, false);
        // Asked again: of one that can be reached.
        assertThat(remote.get(N2).expectMessageClass(Replica.Read.class).level())
                .isEqualTo(new ReadLevel.Eventual(1_000));
    }

    @Test
    void anAnswerInPartsIsPutTogetherAndNamesTheNewestIndex() {
        placements.primary = Optional.of(N2);
        var answer = desk.read(PARTITION, List.of(key("a"), key("b")), ReadLevel.STRONG, deadline(LONG));
        var first = remote.get(N2).expectMessageClass(Replica.Read.class);
        first.replyTo()
                .tell(new Replica.ReadValues(
                        first.correlation(), List.of(new Replica.ReadValue(key("1"), 1, 0)), 4, true));
        var second = remote.get(N2).expectMessageClass(Replica.Read.class);
        assertThat(second.keys()).containsExactly(key("b"));
        second.replyTo()
                .tell(new Replica.ReadValues(
                        second.correlation(), List.of(new Replica.ReadValue(null, 0, 0)), 6, true));
        assertThat(values(answer).index()).isEqualTo(6);
        assertThat(values(answer).values()).hasSize(2);
        assertThat(values(answer).values().get(1)).isEmpty();
    }

    @Test
    void withoutAReplicaHereAndWithNoHolderInReachAllIsRefusedAtOnce() {
        placements.elsewhere = true;
        reachable(N2, false);
        reachable(N3, false);
        desk.writeAll(PARTITION, List.of(key("a")), Acknowledgement.QUORUM, deadline(LONG), answers);
        assertThat(answers.await(1).get(0))
                .isEqualTo(refused(
                        Reason.NO_QUORUM,
                        "none of [n2, n3], the nodes that hold " + PARTITION + ", can be reached from n1"));
        reachable(N3, true);
        read(ReadLevel.EVENTUAL);
        remote.get(N3).expectMessageClass(Replica.Read.class);
    }

    @Test
    void aLearnerAnswersEventualReadsAndSessionsThatItHasReached() {
        var before = Statuses.secondaryOf(N2, 9);
        local(
                new io.aitta.core.replication.Status(
                        before.role(),
                        before.term(),
                        before.primary(),
                        false,
                        0,
                        true,
                        false,
                        before.commitIndex(),
                        before.lastIndex(),
                        before.lastTerm(),
                        new io.aitta.core.replication.Membership(List.of(N2, N3), List.of(N1))),
                9);
        assertThat(values(read(ReadLevel.EVENTUAL)).index()).isEqualTo(9);
        assertThat(values(read(new ReadLevel.Session(9))).index()).isEqualTo(9);
        var strong = read(ReadLevel.STRONG);
        assertThat(strong.toCompletableFuture()).isNotDone();
        remote.get(N2).expectMessageClass(Replica.Read.class);
    }

    // ---- helpers ------------------------------------------------------------------------------------------------

    private Replica.Write written(Acknowledgement acknowledgement, Duration within, byte[]... operations) {
        placements.primary = Optional.of(N2);
        desk.writeAll(PARTITION, List.of(operations), acknowledgement, deadline(within), answers);
        var write = remote.get(N2).expectMessageClass(Replica.Write.class);
        remote.get(N2).expectNoMessage(Duration.ZERO);
        return write;
    }

    private CompletionStage<ReadAnswer> read(ReadLevel level) {
        return desk.read(PARTITION, List.of(key("k")), level, deadline(LONG));
    }

    private static Replica.ReadValues valuesOf(Replica.Read read, long index, boolean strong) {
        return new Replica.ReadValues(
                read.correlation(), List.of(new Replica.ReadValue(key("v"), 1, 0)), index, strong);
    }

    private static ReadAnswer.Values values(CompletionStage<ReadAnswer> answer) {
        return (ReadAnswer.Values) join(answer);
    }

    private static ReadAnswer join(CompletionStage<ReadAnswer> answer) {
        return answer.toCompletableFuture()
                .orTimeout(LONG.toMillis(), TimeUnit.MILLISECONDS)
                .join();
    }

    private LocalReplica local(io.aitta.core.replication.Status status, long applied) {
        return local(KIT.createTestProbe(), status, applied);
    }

    private LocalReplica local(
            TestProbe<Replica.Command> front, io.aitta.core.replication.Status status, long applied) {
        var store = new FakeStore();
        store.reach(applied);
        var local = new LocalReplica(N1, PARTITION, front.getRef(), store);
        local.logStarted(KIT.<ReplicaLog.Command>createTestProbe().getRef());
        local.publish(status);
        replicas.add(local);
        return local;
    }

    private void reachable(NodeId node, boolean reachable) {
        var address = new UniqueAddress(new Address("pekko", "test", node.value(), 1), 1);
        var member = new Member(
                address,
                1,
                MemberStatus.up(),
                scala.jdk.javaapi.CollectionConverters.asScala(java.util.Set.of(NodeDirectory.roleOf(node)))
                        .toSet(),
                Version.Zero());
        directory.put(node, member, reachable);
        replicas.tellReachability(node, reachable);
    }

    private static long deadline(Duration within) {
        return System.nanoTime() + within.toNanos();
    }

    private static List<byte[]> outcomes(String... outcomes) {
        return java.util.Arrays.stream(outcomes).map(FakeStore::key).toList();
    }

    private static WriteAnswer done(WriteAnswer told, String outcome, long index) {
        var same = (WriteAnswer.Done) told;
        assertThat(same.outcome()).isEqualTo(key(outcome));
        return new WriteAnswer.Done(same.outcome(), index);
    }

    private static WriteAnswer refused(Reason reason, String message) {
        return new WriteAnswer.Refused(new PartitionAccess.Refusal(reason, message));
    }
}
