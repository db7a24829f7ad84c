package io.aitta.bench;

import io.aitta.bench.Workload.Kind;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * What a run came to.
 *
 * @param seconds how long was measured, which is less than planned if it was stopped
 * @param operations that were due in this time and succeeded
 * @param perSecond those of them that were answered within it, by its length
 * @param latencies of those that succeeded, by kind
 * @param errors by "kind REASON"
 * @param missing reads of keys that were not there
 * @param conflicts read-modify-writes that had to read again, for somebody had written
 * @param behind operations that were due but not begun when the time was over; 0 without a rate
 * @param unanswered operations in flight that were not waited for any longer
 */
public record BenchReport(
        double seconds,
        long operations,
        double perSecond,
        Map<Kind, Latencies> latencies,
        Map<String, Long> errors,
        long missing,
        long conflicts,
        long behind,
        long unanswered) {

    public long errorCount() {
        return errors.values().stream().mapToLong(Long::longValue).sum();
    }

    /** In microseconds, to three digits. */
    public record Latencies(long count, double mean, long p50, long p90, long p99, long p999, long p9999, long max) {
        static Latencies of(Histogram histogram) {
            return new Latencies(
                    histogram.getTotalCount(),
                    histogram.getTotalCount() == 0 ? 0 : histogram.getMean(),
                    histogram.getValueAtPercentile(50),
                    histogram.getValueAtPercentile(90),
                    histogram.getValueAtPercentile(99),
                    histogram.getValueAtPercentile(99.9),
                    histogram.getValueAtPercentile(99.99),
                    histogram.getMaxValue());
        }
    }

    /**
     * A second of a run.
     *
     * @param seconds since the beginning of this phase
     * @param done in this phase: operations, or keys that were loaded
     * @param perSecond in the last interval
     * @param latencies in the last interval, of all kinds; none while keys are loaded
     * @param errors in this phase
     */
    public record Second(Phase phase, double seconds, long done, double perSecond, Latencies latencies, long errors) {}

    /** What goes on. */
    public enum Phase {
        LOAD,
        WARM_UP,
        RUN
    }
}
