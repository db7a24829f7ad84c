package io.aitta.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.aitta.client.AittaException.OutcomeUnknown;
import io.aitta.client.AittaException.Refused;
import io.aitta.client.TransactionResult.Step;
import io.aitta.proto.v1.AppendRequest;
import io.aitta.proto.v1.IncrementRequest;
import io.aitta.proto.v1.KeyError;
import io.aitta.proto.v1.MultiDeleteRequest;
import io.aitta.proto.v1.MultiSetRequest;
import io.aitta.proto.v1.SetRequest;
import io.aitta.proto.v1.TransactionRequest;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Each operation: what is sent for it, and what the caller gets. */
@Timeout(30)
class TableOperationsTest {
    private static final ByteString KEY = utf8("a");
    private static final Duration HOUR = Duration.ofHours(1);

    private final FakeCluster cluster = new FakeCluster(3);
    private final AittaClient client =
            AittaClient.builder().endpoints(cluster.endpoints()).build();
    private final AittaTable.BlockingView table = client.table("default").blocking();

    @AfterEach
    void close() {
        client.close();
        cluster.close();
    }

    @Test
    void aKeyExistsFromWhenItIsSetUntilItIsDeleted() {
        assertThat(table.exists(KEY)).isFalse();
        table.set(KEY, utf8("1"));
        assertThat(table.exists(KEY)).isTrue();
        table.delete(KEY);
        assertThat(table.exists(KEY)).isFalse();
    }

    @Test
    void aTimeToLiveIsGivenWithTheValueToldWithItAndTakenAway() {
        table.set(KEY, utf8("1"), SetOptions.DEFAULT.expiringAfter(HOUR));
        assertThat(table.get(KEY).orElseThrow().timeToLive()).contains(HOUR);
        assertThat(table.timeToLive(KEY)).contains(new TimeToLive(1, Optional.of(HOUR)));
        assertThat(table.persist(KEY)).isTrue();
        assertThat(table.timeToLive(KEY)).contains(new TimeToLive(2, Optional.empty()));
        assertThat(table.expire(KEY, Duration.ofNanos(1))).isTrue();
        assertThat(table.timeToLive(KEY).orElseThrow().remaining()).contains(Duration.ofMillis(1));
    }

    @Test
    void aMissingKeyHasNoTimeToLiveAndGetsNone() {
        assertThat(table.timeToLive(KEY)).isEmpty();
        assertThat(table.expire(KEY, HOUR)).isFalse();
        assertThat(table.persist(KEY)).isFalse();
    }

    @Test
    void aTimeToLiveOfNothingIsRefusedBeforeAnythingIsSent() {
        assertThatThrownBy(() -> table.expire(KEY, Duration.ZERO))
                .isInstanceOf(Refused.class)
                .hasMessage("a time to live must be above zero, not PT0S");
        assertThatThrownBy(() -> SetOptions.DEFAULT.expiringAfter(Duration.ofSeconds(-1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> table.multiSet(List.of(Map.entry(KEY, KEY)), Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(cluster.received()).isEmpty();
    }

    @Test
    void aTimeBeyondCountingIsTheLongestThereIs() {
        table.set(KEY, utf8("1"), SetOptions.DEFAULT.expiringAfter(Duration.ofSeconds(Long.MAX_VALUE)));
        assertThat(((SetRequest) last()).getTimeToLiveMillis()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void whetherAValueExpiresIsLeftToTheTableUnlessItIsSaid() {
        table.set(KEY, utf8("1"));
        assertThat(((SetRequest) last()).hasTimeToLiveMillis()).isFalse();
        table.set(KEY, utf8("1"), SetOptions.DEFAULT.neverExpiring());
        assertThat(((SetRequest) last()).hasTimeToLiveMillis()).isTrue();
        assertThat(((SetRequest) last()).getTimeToLiveMillis()).isZero();
    }

    @Test
    void everyConditionDecidesWhetherASetIsDone() {
        assertThat(setIf(Condition.present())).isEqualTo(new SetResult(false, 0, Optional.empty()));
        assertThat(setIf(Condition.absent())).isEqualTo(new SetResult(true, 1, Optional.empty()));
        assertThat(setIf(Condition.absent()).version())
                .as("of the value that stays")
                .isEqualTo(1);
        assertThat(setIf(Condition.hasVersion(7)).applied()).isFalse();
        assertThat(setIf(Condition.hasVersion(1)).applied()).isTrue();
        assertThat(setIf(Condition.hasValue(utf8("other"))).applied()).isFalse();
        assertThat(setIf(Condition.hasValue(utf8("1"))).version()).isEqualTo(3);
    }

    @Test
    void whatAKeyHeldBeforeIsToldIfAskedFor() {
        table.set(KEY, utf8("1"), SetOptions.DEFAULT.expiringAfter(HOUR));
        var before = Optional.of(new VersionedValue(utf8("1"), 1, Optional.of(HOUR)));
        assertThat(table.set(KEY, utf8("2"), SetOptions.DEFAULT.returningPrevious())
                        .previous())
                .isEqualTo(before);
        assertThat(table.delete(KEY, DeleteOptions.DEFAULT.returningPrevious()))
                .isEqualTo(new DeleteResult(true, true, 0, Optional.of(new VersionedValue(utf8("2"), 2))));
    }

    @Test
    void aDeleteWhoseConditionDoesNotHoldLeavesTheValue() {
        table.set(KEY, utf8("1"));
        var kept = table.delete(KEY, DeleteOptions.DEFAULT.onlyIf(Condition.hasVersion(9)));
        assertThat(kept).isEqualTo(new DeleteResult(false, true, 1, Optional.empty()));
        assertThat(table.exists(KEY)).isTrue();
    }

    @Test
    void anAppendIsDoneOnceThoughItsAnswersAreLost() {
        table.append(KEY, utf8("ab"));
        cluster.loseNextReply();
        cluster.loseNextReply();
        assertThat(table.append(KEY, utf8("cd"))).isEqualTo(new AppendResult(2, 4));
        assertThat(table.get(KEY).orElseThrow().utf8()).isEqualTo("abcd");
        assertThat(cluster.received(AppendRequest.class)).hasSize(4);
    }

    @Test
    void anIncrementIsCountedOnceThoughItsAnswersAreLost() {
        cluster.loseNextReply();
        assertThat(table.increment(KEY, 5)).isEqualTo(new IncrementResult(1, 5));
        cluster.loseNextReply();
        cluster.loseNextReply();
        assertThat(table.increment(KEY, -7)).isEqualTo(new IncrementResult(2, -2));
        assertThat(cluster.received(IncrementRequest.class)).hasSize(5);
    }

    @Test
    void aTransactionIsDoneOnceThoughItsAnswersAreLost() {
        cluster.loseNextReply();
        var result = table.transaction(Transaction.of(Operation.increment(KEY, 1), Operation.increment(KEY, 1)));
        assertThat(result.incremented(1).value()).isEqualTo(2);
        assertThat(cluster.received(TransactionRequest.class)).hasSize(2);
    }

    @Test
    void aWriteToBeAnsweredFastIsSentAgainOnlyWithItsSession() {
        cluster.loseNextReply();
        client.table("default")
                .withAcknowledgement(Acknowledgement.FAST)
                .blocking()
                .increment(KEY, 1);
        var sent = cluster.received(IncrementRequest.class);
        assertThat(sent).hasSize(2).allSatisfy(request -> {
            assertThat(request.header().getAcknowledgement()).isEqualTo(io.aitta.proto.v1.Acknowledgement.FAST);
            assertThat(request.session().getSequence()).isEqualTo(1);
        });
        assertThat(table.get(KEY).orElseThrow().utf8()).isEqualTo("1");
    }

    @Test
    void eachStepOfATransactionHasItsOwnKindOfResult() {
        var all = Transaction.builder()
                .when(KEY, Condition.absent())
                .then(Operation.set(KEY, utf8("4")), Operation.increment(KEY, 38), Operation.append(KEY, utf8("0")))
                .then(Operation.expire(KEY, HOUR), Operation.get(KEY), Operation.persist(KEY), Operation.delete(KEY))
                .otherwise(Operation.get(KEY))
                .build();
        var done = table.transaction(all);
        assertThat(done.succeeded()).isTrue();
        assertThat(done.version()).isEqualTo(6);
        assertThat(done.steps())
                .containsExactly(
                        new Step.Set(false, 1),
                        new Step.Incremented(2, 42),
                        new Step.Appended(3, 3),
                        new Step.Expired(true, 4),
                        new Step.Got(Optional.of(new VersionedValue(utf8("420"), 4, Optional.of(HOUR)))),
                        new Step.Persisted(true, 5),
                        new Step.Deleted(true));
    }

    @Test
    void ifAConditionDoesNotHoldTheOtherOperationsAreDone() {
        table.set(KEY, utf8("kept"));
        var result = table.transaction(Transaction.builder()
                .when(KEY, Condition.absent())
                .then(Operation.set(KEY, utf8("1")))
                .otherwise(Operation.get(KEY))
                .build());
        assertThat(result.succeeded()).isFalse();
        assertThat(result.version()).isZero();
        assertThat(result.got(0).orElseThrow().utf8()).isEqualTo("kept");
        assertThatThrownBy(() -> result.incremented(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the conditions did not hold");
    }

    @Test
    void aTransactionOfNothingCannotBeMade() {
        assertThatThrownBy(() -> Transaction.builder().build()).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void manyKeysAreRemovedWithOneOutcomeEach() {
        table.multiSet(List.of(Map.entry(utf8("a"), utf8("1")), Map.entry(utf8("b"), utf8("2"))), HOUR);
        var set = (MultiSetRequest) last();
        assertThat(set.getEntriesList()).allMatch(entry -> entry.getTimeToLiveMillis() == HOUR.toMillis());
        var outcomes = table.multiDelete(List.of(utf8("b"), utf8("x"), utf8("a")));
        assertThat(outcomes)
                .containsExactly(
                        new DeleteOutcome.Deleted(true),
                        new DeleteOutcome.Deleted(false),
                        new DeleteOutcome.Deleted(true));
        assertThat(table.multiDelete(List.of())).isEmpty();
    }

    @Test
    void aRemovalThatIsRefusedDoesNotHideTheOthers() {
        table.set(utf8("b"), utf8("2"));
        cluster.failKeyOnce("a", KeyError.Kind.REFUSED, "KEY_TOO_LARGE");
        var outcomes = table.multiDelete(List.of(KEY, utf8("b")));
        assertThat(((DeleteOutcome.Failed) outcomes.get(0)).error()).isInstanceOf(Refused.class);
        assertThat(outcomes.get(1)).isEqualTo(new DeleteOutcome.Deleted(true));
        assertThat(cluster.received(MultiDeleteRequest.class)).hasSize(1);
    }

    @Test
    void anAppendInDoubtStaysInDoubtThoughALaterTryWouldBeTooLarge() {
        cluster.loseNextReply();
        cluster.refuseNext(Status.Code.INVALID_ARGUMENT, "VALUE_TOO_LARGE", "too large");
        assertThatThrownBy(() -> table.append(KEY, utf8("1"))).isInstanceOf(OutcomeUnknown.class);
    }

    private SetResult setIf(Condition condition) {
        return table.set(KEY, utf8("1"), SetOptions.DEFAULT.onlyIf(condition));
    }

    private Object last() {
        return cluster.received().get(cluster.received().size() - 1).request();
    }

    private static ByteString utf8(String text) {
        return ByteString.copyFromUtf8(text);
    }
}
