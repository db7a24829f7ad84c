package io.aitta.history;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Looks for an order of one key's calls (Wing and Gong, 1993, with Lowe's memory of what was tried, 2017). An open call
 * may be left out, and is tried only after all that must be in.
 *
 * <p>Two kinds of choices need not be tried. A call that may come next, whose answer is right and that changes nothing
 * wherever it stands, might as well come next: it can be moved to the front of any order of the rest. And an open call
 * whose value is overwritten before anybody saw it might as well be left out.
 */
final class Search {
    enum Verdict {
        POSSIBLE,
        IMPOSSIBLE,
        GAVE_UP
    }

    /**
     * A point of the search.
     *
     * @param done what is in the order so far
     * @param state the value that it leaves
     * @param unseen whether the last of them is an open call
     */
    private record Point(BitSet done, Optional<String> state, boolean unseen) {}

    /** A choice that can be taken back. */
    private static final class Frame {
        final Optional<String> state;
        final List<Integer> candidates;
        int next;
        int chosen = -1;

        Frame(Optional<String> state, List<Integer> candidates) {
            this.state = state;
            this.candidates = candidates;
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
                .filter(call -> call.isOpen() && !(call.operation() instanceof Operation.Get))
                .forEach(calls::add);
    }

    static Verdict run(List<Call> calls, long maxSteps) {
        return new Search(calls).run(maxSteps);
    }

    private Verdict run(long maxSteps) {
        var stack = new ArrayList<Frame>();
        stack.add(new Frame(Optional.empty(), candidates(Optional.empty(), false)));
        for (long steps = 0; endedDone < ended; steps++) {
            if (steps >= maxSteps) {
                return Verdict.GAVE_UP;
            }
            var frame = stack.get(stack.size() - 1);
            if (frame.chosen >= 0) {
                mark(frame.chosen, false);
                frame.chosen = -1;
            }
            if (frame.next == frame.candidates.size()) {
                stack.remove(stack.size() - 1);
                if (stack.isEmpty()) {
                    return Verdict.IMPOSSIBLE;
                }
                continue;
            }
            int index = frame.candidates.get(frame.next++);
            var after = after(index, frame.state);
            if (after.isPresent()) {
                mark(index, true);
                frame.chosen = index;
                if (tried.add(new Point((BitSet) done.clone(), after.get(), index >= ended))) {
                    stack.add(new Frame(after.get(), candidates(after.get(), index >= ended)));
                }
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

    /** The value after a call; nothing if the call's answer contradicts it, or an open call would change nothing. */
    private Optional<Optional<String>> after(int index, Optional<String> state) {
        var call = calls.get(index);
        var transition = call.operation().on(state);
        boolean fits = call.isOpen()
                ? !transition.state().equals(state)
                : call.answer().agreesWith(transition.answer());
        return fits ? Optional.of(transition.state()) : Optional.empty();
    }

    /** What may come next: whatever began before the first of the rest ended. */
    private List<Integer> candidates(Optional<String> state, boolean unseen) {
        var result = new ArrayList<Integer>();
        long limit = Long.MAX_VALUE;
        for (int i = done.nextClearBit(0);
                i < ended && calls.get(i).invokedNanos() <= limit;
                i = done.nextClearBit(i + 1)) {
            limit = Math.min(limit, calls.get(i).returnedNanos());
            if (isIdle(calls.get(i)) && after(i, state).isPresent()) {
                return List.of(i);
            }
            if (!unseen || !isBlind(calls.get(i))) {
                result.add(i);
            }
        }
        for (int i = done.nextClearBit(ended);
                i < calls.size() && calls.get(i).invokedNanos() <= limit;
                i = done.nextClearBit(i + 1)) {
            if (!unseen || !isBlind(calls.get(i))) {
                result.add(i);
            }
        }
        return result;
    }

    /** Whether it comes to the same whatever was there before. */
    private static boolean isBlind(Call call) {
        return call.operation() instanceof Operation.Set;
    }

    /** Whether it changes nothing wherever its answer is right. */
    private static boolean isIdle(Call call) {
        return call.operation() instanceof Operation.Get || call.answer().equals(Answer.did(false));
    }
}
