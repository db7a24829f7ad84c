package io.aitta.partition;

import io.aitta.core.NodeId;
import io.aitta.core.replication.Status;
import io.aitta.core.replication.Term;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * SLOWDOWN: holds the batches of a primary back as far as a learner needs it to catch up. It looks at how far the learner
 * is behind, presses a little harder each time when that has not become less, and lets go little by little when there is
 * nothing left; so it finds the pace of the learner, whatever that is. Writers are slowed down and nothing else: a batch
 * is held back for {@link #MOST_GAP} at most, and what waits is gone within about a second.
 *
 * <p>It ends {@link #LASTS} after it was last wanted, with the term, and when the learner is none any more. Used by one
 * actor. All times are those of one monotonic clock.
 */
final class Throttle {
    static final Duration LASTS = Duration.ofSeconds(3);
    static final Duration MOST_GAP = Duration.ofMillis(50);
    /** How often it looks. */
    private static final Duration LOOK = Duration.ofMillis(50);
    /** Entries that are under way anyhow. */
    private static final long NEAR = 4;
    /** With every look that finds no progress; so it takes about a second to press with all its force. */
    private static final double HARDER = 0.05;

    private static final double SOFTER = 0.01;
    /** What a learner should gain by between two looks: so it has caught up after some ten seconds. */
    private static final double PROGRESS = 0.995;

    private Optional<NodeId> learner = Optional.empty();
    private Term term = Term.ZERO;
    private long endsAtNanos;
    private long lookAtNanos;
    private OptionalLong lastLag = OptionalLong.empty();
    /** 0 to 1. */
    private double pressure;

    private long nextBatchAtNanos;

    /** Begins, or lasts longer. Does nothing unless {@code status} is that of a primary of which the node is a learner. */
    void wanted(NodeId node, Status status, long nowNanos) {
        if (status.role() != Status.Role.PRIMARY || !status.membership().isLearner(node)) {
            return;
        }
        if (!learner.equals(Optional.of(node)) || !term.equals(status.term())) {
            learner = Optional.of(node);
            term = status.term();
            lastLag = OptionalLong.empty();
            lookAtNanos = nowNanos;
            nextBatchAtNanos = nowNanos;
            pressure = 0;
        }
        endsAtNanos = nowNanos + LASTS.toNanos();
    }

    /** For whose sake writers are slowed down now. */
    Optional<NodeId> learner(Optional<Status> status, long nowNanos) {
        boolean goesOn = learner.isPresent()
                && nowNanos - endsAtNanos < 0
                && status.filter(now -> now.role() == Status.Role.PRIMARY
                                && now.term().equals(term)
                                && now.membership().isLearner(learner.get()))
                        .isPresent();
        if (!goesOn) {
            learner = Optional.empty();
        }
        return learner;
    }

    /** @param lag entries that the learner lacks; empty if that is not known, as while it fetches a whole copy */
    void look(OptionalLong lag, long nowNanos) {
        if (learner.isEmpty() || nowNanos - lookAtNanos < 0) {
            return;
        }
        lookAtNanos = nowNanos + LOOK.toNanos();
        if (lag.isEmpty() || lag.getAsLong() <= NEAR) {
            pressure = Math.max(0, pressure - SOFTER);
        } else if (lastLag.isPresent() && lag.getAsLong() > lastLag.getAsLong() * PROGRESS) {
            pressure = Math.min(1, pressure + HARDER);
        }
        lastLag = lag;
    }

    /** When the next batch may go. */
    long nextBatchAtNanos(long nowNanos) {
        return learner.isEmpty() ? nowNanos : nextBatchAtNanos;
    }

    /** How many operations may go in a batch, at least 1, if so many wait and so many would fit. */
    int mostOperations(int waiting, int fitting) {
        if (learner.isEmpty()) {
            return fitting;
        }
        // Whatever the pressure, what waits now is gone after twenty of the longest gaps.
        int least = 1 + waiting * (int) MOST_GAP.toMillis() / 1_000;
        return Math.min(fitting, Math.max(least, (int) (fitting * (1 - pressure))));
    }

    void batchWent(long nowNanos) {
        nextBatchAtNanos = nowNanos + (long) (pressure * MOST_GAP.toNanos());
    }
}
