package io.aitta.sim;

/** The monotonic clock of one process: it begins anywhere and runs a little too fast or too slow. */
record LocalClock(long offsetNanos, long driftPpm) {
    long at(long trueNanos) {
        return offsetNanos + trueNanos + trueNanos / 1000 * driftPpm / 1000;
    }

    /** How long, truly, until this clock shows {@code localNanos}; a little more rather than less. */
    long trueNanosUntil(long localNanos, long trueNow) {
        long left = localNanos - at(trueNow);
        return left <= 0 ? 0 : (long) (left / (1 + driftPpm / 1e6)) + 1000;
    }
}
