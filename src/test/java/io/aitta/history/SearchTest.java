package io.aitta.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
    @Property(tries = 5000)
    void agreesWithTryingEverything(@ForAll("histories") List<Call> calls) {
        boolean possible = someOrderFits(calls, new ArrayList<>(), Optional.empty());
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
        var values = Arbitraries.of("a", "b");
        var found = values.optional();
        var kinds = Arbitraries.frequencyOf(
                Tuple.of(3, found.map(value -> kind(new Operation.Get("k"), new Answer.Value(value)))),
                Tuple.of(3, values.map(value -> kind(new Operation.Set("k", value), Answer.NOTHING))),
                Tuple.of(
                        2,
                        Combinators.combine(found, values, Arbitraries.of(true, false))
                                .as((expected, value, did) ->
                                        kind(new Operation.Cas("k", expected, value), Answer.did(did)))),
                Tuple.of(1, Arbitraries.of(true, false).map(did -> kind(new Operation.Delete("k"), Answer.did(did)))),
                Tuple.of(1, Arbitraries.just(kind(new Operation.Delete("k"), Answer.NOTHING))),
                Tuple.of(
                        1,
                        Combinators.combine(values, Arbitraries.of("a", "b", "ab", "ba", "bb"))
                                .as((suffix, result) ->
                                        kind(new Operation.Append("k", suffix), Answer.value(result)))));
        var starts = Arbitraries.longs().between(0, 12);
        var lengths = Arbitraries.longs().between(1, 6);
        return Combinators.combine(
                        kinds, starts, lengths, Arbitraries.integers().between(0, 3))
                .as((kind, start, length, open) -> open == 0
                        ? new Call(0, "c", kind.operation(), start, Call.OPEN, null)
                        : new Call(0, "c", kind.operation(), start, start + length, kind.answer()));
    }

    private static Call kind(Operation operation, Answer answer) {
        return new Call(0, "c", operation, 0, 0, answer);
    }

    /** Whether all that ended, and any of the open ones, can be put into one order. */
    private static boolean someOrderFits(List<Call> calls, List<Call> order, Optional<String> state) {
        if (order.containsAll(calls.stream().filter(call -> !call.isOpen()).toList())) {
            return true;
        }
        for (var next : calls) {
            boolean isFree = !order.contains(next)
                    && calls.stream()
                            .allMatch(other -> order.contains(other) || other.returnedNanos() >= next.invokedNanos());
            var transition = next.operation().on(state);
            if (isFree && (next.isOpen() || next.answer().agreesWith(transition.answer()))) {
                order.add(next);
                if (someOrderFits(calls, order, transition.state())) {
                    return true;
                }
                order.remove(next);
            }
        }
        return false;
    }
}
