package io.aitta.metrics;

import io.aitta.metrics.NodeReporter.TableTraffic;
import io.aitta.metrics.RequestMetrics.Totals;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What was asked of tables in the last ten seconds, from totals that are looked at now and then. Not thread-safe. */
final class TrafficWindow {
    private static final Totals NOTHING = new Totals(new long[Latency.CLASSES], new long[Latency.CLASSES], 0);

    private final SlidingWindow<Map<String, Totals>> window = new SlidingWindow<>();

    /** @param totals since the beginning, by table */
    void sample(long nowNanos, Map<String, Totals> totals) {
        window.sample(nowNanos, totals);
    }

    /** How long the window is, in nanoseconds; 0: nothing is known yet. */
    long nanos() {
        return window.isKnown() ? window.nanos() : 0;
    }

    List<TableTraffic> traffic() {
        var traffic = new ArrayList<TableTraffic>();
        if (!window.isKnown()) {
            return traffic;
        }
        var before = window.first();
        window.last().forEach((table, now) -> {
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
