package io.aitta.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.history.Linearizability.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The checker tells histories that a correct store can have produced from those that it cannot. */
class LinearizabilityTest {
    private static final long TTL = 10 * State.CLOCKS_NANOS;

    private static final class Calls {
        private final List<Call> calls = new ArrayList<>();

        Calls call(Operation operation, long from, long to, Answer answer) {
            calls.add(new Call(calls.size(), "c" + calls.size(), operation, from, to, answer));
            return this;
        }

        Calls set(String value, long from, long to) {
            return call(Operation.set("k", value), from, to, Answer.NOTHING);
        }

        Calls sees(String value, long from, long to) {
            return call(new Operation.Get("k"), from, to, Answer.value(value));
        }

        Calls seesNothing(long from, long to) {
            return call(new Operation.Get("k"), from, to, Answer.absent());
        }

        Calls cas(String expected, String value, boolean did, long from, long to) {
            var operation = new Operation.Cas("k", Optional.ofNullable(expected), value);
            return call(operation, from, to, Answer.did(did));
        }

        Calls append(String suffix, String result, long from, long to) {
            return call(new Operation.Append("k", suffix), from, to, Answer.value(result));
        }

        Calls delete(boolean existed, long from, long to) {
            return call(new Operation.Delete("k"), from, to, Answer.did(existed));
        }

        Calls setFor(long timeToLive, String value, long from, long to) {
            return call(new Operation.Put("k", value, timeToLive), from, to, Answer.NOTHING);
        }

        Calls increment(String result, long from, long to) {
            return call(new Operation.Increment("k", 1), from, to, Answer.value(result));
        }

        /** Of two keys together: {@code value} for both if the first is {@code expected}, else it tells both. */
        Calls both(String expected, String value, boolean did, long from, long to, Answer... told) {
            return call(bothOr(expected, value), from, to, new Answer.Steps(did, List.of(told)));
        }

        Calls seesBoth(String one, String other, long from, long to) {
            var reads = List.<Operation>of(new Operation.Get("{k}1"), new Operation.Get("{k}2"));
            var told = List.of(Answer.value(one), Answer.value(other));
            return call(new Operation.Transaction(List.of(), reads, List.of()), from, to, new Answer.Steps(true, told));
        }

        Calls unknown(Operation operation, long from) {
            return call(operation, from, Call.OPEN, null);
        }

        Calls unknownSet(String value, long from) {
            return unknown(Operation.set("k", value), from);
        }

        Result check() {
            return Linearizability.check(calls, Linearizability.DEFAULT_MAX_STEPS);
        }
    }

    private static Operation bothOr(String expected, String value) {
        return new Operation.Transaction(
                List.of(new Operation.Compare("{k}1", Optional.ofNullable(expected))),
                List.of(Operation.set("{k}1", value), Operation.set("{k}2", value)),
                List.of(new Operation.Get("{k}1"), new Operation.Get("{k}2")));
    }

    private static Calls history() {
        return new Calls();
    }

    private static DynamicTest good(String name, Calls calls) {
        return DynamicTest.dynamicTest(name, () -> assertThat(calls.check()).isEqualTo(new Result.Linearizable()));
    }

    private static DynamicTest bad(String name, Calls calls) {
        return DynamicTest.dynamicTest(
                name, () -> assertThat(calls.check()).isInstanceOf(Result.NotLinearizable.class));
    }

    @TestFactory
    Stream<DynamicTest> accepts() {
        return Stream.of(
                good("nothing at all", history()),
                good("a read of what was written", history().set("a", 0, 1).sees("a", 2, 3)),
                good(
                        "a read before anything was written",
                        history().seesNothing(0, 1).set("a", 2, 3)),
                good(
                        "a read that runs beside a write and sees it",
                        history().set("a", 0, 9).sees("a", 1, 2)),
                good(
                        "a read that runs beside a write and does not",
                        history().set("a", 0, 9).seesNothing(1, 2)),
                good(
                        "reads on both sides of a write that takes long",
                        history().set("a", 0, 9).seesNothing(1, 2).sees("a", 3, 4)),
                good(
                        "writes at once, in either order",
                        history().set("a", 0, 5).set("b", 0, 5).sees("a", 6, 7)),
                good(
                        "an unknown write that never happened",
                        history().unknownSet("a", 0).seesNothing(5, 6)),
                good(
                        "an unknown write that happened at once",
                        history().unknownSet("a", 0).sees("a", 1, 2)),
                good(
                        "an unknown write that shows up late",
                        history()
                                .unknownSet("a", 0)
                                .set("b", 1, 2)
                                .sees("b", 3, 4)
                                .sees("a", 5, 6)),
                good(
                        "an unknown write, another over it, and the first seen in between",
                        history()
                                .unknownSet("a", 0)
                                .unknownSet("b", 1)
                                .sees("a", 2, 3)
                                .sees("b", 4, 5)),
                good(
                        "an exchange that found what it expected",
                        history().set("a", 0, 1).cas("a", "b", true, 2, 3).sees("b", 4, 5)),
                good(
                        "an exchange of nothing for something",
                        history().cas(null, "a", true, 0, 1).sees("a", 2, 3)),
                good(
                        "of two exchanges at once the one or the other",
                        history().set("a", 0, 1).cas("a", "b", true, 2, 9).cas("a", "c", false, 2, 9)),
                good(
                        "an exchange explained by an unknown write",
                        history().unknownSet("a", 0).cas("a", "b", true, 3, 4)),
                good(
                        "appends in the order that their answers tell",
                        history().append("y", "xy", 0, 9).append("x", "x", 0, 9)),
                good(
                        "an unknown append",
                        history()
                                .append("x", "x", 0, 1)
                                .unknown(new Operation.Append("k", "y"), 2)
                                .append("z", "xyz", 3, 4)),
                good(
                        "a deletion and what it found",
                        history()
                                .set("a", 0, 1)
                                .delete(true, 2, 3)
                                .delete(false, 4, 5)
                                .seesNothing(6, 7)),
                good(
                        "keys that have nothing to do with each other",
                        history().set("a", 0, 1).call(new Operation.Get("other"), 2, 3, Answer.absent())),
                good(
                        "an answer that nobody looked at",
                        history()
                                .set("a", 0, 1)
                                .call(new Operation.Delete("k"), 2, 3, Answer.NOTHING)
                                .seesNothing(4, 5)));
    }

    @TestFactory
    Stream<DynamicTest> rejects() {
        return Stream.of(
                bad("a stale read", history().set("a", 0, 1).set("b", 2, 3).sees("a", 4, 5)),
                bad(
                        "a read that misses the only write",
                        history().set("a", 0, 1).seesNothing(2, 3)),
                bad("a read of a value never written", history().set("a", 0, 1).sees("z", 2, 3)),
                bad("a read of what is written later", history().sees("a", 0, 1).set("a", 2, 3)),
                bad("a lost update", history().cas(null, "a", true, 0, 1).cas(null, "b", true, 2, 3)),
                bad(
                        "two exchanges of the same value",
                        history().set("a", 0, 1).cas("a", "b", true, 2, 9).cas("a", "c", true, 2, 9)),
                bad(
                        "an exchange refused without reason",
                        history().set("a", 0, 1).cas("a", "b", false, 2, 3)),
                bad(
                        "reads that go back",
                        history().set("a", 0, 9).sees("a", 1, 2).seesNothing(3, 4)),
                bad(
                        "two readers who disagree on the order",
                        history()
                                .set("a", 0, 1)
                                .set("b", 2, 20)
                                .set("c", 2, 20)
                                .sees("b", 3, 4)
                                .sees("c", 5, 6)
                                .sees("b", 7, 8)),
                bad(
                        "an unknown write that shows up before it was asked for",
                        history().sees("a", 0, 1).unknownSet("a", 2)),
                bad(
                        "an unknown write that shows up, goes and comes back",
                        history()
                                .unknownSet("a", 0)
                                .sees("a", 1, 2)
                                .set("b", 3, 4)
                                .sees("b", 5, 6)
                                .sees("a", 7, 8)),
                bad("an append that is lost", history().append("x", "x", 0, 1).append("y", "y", 2, 3)),
                bad(
                        "an append that is applied twice",
                        history().append("x", "x", 0, 1).append("y", "xyy", 2, 3)),
                bad(
                        "a value that comes back after its deletion",
                        history().set("a", 0, 1).delete(true, 2, 3).sees("a", 4, 5)),
                bad(
                        "a deletion that found nothing where something was",
                        history().set("a", 0, 1).delete(false, 2, 3)),
                bad(
                        "an unknown write used twice",
                        history()
                                .unknown(new Operation.Append("k", "x"), 0)
                                .sees("x", 1, 2)
                                .sees("xx", 3, 4)));
    }

    @TestFactory
    Stream<DynamicTest> acceptsWhatTransactionsDo() {
        return Stream.of(
                good(
                        "both or none",
                        history()
                                .both(null, "a", true, 0, 1, Answer.NOTHING, Answer.NOTHING)
                                .both(null, "b", false, 2, 3, Answer.value("a"), Answer.value("a"))
                                .seesBoth("a", "a", 4, 5)),
                good(
                        "two unknown writes of different keys, both seen",
                        history()
                                .unknown(Operation.set("{k}1", "a"), 0)
                                .unknown(Operation.set("{k}2", "b"), 1)
                                .seesBoth("a", "b", 4, 5)),
                good(
                        "a write of one key in between",
                        history()
                                .both(null, "a", true, 0, 1, Answer.NOTHING, Answer.NOTHING)
                                .call(Operation.set("{k}2", "b"), 2, 3, Answer.NOTHING)
                                .seesBoth("a", "b", 4, 5)),
                good(
                        "an unknown one that happened",
                        history().unknown(bothOr(null, "a"), 0).seesBoth("a", "a", 4, 5)),
                good(
                        "an unknown one that did not",
                        history()
                                .unknown(bothOr(null, "a"), 0)
                                .both(null, "b", true, 2, 3, Answer.NOTHING, Answer.NOTHING)
                                .seesBoth("b", "b", 4, 5)));
    }

    @TestFactory
    Stream<DynamicTest> rejectsWhatTransactionsDoNot() {
        return Stream.of(
                bad(
                        "half of one",
                        history()
                                .call(Operation.set("{k}1", "x"), 0, 1, Answer.NOTHING)
                                .call(Operation.set("{k}2", "x"), 0, 1, Answer.NOTHING)
                                .both("x", "a", true, 2, 9, Answer.NOTHING, Answer.NOTHING)
                                .seesBoth("a", "x", 3, 4)),
                bad(
                        "a compare that did not hold",
                        history()
                                .both(null, "a", true, 0, 1, Answer.NOTHING, Answer.NOTHING)
                                .both(null, "b", true, 2, 3, Answer.NOTHING, Answer.NOTHING)),
                bad(
                        "keys each right, but not at one time",
                        history()
                                .both(null, "a", true, 0, 1, Answer.NOTHING, Answer.NOTHING)
                                .both("a", "b", true, 2, 3, Answer.NOTHING, Answer.NOTHING)
                                .seesBoth("b", "a", 4, 5)));
    }

    @TestFactory
    Stream<DynamicTest> acceptsWhatTimeDoes() {
        return Stream.of(
                good("there before its time", history().setFor(TTL, "a", 0, 9).sees("a", 10, TTL)),
                good("gone after its time", history().setFor(TTL, "a", 0, 9).seesNothing(TTL + 10, TTL + 11)),
                good(
                        "so or so when nobody can tell",
                        history()
                                .setFor(TTL, "a", 0, 9)
                                .seesNothing(TTL, TTL + 5)
                                .cas("a", "b", true, TTL + 1, TTL + 2)),
                good(
                        "there for ever after a write without a time",
                        history().setFor(TTL, "a", 0, 1).set("b", 2, 3).sees("b", 5 * TTL, 5 * TTL + 1)),
                good(
                        "an append keeps the time",
                        history()
                                .setFor(TTL, "a", 0, 1)
                                .append("b", "ab", 2, 3)
                                .sees("ab", 4, 5)
                                .append("c", "c", 2 * TTL, 2 * TTL + 1)),
                good(
                        "a time that was taken away",
                        history()
                                .setFor(TTL, "a", 0, 1)
                                .call(new Operation.Expire("k", 0), 2, 3, Answer.did(true))
                                .sees("a", 5 * TTL, 5 * TTL + 1)),
                good(
                        "an unknown write, and nobody knows when it is over",
                        history()
                                .unknown(new Operation.Put("k", "a", TTL), 0)
                                .sees("a", 5 * TTL, 5 * TTL + 1)
                                .seesNothing(6 * TTL, 6 * TTL + 1)));
    }

    @TestFactory
    Stream<DynamicTest> rejectsWhatTimeDoesNot() {
        return Stream.of(
                bad("gone before its time", history().setFor(TTL, "a", 0, 9).seesNothing(10, 11)),
                bad("there after its time", history().setFor(TTL, "a", 0, 9).sees("a", 2 * TTL, 2 * TTL + 1)),
                bad(
                        "exchanged after its time",
                        history().setFor(TTL, "a", 0, 9).cas("a", "b", true, 2 * TTL, 2 * TTL + 1)),
                bad(
                        "appended to after its time",
                        history().setFor(TTL, "a", 0, 9).append("b", "ab", 2 * TTL, 2 * TTL + 1)),
                bad(
                        "back to the time of an earlier write",
                        history().setFor(TTL, "a", 0, 1).set("b", 2, 3).seesNothing(2 * TTL, 2 * TTL + 1)),
                bad(
                        "a time taken away in vain",
                        history()
                                .setFor(TTL, "a", 0, 1)
                                .call(new Operation.Expire("k", 0), 2, 3, Answer.did(true))
                                .seesNothing(5 * TTL, 5 * TTL + 1)));
    }

    @TestFactory
    Stream<DynamicTest> counts() {
        return Stream.of(
                good("from nothing", history().increment("1", 0, 1).increment("2", 2, 3)),
                good(
                        "an unknown increment",
                        history()
                                .unknown(new Operation.Increment("k", 1), 0)
                                .increment("2", 2, 3)
                                .sees("2", 4, 5)),
                bad("an increment that is lost", history().increment("1", 0, 1).increment("1", 2, 3)),
                bad("an increment that counts twice", history().increment("2", 0, 1)),
                bad(
                        "an unknown increment that counts twice",
                        history().unknown(new Operation.Increment("k", 1), 0).increment("3", 2, 3)));
    }

    @Test
    void tellsTheKeyAndTheAnswerThatIsTooMuch() {
        var verdict = history()
                .call(Operation.set("fine", "v"), 0, 1, Answer.NOTHING)
                .set("a", 0, 1)
                .set("b", 2, 3)
                .sees("a", 4, 5)
                .set("c", 6, 7)
                .sees("c", 8, 9)
                .check();
        assertThat(verdict).isInstanceOfSatisfying(Result.NotLinearizable.class, found -> {
            assertThat(found.group()).isEqualTo("k");
            assertThat(found.impossible().operation()).isEqualTo(new Operation.Get("k"));
            assertThat(found.impossible().invokedNanos()).isEqualTo(4);
            assertThat(found.window()).extracting(Call::id).contains(1, 2, 3).doesNotContain(4, 5);
            assertThat(found.toString()).contains("keys of 'k'", "Get[key=k]");
        });
    }

    @Test
    void givesUpAfterSoManySteps() {
        var calls = history();
        for (int i = 0; i < 40; i++) {
            calls.call(new Operation.Append("k", "" + i), 0, 100, Answer.NOTHING);
        }
        calls.sees("never", 0, 100);
        assertThat(Linearizability.check(calls.calls, 1000)).isEqualTo(new Result.Undecided("k", 1000));
    }

    @Test
    void judgesAHistoryOfThousandsOfCalls() {
        var calls = history();
        for (int i = 0; i < 1500; i++) {
            calls.set("v" + i, 10 * i, 10 * i + 12)
                    .sees("v" + i, 10 * i + 5, 10 * i + 9)
                    .unknownSet("w" + i, 10 * i);
        }
        assertThat(calls.check().isLinearizable()).isTrue();
    }

    @Test
    void recordsFromManyThreads() throws Exception {
        var history = new History();
        var state = new State[] {State.EMPTY};
        int threads = 4;
        var ready = new CountDownLatch(threads);
        var pool = Executors.newFixedThreadPool(threads);
        for (int t = 0; t < threads; t++) {
            int thread = t;
            pool.submit(() -> {
                ready.countDown();
                ready.await();
                for (int i = 0; i < 200; i++) {
                    var operation = new Operation.Append("k", thread + ",");
                    int call = history.invoke("t" + thread, operation);
                    synchronized (state) {
                        var transition = operation.on(state[0], Operation.When.ANY);
                        state[0] = transition.state();
                        history.ok(call, transition.answer());
                    }
                }
                return null;
            });
        }
        pool.shutdown();
        assertThat(pool.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        assertThat(history.calls()).hasSize(800);
        assertThat(Linearizability.check(history).isLinearizable()).isTrue();
    }

    @Test
    void failedCallsDoNotCount() {
        var history = new History();
        history.fail(history.invoke("c", Operation.set("k", "a")));
        history.ok(history.invoke("c", new Operation.Get("k")), Answer.absent());
        assertThat(Linearizability.check(history).isLinearizable()).isTrue();
        assertThat(history.calls()).hasSize(1);
    }
}
