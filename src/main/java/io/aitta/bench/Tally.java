package io.aitta.bench;

import io.aitta.bench.BenchReport.Latencies;
import io.aitta.bench.Workload.Kind;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/**
 * Counts what was answered, and how long it took, in microseconds. Any thread may add; one reads, and has what came since
 * it last read apart from the whole.
 */
final class Tally {
    private static final int DIGITS = 3;

    private final Map<Kind, Recorder> recorders = new EnumMap<>(Kind.class);
    private final Map<Kind, Histogram> totals = new EnumMap<>(Kind.class);
    private final Map<String, LongAdder> errors = new ConcurrentHashMap<>();
    private final LongAdder answered = new LongAdder();
    private final LongAdder missing = new LongAdder();
    private final LongAdder conflicts = new LongAdder();

    Tally() {
        for (Kind kind : Kind.values()) {
            recorders.put(kind, new Recorder(DIGITS));
            totals.put(kind, new Histogram(DIGITS));
        }
    }

    void done(Kind kind, long nanos) {
        recorders.get(kind).recordValue(Math.max(0, TimeUnit.NANOSECONDS.toMicros(nanos)));
        answered.increment();
    }

    /** @param reason a stable word */
    void failed(Kind kind, String reason) {
        errors.computeIfAbsent(kind.word() + " " + reason, name -> new LongAdder())
                .increment();
    }

    void missing() {
        missing.increment();
    }

    void conflict() {
        conflicts.increment();
    }

    /** Operations that succeeded so far. */
    long answered() {
        return answered.sum();
    }

    long errorCount() {
        return errors.values().stream().mapToLong(LongAdder::sum).sum();
    }

    long missingCount() {
        return missing.sum();
    }

    long conflictCount() {
        return conflicts.sum();
    }

    Map<String, Long> errors() {
        var counts = new TreeMap<String, Long>();
        errors.forEach((name, count) -> counts.put(name, count.sum()));
        return counts;
    }

    /** Of all kinds, since it was last called. Of one thread. */
    Latencies interval() {
        var all = new Histogram(DIGITS);
        recorders.forEach((kind, recorder) -> {
            Histogram interval = recorder.getIntervalHistogram();
            totals.get(kind).add(interval);
            all.add(interval);
        });
        return Latencies.of(all);
    }

    /** By kind, those that there were. Of the thread that calls {@link #interval}. */
    Map<Kind, Latencies> totals() {
        interval();
        var latencies = new EnumMap<Kind, Latencies>(Kind.class);
        totals.forEach((kind, histogram) -> {
            if (histogram.getTotalCount() > 0) {
                latencies.put(kind, Latencies.of(histogram));
            }
        });
        return latencies;
    }
}
