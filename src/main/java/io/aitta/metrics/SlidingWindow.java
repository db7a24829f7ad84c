package io.aitta.metrics;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/**
 * Totals as they were looked at now and then during the last ten seconds: the difference between its ends is what
 * happened meanwhile. Not thread-safe.
 */
public final class SlidingWindow<T> {
    private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(10);

    private record Sample<T>(long atNanos, T totals) {}

    /** The first is the newest of those that are as old as the window, if there is such a one. */
    private final Deque<Sample<T>> samples = new ArrayDeque<>();

    /** @param totals since the beginning */
    public void sample(long nowNanos, T totals) {
        samples.addLast(new Sample<>(nowNanos, totals));
        while (samples.size() > 2 && nowNanos - second().atNanos() >= WINDOW_NANOS) {
            samples.removeFirst();
        }
    }

    private Sample<T> second() {
        var all = samples.iterator();
        all.next();
        return all.next();
    }

    /** Whether both ends are there; the others may not be called otherwise. */
    public boolean isKnown() {
        return samples.size() >= 2;
    }

    public T first() {
        return samples.getFirst().totals();
    }

    public T last() {
        return samples.getLast().totals();
    }

    /** How far its ends are from each other, in nanoseconds. */
    public long nanos() {
        return samples.getLast().atNanos() - samples.getFirst().atNanos();
    }
}
