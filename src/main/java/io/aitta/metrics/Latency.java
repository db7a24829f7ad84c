package io.aitta.metrics;

import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.DoubleStream;

/** The classes by which all latencies are counted, so that they can be added up over operations, tables and nodes. */
public final class Latency {
    private static final double[] BOUNDS_MILLIS = {
        0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000
    };

    /** Those below each bound and not below the one before, and those above all. */
    static final int CLASSES = BOUNDS_MILLIS.length + 1;

    private Latency() {}

    static Duration[] bounds() {
        return DoubleStream.of(BOUNDS_MILLIS)
                .mapToObj(millis -> Duration.ofNanos((long) (millis * 1e6)))
                .toArray(Duration[]::new);
    }

    /** Adds what a timer with these classes has counted to {@code counts}, class by class. */
    static void add(Timer timer, long[] counts) {
        var snapshot = timer.takeSnapshot();
        long below = 0;
        var cumulative = snapshot.histogramCounts();
        for (int i = 0; i < BOUNDS_MILLIS.length; i++) {
            long upTo = (long) cumulative[i].count();
            counts[i] += upTo - below;
            below = upTo;
        }
        // The classes are read one after the other: a request that ends meanwhile may be missing in the count.
        counts[BOUNDS_MILLIS.length] += Math.max(0, snapshot.count() - below);
    }

    /**
     * The latency that a share of the requests kept below, as if they were spread evenly within each class.
     *
     * @param counts of each class
     * @param share such as 0.99
     * @return milliseconds; 0 if there are none; for those above all classes the last bound
     */
    public static double quantileMillis(long[] counts, double share) {
        long all = Arrays.stream(counts).sum();
        double wanted = all * share;
        long before = 0;
        for (int i = 0; all > 0 && i < BOUNDS_MILLIS.length; i++) {
            if (counts[i] > 0 && before + counts[i] >= wanted) {
                double from = i == 0 ? 0 : BOUNDS_MILLIS[i - 1];
                return from + (BOUNDS_MILLIS[i] - from) * (wanted - before) / counts[i];
            }
            before += counts[i];
        }
        return all == 0 ? 0 : BOUNDS_MILLIS[BOUNDS_MILLIS.length - 1];
    }
}
