package io.aitta.metrics;

import io.aitta.metrics.NodeReporter.TableTraffic;
import io.aitta.metrics.RequestMetrics.Totals;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** What was asked of tables in the last ten seconds, from totals that are looked at now and then. Not thread-safe. */
final class TrafficWindow {
    private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final Totals NOTHING = new Totals(new long[Latency.CLASSES], new long[Latency.CLASSES], 0);

    private record Sample(long atNanos, Map<String, Totals> totals) {}

    /** The first is the newest of those that are as old as the window, if there is such a one. */
    private final Deque<Sample> samples = new ArrayDeque<>();

    /** @param totals since the beginning, by table */
    void sample(long nowNanos, Map<String, Totals> totals) {
        samples.addLast(new Sample(nowNanos, totals));
        while (samples.size() > 2 && nowNanos - second().atNanos() >= WINDOW_NANOS) {
            samples.removeFirst();
        }
    }

    private Sample second() {
        var all = samples.iterator();
        all.next();
        return all.next();
    }

    /** How long the window is, in nanoseconds; 0: nothing is known yet. */
    long nanos() {
        return samples.size() < 2
                ? 0
                : samples.peekLast().atNanos() - samples.peekFirst().atNanos();
    }

    List<TableTraffic> traffic() {
        var traffic = new ArrayList<TableTraffic>();
        if (samples.size() < 2) {
            return traffic;
        }
        var before = samples.peekFirst().totals();
        samples.peekLast().totals().forEach((table, now) -> {
            var then = before.getOrDefault(table, NOTHING);
            traffic.add(new TableTraffic(
                    table,
                    difference(now.reads(), then.reads()),
                    difference(now.writes(), then.writes()),
                    Math.max(0, now.failures() - then.failures())));
        });
        return traffic;
    }

    /** A table that was made anew under its name begins at zero again: never below it. */
    private static long[] difference(long[] now, long[] then) {
        var difference = new long[now.length];
        for (int i = 0; i < now.length; i++) {
            difference[i] = Math.max(0, now[i] - then[i]);
        }
        return difference;
    }
}
