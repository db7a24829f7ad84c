package io.aitta.core.kv;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.aitta.proto.record.v1.Compare;
import io.aitta.proto.record.v1.Outcome;
import io.aitta.proto.record.v1.SessionStamp;
import io.aitta.proto.record.v1.SetOperation;
import io.aitta.proto.record.v1.TransactionOperation;
import io.aitta.proto.record.v1.TransactionWrite;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** What a session promises: applied once, answered with the first outcome, or refused. */
class SessionTableTest {
    private static final SessionTable.Limits FEW = new SessionTable.Limits(3, 4, 8, 1000, 10_000);

    private final MemoryState state = new MemoryState(FEW);

    @Test
    void aRetryGetsTheFirstOutcomeAndIsNotApplied() {
        var first = set("k", "1", stamp("c", 1, 1));
        assertThat(version(first)).isEqualTo(1);
        version(set("k", "2", stamp("c", 2, 1)));
        assertThat(version(first)).isEqualTo(1);
        assertThat(state.read("k")).contains("2");
    }

    @Test
    void aRetryWithinTheSameBatchGetsTheFirstOutcome() {
        var operation = set("k", "1", stamp("c", 1, 1));
        assertThat(state.apply(1, operation, operation))
                .extracting(outcome -> outcome.getSet().getVersion())
                .containsExactly(1L, 1L);
        assertThat(state.revision).isEqualTo(1);
    }

    @Test
    void aTransactionWhoseComparesFailedStaysFailedForItsRetry() {
        var ifAbsent = Operations.transaction(
                TransactionOperation.newBuilder()
                        .addCompares(Compare.newBuilder().setKey(bytes("k")).setExists(false))
                        .addThenWrites(TransactionWrite.newBuilder()
                                .setSet(SetOperation.newBuilder().setKey(bytes("k"))))
                        .build(),
                stamp("c", 1, 1));
        state.apply(1, Operations.set(bytes("k"), bytes("1"), null));
        assertThat(state.apply(2, ifAbsent).get(0).getTransaction().getSucceeded())
                .isFalse();
        state.apply(3, Operations.delete(bytes("k"), null));
        assertThat(state.apply(4, ifAbsent).get(0).getTransaction().getSucceeded())
                .isFalse();
        assertThat(state.read("k")).isEmpty();
    }

    @Test
    void anAcknowledgedSequenceIsRefusedForEver() {
        var first = set("k", "1", stamp("c", 1, 1));
        version(first);
        version(set("k", "2", stamp("c", 2, 2)));
        assertThat(reason(first)).isEqualTo("SESSION_EXPIRED");
        state.reload();
        assertThat(reason(first)).isEqualTo("SESSION_EXPIRED");
        assertThat(reason(set("k", "3", stamp("new", 1, 2)))).isEqualTo("SESSION_EXPIRED");
        assertThat(state.read("k")).contains("2");
    }

    @Test
    void aPartitionMayFirstSeeAClientAtAnySequence() {
        assertThat(version(set("k", "1", stamp("c", 1000, 990)))).isEqualTo(1);
        assertThat(version(set("j", "1", stamp("c", 995, 990)))).isEqualTo(2);
    }

    @Test
    void theItemsOfARequestAreOperationsOfTheirOwn() {
        var outcomes = state.apply(
                1, set("a", "1", item("c", 1, 0)), set("b", "1", item("c", 1, 1)), set("a", "2", item("c", 1, 2)));
        assertThat(outcomes)
                .extracting(outcome -> outcome.getSet().getVersion())
                .containsExactly(1L, 2L, 3L);
    }

    @Test
    void aStampUsedForOtherKeysIsRefusedAndNotAnsweredAsDone() {
        version(set("a", "1", stamp("c", 1, 1)));
        assertThat(reason(set("b", "1", stamp("c", 1, 1)))).isEqualTo("SESSION_REUSED");
        assertThat(state.read("b")).isEmpty();
    }

    @Test
    void aFullSessionRefusesUntilTheClientAcknowledges() {
        for (int i = 1; i <= FEW.outcomesPerSession(); i++) {
            version(set("k", "" + i, stamp("c", i, 1)));
        }
        assertThat(reason(set("k", "5", stamp("c", 5, 1)))).isEqualTo("SESSION_FULL");
        assertThat(version(set("k", "1", stamp("c", 1, 1))))
                .as("retries are answered still")
                .isEqualTo(1);
        assertThat(version(set("k", "5", stamp("c", 5, 2))))
                .as("the refusal is not remembered")
                .isEqualTo(5);
    }

    @Test
    void theSessionUnusedForLongestIsForgottenAndRefusedWhenItComesBack() {
        var old = set("k", "old", started("old", 1, 100));
        state.apply(1000, old);
        state.apply(1001, set("k", "a", started("a", 1, 200)));
        state.apply(1002, set("k", "b", started("b", 1, 300)));
        assertThat(version(old)).as("nothing forgotten yet").isEqualTo(1);
        state.apply(1003, set("k", "c", started("c", 1, 400)));
        // "a" was used least recently: "old" was retried after it.
        assertThat(state.sessions.floorMillis()).isEqualTo(201);
        assertThat(reason(set("k", "a", started("a", 1, 200)))).isEqualTo("SESSION_EXPIRED");
        assertThat(version(old)).isEqualTo(1);
        assertThat(state.read("k")).contains("c");
    }

    @Test
    void aNewSessionFromTheFloorOnIsAccepted() {
        for (int i = 0; i < 4; i++) {
            state.apply(1000 + i, set("k", "x", started("s" + i, 1, 100 + i)));
        }
        var refused = state.apply(2000, set("k", "late", started("late", 1, 50)))
                .get(0)
                .getRefused();
        assertThat(refused.getReason()).isEqualTo("SESSION_EXPIRED");
        assertThat(refused.getSessionsFromMillis()).isEqualTo(101);
        assertThat(version(set("k", "late", started("later", 1, refused.getSessionsFromMillis()))))
                .isEqualTo(5);
    }

    @Test
    void sessionsWithoutABeginAreRefusedOnceOneWasForgotten() {
        for (int i = 0; i < 4; i++) {
            state.apply(1000 + i, set("k", "x", stamp("s" + i, 1, 1)));
        }
        assertThat(reason(set("k", "x", stamp("s0", 1, 1)))).isEqualTo("SESSION_EXPIRED");
    }

    @Test
    void aSessionThatChangesItsBeginIsStillRefusedWhenForgotten() {
        state.apply(1000, set("k", "1", started("c", 1, 100)), set("k", "2", started("c", 2, 500)));
        for (int i = 0; i < 3; i++) {
            state.apply(1001 + i, set("k", "x", started("s" + i, 1, 900)));
        }
        assertThat(reason(set("k", "2", started("c", 2, 500)))).isEqualTo("SESSION_EXPIRED");
    }

    @Test
    void tooManyOutcomesOfAllSessionsForgetTheOldestSession() {
        for (int session = 0; session < 3; session++) {
            for (int i = 1; i <= 3; i++) {
                state.apply(1000 + session, set("k", "x", started("s" + session, i, 100)));
            }
        }
        assertThat(state.sessionRows.keySet()).containsExactlyInAnyOrder(bytes("s1"), bytes("s2"));
        assertThat(state.sessions.floorMillis()).isEqualTo(101);
    }

    @Test
    void aSessionUnusedForADayIsForgottenByTheNextBatchOfAnyKind() {
        state.apply(1000, set("k", "1", started("old", 1, 100)));
        state.apply(1001, set("k", "2", started("young", 1, 50)));
        long aDayLater = 1000 + SessionTable.MAX_UNUSED_MILLIS;
        state.apply(aDayLater - 1, Operations.delete(bytes("j"), null));
        assertThat(state.sessionRows).hasSize(2);
        state.apply(aDayLater, Operations.delete(bytes("j"), null));
        assertThat(state.sessionRows).containsOnlyKeys(bytes("young"));
        assertThat(state.sessions.floorMillis()).isEqualTo(101);
        state.reload();
        assertThat(reasonAt(aDayLater, set("k", "1", started("old", 1, 100)))).isEqualTo("SESSION_EXPIRED");
        assertThat(state.apply(aDayLater, set("k", "2", started("young", 1, 50)))
                        .get(0)
                        .getSet()
                        .getVersion())
                .as("known still, and used again")
                .isEqualTo(2);
        state.apply(aDayLater + 2, Operations.delete(bytes("j"), null));
        assertThat(state.sessionRows).containsOnlyKeys(bytes("young"));
    }

    @Test
    void aSessionWithTooManyBytesRefusesUntilTheClientAcknowledges() {
        var some = new MemoryState(new SessionTable.Limits(3, 100, 1000, 100, 10_000));
        some.apply(1000, getAndSet("x".repeat(60), stamp("c", 1, 1)));
        some.apply(1000, getAndSet("y".repeat(60), stamp("c", 2, 1)), getAndSet("z", stamp("c", 3, 1)));
        assertThat(reason(some, getAndSet("!", stamp("c", 4, 1)))).isEqualTo("SESSION_FULL");
        assertThat(some.apply(1000, getAndSet("y".repeat(60), stamp("c", 2, 1)))
                        .get(0)
                        .getSet()
                        .getPrevious()
                        .getValue())
                .as("the first outcome, whole")
                .isEqualTo(bytes("x".repeat(60)));
        some.reload();
        assertThat(reason(some, getAndSet("!", stamp("c", 4, 1)))).isEqualTo("SESSION_FULL");
        assertThat(some.apply(1000, getAndSet("!", stamp("c", 4, 3))).get(0).hasSet())
                .as("what it acknowledges counts no more")
                .isTrue();
        assertThat(some.sessionRows.get(bytes("c")).getOutcomesList())
                .extracting(outcome -> outcome.getSequence())
                .containsExactly(3L, 4L);
    }

    @Test
    void laterSequencesCannotLockOutTheFirstThatIsNotAcknowledged() {
        for (int i = 2; i <= 1 + FEW.outcomesPerSession(); i++) {
            version(set("k", "" + i, stamp("c", i, 1)));
        }
        assertThat(reason(set("k", "6", stamp("c", 6, 1)))).isEqualTo("SESSION_FULL");
        assertThat(version(set("k", "1", stamp("c", 1, 1)))).isEqualTo(5);
        assertThat(version(set("k", "6", stamp("c", 6, 6)))).isEqualTo(6);

        var some = new MemoryState(new SessionTable.Limits(3, 100, 1000, 100, 10_000));
        some.apply(1000, Operations.set(bytes("k"), bytes("x".repeat(200)), null));
        some.apply(1000, getAndSet("y", stamp("c", 2, 1)));
        assertThat(reason(some, getAndSet("z", stamp("c", 3, 1)))).isEqualTo("SESSION_FULL");
        assertThat(some.apply(1000, getAndSet("z", stamp("c", 1, 1))).get(0).hasSet())
                .isTrue();
    }

    @Test
    void tooManyBytesOfAllSessionsForgetTheOldestSession() {
        var some = new MemoryState(new SessionTable.Limits(100, 100, 1000, 300, 700));
        some.apply(1000, Operations.set(bytes("k"), bytes("x".repeat(250)), null));
        for (int i = 0; i < 4; i++) {
            some.apply(1001 + i, getAndSet("x".repeat(250), started("s" + i, 1, 100 + i)));
            assertThat(some.sessionRows.values().stream()
                            .flatMap(row -> row.getOutcomesList().stream())
                            .mapToInt(outcome -> outcome.getOutcome().size())
                            .sum())
                    .isLessThanOrEqualTo(700);
        }
        assertThat(some.sessionRows.keySet()).containsExactlyInAnyOrder(bytes("s2"), bytes("s3"));
        assertThat(some.sessions.floorMillis()).isEqualTo(102);
    }

    @Test
    void aSessionAtAllItsLimitsFitsIntoOneMessageBetweenNodes() {
        var limits = SessionTable.Limits.DEFAULT;
        var full = new MemoryState();
        var largest = ByteString.copyFrom(new byte[512 << 10]);
        long sequence = 1L << 40;
        for (int i = 3; i <= limits.outcomesPerSession(); i++) {
            full.apply(1000, Operations.set(bytes("j"), bytes("v"), stamp("c", sequence + i, sequence)));
        }
        // Just below the limit in bytes, over it by a whole value, and then what is kept for the first sequence.
        full.apply(1000, Operations.set(bytes("k"), ByteString.copyFrom(new byte[300 << 10]), null));
        for (SessionStamp stamp : List.of(
                stamp("c", sequence + 1, sequence),
                stamp("c", sequence + 2, sequence),
                item("c", sequence, 0, sequence))) {
            assertThat(full.apply(1000, setBack(largest, stamp)).get(0).hasSet())
                    .isTrue();
        }
        assertThat(reason(full, setBack(largest, item("c", sequence, 1, sequence))))
                .isEqualTo("SESSION_FULL");
        assertThat(full.sessionRows.get(bytes("c")).getSerializedSize()).isLessThan((2 << 20) - (64 << 10));
    }

    @Test
    void everyKindOfOperationIsToldApartByItsKeys() {
        var stamp = stamp("c", 1, 1);
        var whole = new KeySpan(bytes("a"), bytes("b"));
        var parts = new KeySpan(bytes("ab"), bytes("b"));
        List<List<byte[]>> pairs = List.of(
                List.of(
                        Operations.append(bytes("a"), bytes("1"), 0, 9, stamp),
                        Operations.append(bytes("b"), bytes("1"), 0, 9, stamp)),
                List.of(Operations.increment(bytes("a"), 1, 0, stamp), Operations.increment(bytes("b"), 1, 0, stamp)),
                List.of(Operations.expire(bytes("a"), 9, stamp), Operations.expire(bytes("b"), 9, stamp)),
                List.of(Operations.delete(bytes("a"), stamp), Operations.delete(bytes("b"), stamp)),
                List.of(Operations.deleteRange(whole, stamp), Operations.deleteRange(parts, stamp)));
        for (List<byte[]> pair : pairs) {
            var fresh = new MemoryState();
            var first = fresh.apply(1, pair.get(0));
            assertThat(first.get(0).hasRefused()).isFalse();
            assertThat(fresh.apply(2, pair.get(0))).isEqualTo(first);
            assertThat(reason(fresh, pair.get(1))).isEqualTo("SESSION_REUSED");
        }
    }

    @Test
    void aBeginInTheFutureIsRefusedLestItExpireAllOthers() {
        long tooFar = 1000 + SessionTable.MAX_AHEAD_MILLIS + 1;
        assertThat(state.apply(1000, set("k", "x", started("c", 1, tooFar)))
                        .get(0)
                        .getRefused()
                        .getReason())
                .isEqualTo("SESSION_AHEAD");
        assertThat(state.apply(1000, set("k", "x", started("c", 1, tooFar - 1)))
                        .get(0)
                        .hasSet())
                .isTrue();
    }

    @Test
    void anInvalidStampIsRefused() {
        assertThat(reason(set("k", "x", stamp("", 1, 1)))).isEqualTo("INVALID_SESSION");
        assertThat(reason(set("k", "x", stamp("x".repeat(65), 1, 1)))).isEqualTo("INVALID_SESSION");
        assertThat(reason(set("k", "x", stamp("c", 0, 0)))).isEqualTo("INVALID_SESSION");
        assertThat(reason(set("k", "x", stamp("c", -1, 0)))).isEqualTo("INVALID_SESSION");
        assertThat(state.sessionRows).isEmpty();
        assertThat(state.revision).isZero();
    }

    /**
     * Clients that send, repeat and acknowledge at random, over a table that forgets all the time: nothing is applied
     * twice, and a replica whose table is made anew from its rows at every step agrees in every outcome and row.
     */
    @Property(tries = 300)
    void nothingIsAppliedTwiceAndARestartChangesNothing(@ForAll("stamps") List<SessionStamp> stamps) {
        var steady = new MemoryState(FEW);
        var restarted = new MemoryState(FEW);
        Set<String> applied = new HashSet<>();
        long now = 1000;
        for (SessionStamp stamp : stamps) {
            now += stamp.getSequence() % 2;
            var operation = Operations.set(bytes("k"), bytes("v"), stamp);
            long before = steady.revision;
            var outcome = steady.apply(now, operation);
            restarted.reload();
            assertThat(restarted.apply(now, operation)).isEqualTo(outcome);
            assertThat(restarted.sessionRows).isEqualTo(steady.sessionRows);
            assertThat(restarted.sessions.floorMillis()).isEqualTo(steady.sessions.floorMillis());
            if (steady.revision > before) {
                assertThat(applied.add(stamp.getClientId().toStringUtf8() + stamp.getSequence()))
                        .as("%s applied once", stamp)
                        .isTrue();
            }
            assertThat(steady.sessionRows.size()).isLessThanOrEqualTo(FEW.sessions());
            assertThat(steady.sessionRows.values().stream()
                            .mapToInt(row -> row.getOutcomesCount())
                            .sum())
                    .isLessThanOrEqualTo(FEW.outcomes());
        }
    }

    @Provide
    Arbitrary<List<SessionStamp>> stamps() {
        return Combinators.combine(
                        Arbitraries.integers().between(0, 6),
                        Arbitraries.integers().between(1, 12),
                        Arbitraries.integers().between(0, 6))
                .as((client, sequence, window) ->
                        // A client's begin is its own, and does not change.
                        SessionStamp.newBuilder()
                                .setClientId(bytes("client" + client))
                                .setSequence(sequence)
                                .setAcknowledgedBelow(Math.max(0, sequence - window))
                                .setStartedMillis(client * 10L)
                                .build())
                .list()
                .ofMaxSize(120);
    }

    private long version(byte[] operation) {
        var outcome = apply(operation);
        assertThat(outcome.hasSet()).as("%s", outcome).isTrue();
        return outcome.getSet().getVersion();
    }

    private String reason(byte[] operation) {
        return apply(operation).getRefused().getReason();
    }

    private String reasonAt(long timestampMillis, byte[] operation) {
        return state.apply(timestampMillis, operation).get(0).getRefused().getReason();
    }

    private static String reason(MemoryState state, byte[] operation) {
        return state.apply(state.timestampMillis, operation).get(0).getRefused().getReason();
    }

    private static byte[] getAndSet(String value, SessionStamp stamp) {
        return setBack(bytes(value), stamp);
    }

    /** A set whose outcome holds what was there before. */
    private static byte[] setBack(ByteString value, SessionStamp stamp) {
        return Operations.set(bytes("k"), value, 0, null, true, stamp);
    }

    private Outcome apply(byte[] operation) {
        return state.apply(state.timestampMillis + 1, operation).get(0);
    }

    private static byte[] set(String key, String value, SessionStamp stamp) {
        return Operations.set(bytes(key), bytes(value), stamp);
    }

    private static SessionStamp stamp(String client, long sequence, long acknowledgedBelow) {
        return SessionStamp.newBuilder()
                .setClientId(bytes(client))
                .setSequence(sequence)
                .setAcknowledgedBelow(acknowledgedBelow)
                .build();
    }

    private static SessionStamp item(String client, long sequence, int item) {
        return stamp(client, sequence, 1).toBuilder().setItem(item).build();
    }

    private static SessionStamp item(String client, long sequence, int item, long acknowledgedBelow) {
        return stamp(client, sequence, acknowledgedBelow).toBuilder()
                .setItem(item)
                .build();
    }

    private static SessionStamp started(String client, long sequence, long startedMillis) {
        return stamp(client, sequence, 1).toBuilder()
                .setStartedMillis(startedMillis)
                .build();
    }

    private static ByteString bytes(String text) {
        return ByteString.copyFromUtf8(text);
    }
}
