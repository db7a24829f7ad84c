package io.aitta.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import io.aitta.client.AittaException.OutcomeUnknown;
import io.aitta.client.AittaException.Refused;
import io.aitta.client.AittaException.Unavailable;
import io.aitta.client.FakeCluster.Received;
import io.aitta.proto.v1.CreateTableRequest;
import io.aitta.proto.v1.GetRequest;
import io.aitta.proto.v1.KeyError;
import io.aitta.proto.v1.MultiGetRequest;
import io.aitta.proto.v1.MultiSetRequest;
import io.aitta.proto.v1.Session;
import io.aitta.proto.v1.SetRequest;
import io.aitta.proto.v1.Topology;
import io.grpc.Status;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class AittaClientTest {
    private static final Duration SHORT = Duration.ofMillis(800);

    private final FakeCluster cluster = new FakeCluster(3);
    private final AittaClient client =
            AittaClient.builder().endpoints(cluster.endpoints()).build();
    private final AittaTable.BlockingView table = client.table("default").blocking();

    /** The first call of a process loads many classes, which is not what short deadlines are to measure. */
    @BeforeAll
    static void loadClasses() {
        try (var cluster = new FakeCluster(1);
                var client =
                        AittaClient.builder().endpoints(cluster.endpoints()).build()) {
            var table =
                    client.table("default").withDeadline(Duration.ofSeconds(20)).blocking();
            table.multiSet(List.of(Map.entry(utf8("a"), utf8("1"))));
            table.multiGet(List.of(utf8("a")));
        }
    }

    @AfterEach
    void close() {
        client.close();
        cluster.close();
    }

    @Test
    void whatWasSetIsReadUntilItIsDeleted() {
        long version = table.set(utf8("a"), utf8("1"));
        assertThat(table.get(utf8("a"))).contains(new VersionedValue(utf8("1"), version));
        assertThat(table.delete(utf8("a"))).isTrue();
        assertThat(table.delete(utf8("a"))).isFalse();
        assertThat(table.get(utf8("a"))).isEmpty();
    }

    @Test
    void aWriteWhoseReplyWasLostIsSentAgainUnderTheSameSequenceAndHappensOnce() {
        cluster.loseNextReply();
        long version = table.set(utf8("a"), utf8("1"));
        assertThat(sessions()).hasSize(2);
        assertThat(sessions().get(0).getSequence()).isEqualTo(sessions().get(1).getSequence());
        assertThat(sessions().get(0).getClientId()).isEqualTo(sessions().get(1).getClientId());
        assertThat(version).isEqualTo(1);
    }

    @Test
    void aWriteToANodeThatDiesMeanwhileIsCarriedThroughElsewhere() throws Exception {
        cluster.hangNext();
        var write = client.table("default").set(utf8("a"), utf8("1")).toCompletableFuture();
        eventually(() -> cluster.received().size() == 1);
        cluster.kill(cluster.received().get(0).node());
        assertThat(write.get(10, TimeUnit.SECONDS)).isEqualTo(1);
        assertThat(sessions().stream().map(Session::getSequence).distinct()).containsExactly(1L);
    }

    @Test
    void aNodeThatIsSilentDoesNotUseUpTheWholeDeadline() {
        cluster.hangNext();
        var patient =
                client.table("default").withDeadline(Duration.ofSeconds(3)).blocking();
        assertThat(patient.set(utf8("a"), utf8("1"))).isEqualTo(1);
    }

    @Test
    void everyWriteHasItsOwnNumberAndSaysWhichAreAnswered() {
        table.set(utf8("a"), utf8("1"));
        table.set(utf8("b"), utf8("2"));
        table.delete(utf8("a"));
        var sessions = cluster.received().stream().map(Received::session).toList();
        assertThat(sessions).extracting(Session::getSequence).containsExactly(1L, 2L, 3L);
        assertThat(sessions).extracting(Session::getAcknowledgedBelow).containsExactly(1L, 2L, 3L);
        assertThat(sessions).allMatch(session -> session.getClientId().size() == 16);
    }

    @Test
    void aWriteUnderWayIsNotCountedAsAnswered() {
        cluster.hangNext();
        var hanging = client.table("default").set(utf8("a"), utf8("1"));
        eventually(() -> cluster.received().size() == 1);
        table.set(utf8("b"), utf8("2"));
        assertThat(cluster.received().get(1).session().getAcknowledgedBelow()).isEqualTo(1);
        assertThat(hanging.toCompletableFuture()).isNotDone();
    }

    @Test
    void aSessionThatTheStoreHasForgottenIsReplacedWithoutTheCallerNoticing() {
        table.set(utf8("a"), utf8("1"));
        cluster.refuseNext(Status.Code.FAILED_PRECONDITION, "SESSION_EXPIRED", "the session is forgotten");
        assertThat(table.set(utf8("a"), utf8("2"))).isEqualTo(2);
        table.set(utf8("a"), utf8("3"));
        assertThat(sessions().stream().map(Session::getClientId).distinct()).hasSize(2);
        assertThat(sessions().get(2).getClientId()).isEqualTo(sessions().get(3).getClientId());
        assertThat(sessions()).allMatch(session -> session.getStartedMillis() > 0);
    }

    @Test
    void aWriteInDoubtIsNotMovedToANewSession() {
        cluster.loseNextReply();
        cluster.refuseNext(Status.Code.FAILED_PRECONDITION, "SESSION_EXPIRED", "the session is forgotten");
        assertThatThrownBy(() -> table.set(utf8("a"), utf8("1"))).isInstanceOf(OutcomeUnknown.class);
        assertThat(sessions()).hasSize(2);
    }

    @Test
    void onceTheTopologyIsKnownCallsGoStraightToThePrimary() {
        learnTopology();
        for (String key : List.of("a", "b", "c", "d", "e", "f")) {
            table.set(utf8(key), utf8("1"));
            assertThat(last().node()).as(key).isEqualTo(cluster.primaryOf(key));
        }
    }

    @Test
    void aNewerEpochIsFollowedWithoutTheCallerNoticing() {
        learnTopology();
        cluster.movePrimaries();
        table.get(utf8("a"));
        eventually(() -> {
            table.get(utf8("a"));
            return last().node() == cluster.primaryOf("a") && last().header().getEpoch() == cluster.epoch();
        });
    }

    @Test
    void endpointsThatAreDownAreLeftForOthers() throws Exception {
        String down = "127.0.0.1:" + freePort() + ",127.0.0.1:" + freePort();
        try (var other = AittaClient.builder()
                .endpoints(down + "," + cluster.endpoint(2))
                .build()) {
            other.table("default").blocking().set(utf8("a"), utf8("1"));
            assertThat(other.table("default").blocking().get(utf8("a"))).isPresent();
        }
    }

    @Test
    void whenThePrimarysNodeIsDownAnotherNodeIsAsked() {
        learnTopology();
        cluster.kill(cluster.primaryOf("a"));
        assertThat(table.set(utf8("a"), utf8("1"))).isEqualTo(1);
    }

    @Test
    void aNodeThatIsStoppingIsLeftForAnotherAtOnce() {
        learnTopology();
        cluster.refuseNext(Status.Code.UNAVAILABLE, "STOPPING", "ask another one", Duration.ofSeconds(60));
        assertThat(table.set(utf8("a"), utf8("1"))).isEqualTo(1);
    }

    @Test
    void aRefusalIsToldWithItsReasonAndNotTriedAgain() {
        var missing = client.table("nosuch").blocking();
        var refused = catchThrowableOfType(Refused.class, () -> missing.get(utf8("a")));
        assertThat(refused.reason()).isEqualTo("TABLE_NOT_FOUND");
        assertThat(refused.kind()).isEqualTo(Refused.Kind.NOT_FOUND);
        assertThat(refused).hasMessageContaining("no table nosuch");
        assertThat(cluster.received()).hasSize(1);
    }

    @Test
    void everyStatusOfARefusalHasItsKind() {
        var kinds = Map.of(
                Status.Code.INVALID_ARGUMENT, Refused.Kind.BAD_INPUT,
                Status.Code.NOT_FOUND, Refused.Kind.NOT_FOUND,
                Status.Code.FAILED_PRECONDITION, Refused.Kind.PRECONDITION,
                Status.Code.RESOURCE_EXHAUSTED, Refused.Kind.EXHAUSTED);
        kinds.forEach((code, kind) -> {
            cluster.refuseNext(code, "SOME_REASON", "no");
            assertThatThrownBy(() -> table.set(utf8("a"), utf8("1")))
                    .isInstanceOfSatisfying(
                            Refused.class, e -> assertThat(e.kind()).isEqualTo(kind));
        });
    }

    @Test
    void whatIsUnavailableForAMomentIsTriedAgain() {
        cluster.refuseNext(Status.Code.UNAVAILABLE, "NO_QUORUM", "too few voters");
        cluster.refuseNext(Status.Code.RESOURCE_EXHAUSTED, "OVERLOADED", "the queue is full");
        assertThat(table.set(utf8("a"), utf8("1"))).isEqualTo(1);
        assertThat(sessions().stream().map(Session::getSequence).distinct()).containsExactly(1L);
    }

    @Test
    void whatStaysUnavailableIsSaidToBeSoAtTheDeadline() {
        for (int i = 0; i < 100; i++) {
            cluster.refuseNext(Status.Code.UNAVAILABLE, "NO_QUORUM", "too few voters");
        }
        var hasty = client.table("default").withDeadline(SHORT).blocking();
        assertThatThrownBy(() -> hasty.set(utf8("a"), utf8("1")))
                .isInstanceOf(Unavailable.class)
                .hasMessageContaining("too few voters")
                .extracting("reason")
                .isEqualTo("NO_QUORUM");
    }

    @Test
    void aWriteThatIsNeverAnsweredHasAnUnknownOutcome() {
        var hasty = client.table("default").withDeadline(SHORT).blocking();
        for (int i = 0; i < 20; i++) {
            cluster.hangNext();
        }
        assertThatThrownBy(() -> hasty.set(utf8("a"), utf8("1"))).isInstanceOf(OutcomeUnknown.class);
        assertThatThrownBy(() -> hasty.get(utf8("a"))).as("a read").isInstanceOf(Unavailable.class);
    }

    @Test
    void afterALostReplyARefusalDoesNotMeanThatNothingHappened() {
        cluster.loseNextReply();
        for (int i = 0; i < 100; i++) {
            cluster.refuseNext(Status.Code.UNAVAILABLE, "NO_QUORUM", "too few voters");
        }
        var hasty = client.table("default").withDeadline(Duration.ofSeconds(3)).blocking();
        assertThatThrownBy(() -> hasty.set(utf8("a"), utf8("1")))
                .isInstanceOf(OutcomeUnknown.class)
                .hasMessageContaining("too few voters");
    }

    @Test
    void withNobodyListeningNothingHappened() throws Exception {
        try (var lonely = AittaClient.builder()
                .endpoints("127.0.0.1:" + freePort())
                .deadline(SHORT)
                .build()) {
            assertThatThrownBy(() -> lonely.table("default").blocking().set(utf8("a"), utf8("1")))
                    .isInstanceOf(Unavailable.class)
                    .hasMessageContaining("Connection refused");
        }
    }

    @Test
    void makingATableIsNotTriedAgainWhenItsOutcomeIsUnknown() {
        cluster.loseNextReply();
        assertThatThrownBy(() -> client.admin().blocking().createTable("t", OptionalInt.empty(), OptionalInt.empty()))
                .isInstanceOf(OutcomeUnknown.class);
        assertThat(cluster.received(CreateTableRequest.class)).hasSize(1);
    }

    @Test
    void withoutBudgetNothingIsTriedTwice() {
        cluster.refuseNext(Status.Code.UNAVAILABLE, "NO_QUORUM", "too few voters");
        try (var frugal = AittaClient.builder()
                .endpoints(cluster.endpoints())
                .retriesPerSecond(0)
                .build()) {
            assertThatThrownBy(() -> frugal.table("default").blocking().get(utf8("a")))
                    .isInstanceOf(Unavailable.class);
        }
        assertThat(cluster.received(GetRequest.class)).hasSize(1);
    }

    @Test
    void manyKeysComeBackInTheOrderAsked() {
        table.multiSet(List.of(Map.entry(utf8("a"), utf8("1")), Map.entry(utf8("b"), utf8("2"))));
        var reads = table.multiGet(List.of(utf8("b"), utf8("x"), utf8("a")));
        assertThat(reads)
                .containsExactly(
                        new ReadOutcome.Found(new VersionedValue(utf8("2"), 2)),
                        new ReadOutcome.Missing(),
                        new ReadOutcome.Found(new VersionedValue(utf8("1"), 1)));
        assertThat(table.multiGet(List.of())).isEmpty();
        assertThat(table.multiSet(List.of())).isEmpty();
    }

    @Test
    void onlyKeysThatCouldNotBeReadAreAskedForAgain() {
        table.set(utf8("b"), utf8("2"));
        cluster.failKeyOnce("b", KeyError.Kind.UNAVAILABLE, "NO_PRIMARY");
        var reads = table.multiGet(List.of(utf8("a"), utf8("b")));
        assertThat(reads.get(1)).isEqualTo(new ReadOutcome.Found(new VersionedValue(utf8("2"), 1)));
        var requests = cluster.received(MultiGetRequest.class);
        assertThat(((MultiGetRequest) requests.get(1).request()).getKeysList()).containsExactly(utf8("b"));
    }

    @Test
    void anEntryThatIsRefusedDoesNotKeepTheOthersFromBeingWritten() {
        cluster.failKeyOnce("a", KeyError.Kind.REFUSED, "VALUE_TOO_LARGE");
        var writes = table.multiSet(List.of(Map.entry(utf8("a"), utf8("1")), Map.entry(utf8("b"), utf8("2"))));
        assertThat(writes.get(0)).isInstanceOfSatisfying(WriteOutcome.Failed.class, failed -> assertThat(failed.error())
                .isInstanceOfSatisfying(Refused.class, e -> assertThat(e.kind()).isEqualTo(Refused.Kind.BAD_INPUT)));
        assertThat(writes.get(1)).isEqualTo(new WriteOutcome.Written(1));
        assertThat(cluster.received(MultiSetRequest.class)).hasSize(1);
    }

    @Test
    void aRetryOfManyWritesSendsTheSameUnderTheSameSequenceAndWhatWasDoneStaysDone() {
        cluster.failKeyOnce("a", KeyError.Kind.OUTCOME_UNKNOWN, "OUTCOME_UNKNOWN");
        var writes = table.multiSet(List.of(Map.entry(utf8("a"), utf8("1")), Map.entry(utf8("b"), utf8("2"))));
        assertThat(writes).allMatch(WriteOutcome.Written.class::isInstance);
        assertThat(writes.get(1)).as("the first answer").isEqualTo(new WriteOutcome.Written(1));
        var requests = cluster.received(MultiSetRequest.class);
        assertThat(requests).hasSize(2);
        assertThat(((MultiSetRequest) requests.get(0).request()).getEntriesList())
                .isEqualTo(((MultiSetRequest) requests.get(1).request()).getEntriesList());
        assertThat(requests.get(0).session().getSequence())
                .isEqualTo(requests.get(1).session().getSequence());
    }

    @Test
    void anEntryInDoubtStaysInDoubtWhenLaterTriesAreRefused() {
        cluster.failKeyOnce("a", KeyError.Kind.OUTCOME_UNKNOWN, "OUTCOME_UNKNOWN");
        for (int i = 0; i < 50; i++) {
            cluster.failKeyOnce("a", KeyError.Kind.UNAVAILABLE, "NO_QUORUM");
        }
        var hasty = client.table("default").withDeadline(SHORT).blocking();
        var writes = hasty.multiSet(List.of(Map.entry(utf8("a"), utf8("1"))));
        assertThat(((WriteOutcome.Failed) writes.get(0)).error()).isInstanceOf(OutcomeUnknown.class);
    }

    @Test
    void tablesAreMadeListedDescribedAndDropped() {
        var admin = client.admin().blocking();
        var made = admin.createTable("t", OptionalInt.of(8), OptionalInt.of(2));
        assertThat(made.getTable().getPartitions()).isEqualTo(8);
        assertThat(admin.listTables().getTablesList()).extracting("name").containsExactly("default", "t");
        assertThat(admin.describeTable("t").getPartitionsList()).hasSize(8);
        assertThat(admin.listPartitions("").getPartitionsList()).hasSize(12);
        assertThat(admin.listNodes().getNodesList()).hasSize(3);
        admin.dropTable("t");
        assertThat(admin.topology().getTablesList()).extracting("name").containsExactly("default");
    }

    @Test
    void aTableWithSillyNumbersIsRefusedBeforeAnythingIsSent() {
        var admin = client.admin().blocking();
        for (int partitions : List.of(0, -1, 4_097, 100_000)) {
            assertThatThrownBy(() -> admin.createTable("t", OptionalInt.of(partitions), OptionalInt.empty()))
                    .isInstanceOf(Refused.class)
                    .hasMessage("partitions must be 1 to 4096, not " + partitions);
        }
        assertThatThrownBy(() -> admin.createTable("t", OptionalInt.empty(), OptionalInt.of(0)))
                .hasMessage("replicas must be 1 to 7, not 0");
        assertThat(cluster.received()).isEmpty();
    }

    @Test
    void aWatchSeesEveryEpochAndGoesOnWhenItsNodeIsGone() throws Exception {
        BlockingQueue<Topology> seen = new LinkedBlockingQueue<>();
        try (var watch = client.admin().watchTopology(seen::add)) {
            assertThat(next(seen).getEpoch()).isEqualTo(1);
            cluster.movePrimaries();
            assertThat(next(seen).getEpoch()).isEqualTo(2);
        }
        try (var onlyFirst = AittaClient.builder()
                        .endpoints(List.of(cluster.endpoint(0)))
                        .build();
                var watch = onlyFirst.admin().watchTopology(seen::add)) {
            assertThat(next(seen).getEpoch()).isEqualTo(2);
            int before = cluster.watchers();
            cluster.kill(0);
            cluster.kill(1);
            eventually(() -> cluster.watchers() > before);
        }
    }

    @Test
    void closingEndsWhatIsUnderWay() {
        cluster.hangNext();
        var write = client.table("default").set(utf8("a"), utf8("1")).toCompletableFuture();
        eventually(() -> cluster.received().size() == 1);
        client.close();
        assertThatThrownBy(write::join)
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(OutcomeUnknown.class);
        assertThatThrownBy(() -> table.get(utf8("a")))
                .isInstanceOf(Unavailable.class)
                .hasMessage("the client is closed");
    }

    @Test
    void aClientFollowsTheTopologyByOneWatchFromItsFirstCallUntilItIsClosed() {
        assertThat(cluster.watchers()).isZero();
        for (int i = 0; i < 10; i++) {
            table.get(utf8("a"));
        }
        eventually(() -> cluster.openWatchers() == 1);
        assertThat(cluster.watchers()).isEqualTo(1);
        client.close();
        eventually(() -> cluster.openWatchers() == 0);
    }

    @Test
    void aNewTopologyIsFollowedForAllPartitionsAtOnce() {
        learnTopology();
        eventually(() -> cluster.openWatchers() == 1);
        cluster.movePrimaries();
        eventually(() -> {
            table.get(utf8("a"));
            return last().header().getEpoch() == cluster.epoch();
        });
        for (String key : List.of("a", "b", "c", "d", "e", "f")) {
            table.get(utf8(key));
            assertThat(last().node()).as(key).isEqualTo(cluster.primaryOf(key));
        }
    }

    @Test
    void whatARefusalIsAboutIsToldToPrograms() {
        var together = Map.of("keys", "a,b");
        cluster.refuseNext(
                Status.Code.INVALID_ARGUMENT, "KEYS_NOT_TOGETHER", "two partitions", Duration.ZERO, together);
        var keys = Transaction.of(Operation.delete(utf8("a")), Operation.delete(utf8("b")));
        assertThatThrownBy(() -> table.transaction(keys))
                .isInstanceOfSatisfying(
                        Refused.class, refused -> assertThat(refused.metadata()).isEqualTo(together));
    }

    @Test
    void aNewSessionBeginsNoEarlierThanTheStoreSays() {
        long later = System.currentTimeMillis() + 30_000;
        cluster.refuseNext(
                Status.Code.FAILED_PRECONDITION,
                "SESSION_EXPIRED",
                "the session is forgotten",
                Duration.ZERO,
                Map.of("sessions_from_millis", Long.toString(later)));
        table.set(utf8("a"), utf8("1"));
        assertThat(sessions().get(1).getStartedMillis()).isGreaterThanOrEqualTo(later);
    }

    @Test
    void anEndpointIsHostAndPort() {
        assertThat(Endpoint.parseList("a:1, [::1]:7400"))
                .containsExactly(new Endpoint("a", 1), new Endpoint("::1", 7400));
        assertThat(new Endpoint("::1", 7400)).hasToString("[::1]:7400");
        for (String wrong : List.of("", "a", "a:", ":1", "a:0", "a:65536", "a:x", "::1:7400")) {
            assertThatThrownBy(() -> Endpoint.parse(wrong))
                    .as(wrong)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected HOST:PORT");
        }
    }

    private void learnTopology() {
        table.get(utf8("a"));
        eventually(() -> {
            table.get(utf8("a"));
            return last().header().getEpoch() == cluster.epoch();
        });
    }

    private List<Session> sessions() {
        return cluster.received(SetRequest.class).stream()
                .map(Received::session)
                .toList();
    }

    private Received last() {
        return cluster.received().get(cluster.received().size() - 1);
    }

    private static Topology next(BlockingQueue<Topology> seen) throws InterruptedException {
        Topology topology = seen.poll(10, TimeUnit.SECONDS);
        assertThat(topology).as("a topology within ten seconds").isNotNull();
        return topology;
    }

    private static void eventually(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waiting for a condition").isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    private static int freePort() throws Exception {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static ByteString utf8(String text) {
        return ByteString.copyFromUtf8(text);
    }
}
