package io.aitta.partition;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;

/** What a node did per second, over the last ten, from totals that are looked at now and then. Not thread-safe. */
final class LoadMeter {
    private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(10);

    private record Sample(long atNanos, long writes, long reads) {}

    /** The first is the newest of those that are as old as the window, if there is such a one. */
    private final Deque<Sample> samples = new ArrayDeque<>();

    /** @param writes and reads since the beginning */
    void sample(long nowNanos, long writes, long reads) {
        samples.addLast(new Sample(nowNanos, writes, reads));
        while (samples.size() > 2 && nowNanos - second().atNanos() >= WINDOW_NANOS) {
            samples.removeFirst();
        }
    }

    private Sample second() {
        var all = samples.iterator();
        all.next();
        return all.next();
    }

    double writesPerSecond() {
        return perSecond(Sample::writes);
    }

    double readsPerSecond() {
        return perSecond(Sample::reads);
    }

    /** A replica that is removed may be counted twice, or not at all, for a moment: never below zero. */
    private double perSecond(ToLongFunction<Sample> total) {
        if (samples.size() < 2) {
            return 0;
        }
        var first = samples.peekFirst();
        var last = samples.peekLast();
        long done = Math.max(0, total.applyAsLong(last) - total.applyAsLong(first));
        return done * 1e9 / Math.max(1, last.atNanos() - first.atNanos());
    }
}
