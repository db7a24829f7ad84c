package io.aitta.orchestrator;

import io.aitta.orchestrator.OrchestratorMessage.Change;
import java.util.ArrayDeque;
import java.util.Iterator;

/** Requests for a change that wait for their turn. Bounded: what does not fit is refused at once. Not thread-safe. */
final class ChangeQueue {
    /** @param answerBy on the monotonic clock: a little before the asker gives up */
    record Waiting(Change change, long answerBy) {
        boolean isLate(long nowNanos) {
            return nowNanos - answerBy >= 0;
        }

        void answer(OrchestratorReply reply) {
            change.asking().replyTo().tell(reply);
        }

        String requestId() {
            return change.asking().requestId();
        }
    }

    private static final long MAX_MARGIN_MILLIS = 500;

    private final int capacity;
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();

    ChangeQueue(int capacity) {
        this.capacity = capacity;
    }

    /** One that waits already goes on waiting. */
    void offer(Change change, long nowNanos) {
        var asking = change.asking();
        if (waiting.stream().anyMatch(one -> one.requestId().equals(asking.requestId()))) {
            return;
        }
        if (waiting.size() >= capacity) {
            answerUndone(
                    change,
                    new OrchestratorReply.Refused(
                            "OVERLOADED", capacity + " changes of the topology wait already; try again later"));
            return;
        }
        long margin = Math.min(MAX_MARGIN_MILLIS, asking.millisLeft() / 5);
        waiting.add(new Waiting(change, nowNanos + (asking.millisLeft() - margin) * 1_000_000));
    }

    /** What this orchestrator has not begun an earlier one may have; then only that one could refuse it. */
    private static void answerUndone(Change change, OrchestratorReply.Refused refused) {
        change.asking()
                .replyTo()
                .tell(
                        change.asking().again()
                                ? new OrchestratorReply.Unknown(
                                        "it was sent to an earlier orchestrator, and now: " + refused.message())
                                : refused);
    }

    /** Null if there is none. */
    Waiting poll() {
        return waiting.poll();
    }

    /** Answers those whose time has come. They were not begun, so nothing happened. */
    void refuseLate(long nowNanos, String why) {
        for (Iterator<Waiting> each = waiting.iterator(); each.hasNext(); ) {
            Waiting one = each.next();
            if (one.isLate(nowNanos)) {
                answerUndone(
                        one.change(),
                        new OrchestratorReply.Refused("DEADLINE_EXCEEDED", "nothing was changed: " + why));
                each.remove();
            }
        }
    }
}
