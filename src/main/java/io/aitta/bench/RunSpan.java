package io.aitta.bench;

/** When a run is: what is due in it counts, what is due before it is warm-up. Times are of {@link System#nanoTime}. */
final class RunSpan {
    private final long begin;
    private final long measured;
    private final Tally warmUp;
    private final Tally tally;
    private volatile long end;

    RunSpan(long begin, long measured, long end, Tally warmUp, Tally tally) {
        this.begin = begin;
        this.measured = measured;
        this.end = end;
        this.warmUp = warmUp;
        this.tally = tally;
    }

    long begin() {
        return begin;
    }

    /** Nothing is begun from then on. */
    void stop(long now) {
        end = now;
    }

    boolean isOver(long now) {
        return now - end >= 0;
    }

    /** Where to count what was due at some time. */
    Tally tallyOf(long due) {
        return due - measured < 0 ? warmUp : tally;
    }
}
