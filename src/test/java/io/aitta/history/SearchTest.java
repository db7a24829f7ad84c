package io.aitta.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.statistics.Statistics;

/** The search comes to the same verdict as trying every order there is. */
class SearchTest {
    @Property(tries = 10_000)
    void agreesWithTryingEverything(@ForAll("histories") List<Call> calls) {
        boolean possible = someOrderFits(calls, new ArrayList<>(), State.EMPTY);
        Statistics.collect(possible ? "linearizable" : "not linearizable");
        var expected = possible ? Search.Verdict.POSSIBLE : Search.Verdict.IMPOSSIBLE;
        assertThat(Search.run(calls, 1_000_000)).isEqualTo(expected);
    }

    @Provide
    Arbitrary<List<Call>> histories() {
        return call().list().ofMinSize(1).ofMaxSize(6).map(calls -> {
            var numbered = new ArrayList<Call>();
            for (var call : calls) {
                numbered.add(new Call(
                        numbered.size(),
                        "c",
                        call.operation(),
                        call.invokedNanos(),
                        call.returnedNanos(),
                        call.answer()));
            }
            return numbered;
        });
    }

    private static Arbitrary<Call> call() {
        var keys = Arbitraries.of("{k}a", "{k}a", "{k}b");
        var values = Arbitraries.of("1", "2");
        var found = values.optional();
        var did = Arbitraries.of(true, false);
        var results = Arbitraries.of("1", "2", "12", "21", "22", "3");
        var times = Arbitraries.of(0L, State.CLOCKS_NANOS + 2, State.CLOCKS_NANOS + 5);
        var gets = Combinators.combine(keys, found)
                .as((key, value) -> kind(new Operation.Get(key), new Answer.Value(value)));
        var puts = Combinators.combine(keys, values, times)
                .as((key, value, time) -> kind(new Operation.Put(key, value, time), Answer.NOTHING));
        var exchanges = Combinators.combine(keys, found, values, did)
                .as((key, expected, value, yes) -> kind(new Operation.Cas(key, expected, value), Answer.did(yes)));
        var deletes = Combinators.combine(keys, Arbitraries.of(Answer.did(true), Answer.did(false), Answer.NOTHING))
                .as((key, answer) -> kind(new Operation.Delete(key), answer));
        var appends = Combinators.combine(keys, values, results)
                .as((key, suffix, result) -> kind(new Operation.Append(key, suffix), Answer.value(result)));
        var increments = Combinators.combine(keys, results)
                .as((key, result) -> kind(new Operation.Increment(key, 1), Answer.value(result)));
        var expirations = Combinators.combine(keys, times, did)
                .as((key, time, yes) -> kind(new Operation.Expire(key, time), Answer.did(yes)));
        var kinds = Arbitraries.frequencyOf(
                Tuple.of(4, gets),
                Tuple.of(4, puts),
                Tuple.of(2, exchanges),
                Tuple.of(2, deletes),
                Tuple.of(2, appends),
                Tuple.of(1, increments),
                Tuple.of(1, expirations),
                Tuple.of(3, transactions()));
        var starts = Arbitraries.longs().between(0, 12);
        var lengths = Arbitraries.longs().between(1, 6);
        return Combinators.combine(
                        kinds, starts, lengths, Arbitraries.integers().between(0, 3))
                .as((kind, start, length, open) -> open == 0
                        ? new Call(0, "c", kind.operation(), start, Call.OPEN, null)
                        : new Call(0, "c", kind.operation(), start, start + length, kind.answer()));
    }

    /** Exchanges one key and tells the other; or else sets the other. */
    private static Arbitrary<Call> transactions() {
        var values = Arbitraries.of("1", "2");
        return Combinators.combine(values.optional(), values, values.optional(), Arbitraries.of(true, false))
                .as((expected, value, other, held) -> kind(
                        new Operation.Transaction(
                                List.of(new Operation.Compare("{k}a", expected)),
                                List.of(Operation.set("{k}a", value), new Operation.Get("{k}b")),
                                List.of(Operation.set("{k}b", value))),
                        new Answer.Steps(held, List.of(held ? new Answer.Value(other) : Answer.NOTHING))));
    }

    private static Call kind(Operation operation, Answer answer) {
        return new Call(0, "c", operation, 0, 0, answer);
    }

    /** Whether all that ended, and any of the open ones, can be put into one order. */
    private static boolean someOrderFits(List<Call> calls, List<Call> order, State state) {
        if (order.containsAll(calls.stream().filter(call -> !call.isOpen()).toList())) {
            return true;
        }
        for (var next : calls) {
            boolean isFree = !order.contains(next)
                    && calls.stream()
                            .allMatch(other -> order.contains(other) || other.returnedNanos() >= next.invokedNanos());
            if (isFree) {
                order.add(next);
                for (var missed : List.of(Set.<String>of(), Set.of("{k}a"), Set.of("{k}b"), Set.of("{k}a", "{k}b"))) {
                    var when = new Operation.When(next.invokedNanos(), next.returnedNanos(), missed);
                    var transition = next.operation().on(state, when);
                    if ((next.isOpen() || next.answer().agreesWith(transition.answer()))
                            && someOrderFits(calls, order, transition.state())) {
                        return true;
                    }
                }
                order.remove(next);
            }
        }
        return false;
    }
}
