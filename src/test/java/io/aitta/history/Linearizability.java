package io.aitta.history;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Whether a history could have come from a store that did one operation at a time, each between its call and its
 * return. Groups of keys are independent of each other, so each is judged alone (Herlihy and Wing, 1990, theorem 1: locality).
 */
public final class Linearizability {
    /** Of the search, for one group; a million is a second or so. */
    public static final long DEFAULT_MAX_STEPS = 2_000_000;

    private Linearizability() {}

    /** The verdict. */
    public sealed interface Result {
        record Linearizable() implements Result {}

        /**
         * There is no order that explains the answers.
         *
         * @param impossible without this answer, and those that came after it, there would be an order
         * @param window the calls that matter most: those that ran when it did, and the last to end before
         */
        record NotLinearizable(String group, Call impossible, List<Call> window) implements Result {
            @Override
            public String toString() {
                return "keys of '" + group + "': no order explains the answer of\n  " + impossible + "\namong\n  "
                        + window.stream().map(Call::toString).collect(Collectors.joining("\n  "));
            }
        }

        /** The search was given up. */
        record Undecided(String group, long steps) implements Result {}

        default boolean isLinearizable() {
            return this instanceof Linearizable;
        }
    }

    public static Result check(History history) {
        return check(history.calls(), DEFAULT_MAX_STEPS);
    }

    /** @param maxSteps limit of the search for one group */
    public static Result check(List<Call> calls, long maxSteps) {
        Map<String, List<Call>> byGroup = new TreeMap<>();
        for (var call : calls) {
            byGroup.computeIfAbsent(call.operation().group(), group -> new ArrayList<>())
                    .add(call);
        }
        Result undecided = null;
        for (var entry : byGroup.entrySet()) {
            var verdict = Search.run(entry.getValue(), maxSteps);
            if (verdict == Search.Verdict.IMPOSSIBLE) {
                return explain(entry.getKey(), entry.getValue(), maxSteps);
            } else if (verdict == Search.Verdict.GAVE_UP) {
                undecided = new Result.Undecided(entry.getKey(), maxSteps);
            }
        }
        return undecided != null ? undecided : new Result.Linearizable();
    }

    /** A prefix of a linearizable history is linearizable, so the first answer too many is found by halving. */
    private static Result explain(String group, List<Call> calls, long maxSteps) {
        var returns = calls.stream()
                .filter(call -> !call.isOpen())
                .sorted(Comparator.comparingLong(Call::returnedNanos))
                .toList();
        int good = 0;
        int bad = returns.size();
        while (bad - good > 1) {
            int middle = (good + bad) / 2;
            var prefix = until(calls, returns.get(middle - 1).returnedNanos());
            if (Search.run(prefix, maxSteps) == Search.Verdict.IMPOSSIBLE) {
                bad = middle;
            } else {
                good = middle;
            }
        }
        var impossible = returns.get(bad - 1);
        return new Result.NotLinearizable(
                group, impossible, window(until(calls, impossible.returnedNanos()), impossible));
    }

    /** The history as it was known at a time. */
    private static List<Call> until(List<Call> calls, long nanos) {
        return calls.stream()
                .filter(call -> call.invokedNanos() <= nanos)
                .map(call -> call.returnedNanos() <= nanos
                        ? call
                        : new Call(call.id(), call.process(), call.operation(), call.invokedNanos(), Call.OPEN, null))
                .toList();
    }

    private static List<Call> window(List<Call> calls, Call impossible) {
        long from = impossible.invokedNanos();
        var before = calls.stream()
                .filter(call -> call.returnedNanos() < from)
                .sorted(Comparator.comparingLong(Call::returnedNanos).reversed())
                .limit(4)
                .toList();
        return calls.stream()
                .filter(call -> before.contains(call) || call.returnedNanos() >= from && !isIdleRead(call))
                .toList();
    }

    private static boolean isIdleRead(Call call) {
        return call.isOpen() && call.operation().isRead();
    }
}
