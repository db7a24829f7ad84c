package io.aitta.history;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Looks for an order of one group's calls (Wing and Gong, 1993, with Lowe's memory of what was tried, 2017). An open call
 * may be left out, and is tried only after all that must be in.
 *
 * <p>Some choices need not be tried. A call that may come next, whose answer is right and that changes nothing wherever it
 * stands, might as well come next: it can be moved to the front of any order of the rest. An open call might as well come
 * right before a call that uses a key of it, but for other open calls, for it can be moved behind all others; and if that
 * call overwrites what the open one changed without looking, the open call might as well be left out. So what is seen of
 * several open calls by one transaction is looked at, too.
 */
final class Search {
    enum Verdict {
        POSSIBLE,
        IMPOSSIBLE,
        GAVE_UP
    }

    /** An open call after which nothing has come that uses a key of it, and what it changed. */
    private record Unseen(Operation operation, Set<String> changed) {
        boolean isUsedBy(Operation next) {
            return !Collections.disjoint(next.keys(), operation.keys());
        }

        boolean isOverwrittenBy(Operation next) {
            return isUsedBy(next) && next.overwrites().containsAll(changed);
        }
    }

    /**
     * A point of the search.
     *
     * @param first the first of those that ended that is not in the order
     * @param ahead what is in the order of those after it
     * @param open what is in the order of the open ones
     * @param state what they leave
     * @param unseen of the open calls at its end, those that nothing has used
     */
    private record Point(int first, BitSet ahead, BitSet open, State state, Set<Unseen> unseen) {}

    /** One call that may come next, and what it leaves. */
    private record Choice(int index, State after, Set<Unseen> unseen) {}

    /** A place in the order, and what may come there. */
    private final class Frame {
        final State state;
        final Set<Unseen> unseen;
        private final List<Choice> choices = new ArrayList<>();
        private int next;
        private int taken = -1;
        /** Until when an open call must have begun to be a choice. */
        private long limit = Long.MAX_VALUE;
        /** Whether the open calls are among the choices. */
        private boolean complete;

        Frame(State state, Set<Unseen> unseen) {
            this.state = state;
            this.unseen = unseen;
            addEnded();
        }

        /** Whatever began before the first of the rest ended. */
        private void addEnded() {
            for (int i = done.nextClearBit(0);
                    i < ended && calls.get(i).invokedNanos() <= limit;
                    i = done.nextClearBit(i + 1)) {
                limit = Math.min(limit, calls.get(i).returnedNanos());
                if (isIdle(calls.get(i)) && !outcomes(calls.get(i), state).isEmpty()) {
                    choices.clear();
                    choices.add(new Choice(i, state, Set.of()));
                    complete = true;
                    return;
                }
                add(i);
            }
        }

        private void addOpen() {
            for (int i = done.nextClearBit(ended);
                    i < calls.size() && calls.get(i).invokedNanos() <= limit;
                    i = done.nextClearBit(i + 1)) {
                add(i);
            }
            complete = true;
        }

        private void add(int index) {
            var call = calls.get(index);
            var next = call.operation();
            boolean isInVain =
                    unseen.stream().anyMatch(one -> one.isOverwrittenBy(next) || !call.isOpen() && !one.isUsedBy(next));
            if (!isInVain) {
                outcomes(call, state)
                        .forEach(after -> choices.add(new Choice(
                                index, after, call.isOpen() ? unseenAfter(call, state, after, unseen) : Set.of())));
            }
        }

        /** Takes the next choice instead of the one before; null if there is none left. */
        Choice takeNext() {
            if (taken >= 0) {
                mark(taken, false);
                taken = -1;
            }
            if (next == choices.size() && !complete) {
                addOpen();
            }
            if (next == choices.size()) {
                return null;
            }
            var choice = choices.get(next++);
            taken = choice.index();
            mark(taken, true);
            return choice;
        }
    }

    /** Those that ended, by invocation; then the open ones, by invocation. */
    private final List<Call> calls = new ArrayList<>();

    private final int ended;
    private final BitSet done = new BitSet();
    private final Set<Point> tried = new HashSet<>();
    private int endedDone;

    private Search(List<Call> all) {
        var byInvocation = new ArrayList<>(all);
        byInvocation.sort(Comparator.comparingLong(Call::invokedNanos));
        byInvocation.stream().filter(call -> !call.isOpen()).forEach(calls::add);
        ended = calls.size();
        byInvocation.stream()
                .filter(call -> call.isOpen() && !call.operation().isRead())
                .forEach(calls::add);
    }

    static Verdict run(List<Call> calls, long maxSteps) {
        return new Search(calls).run(maxSteps);
    }

    private Verdict run(long maxSteps) {
        var stack = new ArrayList<Frame>();
        stack.add(new Frame(State.EMPTY, Set.of()));
        for (long steps = 0; endedDone < ended; steps++) {
            if (steps >= maxSteps) {
                return Verdict.GAVE_UP;
            }
            var choice = stack.get(stack.size() - 1).takeNext();
            if (choice == null) {
                stack.remove(stack.size() - 1);
                if (stack.isEmpty()) {
                    return Verdict.IMPOSSIBLE;
                }
            } else if (tried.add(point(choice))) {
                stack.add(new Frame(choice.after(), choice.unseen()));
            }
        }
        return Verdict.POSSIBLE;
    }

    private void mark(int index, boolean in) {
        done.set(index, in);
        if (index < ended) {
            endedDone += in ? 1 : -1;
        }
    }

    private Point point(Choice choice) {
        int first = done.nextClearBit(0);
        var ahead = first < ended ? done.get(first, ended) : new BitSet();
        return new Point(first, ahead, done.get(ended, calls.size()), choice.after(), choice.unseen());
    }

    private static Set<Unseen> unseenAfter(Call open, State before, State after, Set<Unseen> unseenBefore) {
        var changed = open.operation().keys().stream()
                .filter(key -> !before.get(key).equals(after.get(key)))
                .collect(Collectors.toSet());
        var unseen = unseenBefore.stream()
                .filter(one -> !one.isUsedBy(open.operation()))
                .collect(Collectors.toSet());
        unseen.add(new Unseen(open.operation(), changed));
        return unseen;
    }

    /** What a call may leave; nothing if its answer contradicts the state, or an open call would change nothing. */
    private static Set<State> outcomes(Call call, State state) {
        var result = new HashSet<State>();
        for (var missed : subsets(expiring(call, state))) {
            var when = new Operation.When(call.invokedNanos(), call.returnedNanos(), missed);
            var transition = call.operation().on(state, when);
            boolean fits = call.isOpen()
                    ? !transition.state().equals(state)
                    : call.answer().agreesWith(transition.answer());
            if (fits) {
                result.add(transition.state());
            }
        }
        return result;
    }

    /** The keys of which it cannot be told whether the call finds them. */
    private static List<String> expiring(Call call, State state) {
        return call.operation().keys().stream()
                .filter(key -> state.get(key)
                        .filter(held -> held.mayBeGoneBy(call.returnedNanos()) && !held.isGoneBy(call.invokedNanos()))
                        .isPresent())
                .toList();
    }

    private static List<Set<String>> subsets(List<String> keys) {
        var result = new ArrayList<Set<String>>();
        result.add(Set.of());
        for (var key : keys) {
            for (var smaller : List.copyOf(result)) {
                var larger = new HashSet<>(smaller);
                larger.add(key);
                result.add(larger);
            }
        }
        return result;
    }

    /** Whether it changes nothing that is there wherever its answer is right. */
    private static boolean isIdle(Call call) {
        if (call.operation() instanceof Operation.Transaction transaction
                && call.answer() instanceof Answer.Steps steps) {
            var doneThen = steps.held() ? transaction.then() : transaction.otherwise();
            return doneThen.stream().allMatch(Operation::isRead);
        }
        return call.operation().isRead() || call.answer().equals(Answer.did(false));
    }
}
