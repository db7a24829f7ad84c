package io.aitta.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.util.concurrent.TimeUnit;

/** What the journal's writer counts. Thread-safe. */
public final class JournalMetrics {
    private final Timer write;
    private final Timer force;
    private final DistributionSummary groups;
    private final Counter failures;

    JournalMetrics(MeterRegistry registry) {
        write = Timer.builder("aitta.journal.write.duration")
                .description("Writing the rows of one transaction and committing it, without forcing it")
                .serviceLevelObjectives(Latency.bounds())
                .register(registry);
        force = Timer.builder("aitta.journal.force.duration")
                .description("Forcing a committed transaction to disk (fsync)")
                .serviceLevelObjectives(Latency.bounds())
                .register(registry);
        groups = DistributionSummary.builder("aitta.journal.group.writes")
                .description("Writes of replicas in one transaction")
                .serviceLevelObjectives(1, 2, 4, 8, 16, 32, 64, 128)
                .register(registry);
        failures = Counter.builder("aitta.journal.failures")
                .description("Times that the journal failed and was opened anew")
                .register(registry);
    }

    /** Of which nobody ever asks. */
    public static JournalMetrics none() {
        return new JournalMetrics(new CompositeMeterRegistry());
    }

    /** A transaction was written and forced. */
    public void wrote(int writes, long writeNanos, long forceNanos) {
        groups.record(writes);
        write.record(writeNanos, TimeUnit.NANOSECONDS);
        force.record(forceNanos, TimeUnit.NANOSECONDS);
    }

    public void failed() {
        failures.increment();
    }
}
