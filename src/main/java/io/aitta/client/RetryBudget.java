package io.aitta.client;

/**
 * Bounds the retries of one client, so that many calls which fail together do not bury a cluster that is coming back.
 * A bucket that holds {@code perSecond * 5} retries and fills again by {@code perSecond}. Thread-safe.
 */
final class RetryBudget {
    private static final int SECONDS_IN_RESERVE = 5;

    private final int perSecond;
    /** 0 to {@code perSecond * SECONDS_IN_RESERVE}. */
    private double left;

    private long filledAtNanos;

    RetryBudget(int perSecond, long nowNanos) {
        this.perSecond = perSecond;
        this.left = (double) perSecond * SECONDS_IN_RESERVE;
        this.filledAtNanos = nowNanos;
    }

    /** Whether one more retry may be sent now; if so it is counted. */
    synchronized boolean take(long nowNanos) {
        double earned = (nowNanos - filledAtNanos) / 1e9 * perSecond;
        left = Math.min(left + earned, (double) perSecond * SECONDS_IN_RESERVE);
        filledAtNanos = nowNanos;
        if (left < 1) {
            return false;
        }
        left -= 1;
        return true;
    }
}
