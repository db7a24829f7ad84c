package io.aitta.partition;

import io.aitta.metrics.SlidingWindow;
import java.util.function.ToLongFunction;

/** What a node did per second, over the last ten, from totals that are looked at now and then. Not thread-safe. */
final class LoadMeter {
    private record Totals(long writes, long reads) {}

    private final SlidingWindow<Totals> window = new SlidingWindow<>();

    /** @param writes and reads since the beginning */
    void sample(long nowNanos, long writes, long reads) {
        window.sample(nowNanos, new Totals(writes, reads));
    }

    double writesPerSecond() {
        return perSecond(Totals::writes);
    }

    double readsPerSecond() {
        return perSecond(Totals::reads);
    }

    /** A replica that is removed may be counted twice, or not at all, for a moment: never below zero. */
    private double perSecond(ToLongFunction<Totals> total) {
        if (!window.isKnown()) {
            return 0;
        }
        long done = Math.max(0, total.applyAsLong(window.last()) - total.applyAsLong(window.first()));
        return done * 1e9 / Math.max(1, window.nanos());
    }
}
