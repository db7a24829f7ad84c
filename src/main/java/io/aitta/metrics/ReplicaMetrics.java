package io.aitta.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.util.concurrent.TimeUnit;

/** What the replicas of a node count, all together. By log entry, not by operation. Thread-safe. */
public final class ReplicaMetrics {
    private final DistributionSummary operations;
    private final DistributionSummary bytes;
    private final Timer queue;
    private final Timer journal;
    private final Timer replication;
    private final Timer apply;
    private final Counter elections;
    private final Timer handOvers;
    private final Counter copies;
    private final Counter failures;

    ReplicaMetrics(MeterRegistry registry) {
        operations = DistributionSummary.builder("aitta.batch.operations")
                .description("Operations in one log entry, by primaries")
                .serviceLevelObjectives(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096)
                .register(registry);
        bytes = DistributionSummary.builder("aitta.batch.size")
                .baseUnit("bytes")
                .description("Size of one log entry, by primaries")
                .serviceLevelObjectives(256, 1024, 4096, 16_384, 65_536, 262_144, 524_288)
                .register(registry);
        queue = stage(registry, "queue");
        journal = stage(registry, "journal");
        replication = stage(registry, "replication");
        apply = stage(registry, "apply");
        elections = Counter.builder("aitta.elections.won")
                .description("Terms in which a replica of this node became primary, hand-overs included")
                .register(registry);
        handOvers = Timer.builder("aitta.primary.hand.over.duration")
                .description("Hand-overs of primaries that began here: how long requests waited for the new one")
                .serviceLevelObjectives(Latency.bounds())
                .register(registry);
        copies = Counter.builder("aitta.full.copies")
                .description("Full copies of other replicas that replicas of this node took over")
                .register(registry);
        failures = Counter.builder("aitta.binlog.failures")
                .description("Times that the binlog of a replica stopped and was opened again")
                .register(registry);
    }

    private static Timer stage(MeterRegistry registry, String stage) {
        return Timer.builder("aitta.write.stage.duration")
                .description("Parts of the way of a log entry at its primary")
                .tag("stage", stage)
                .serviceLevelObjectives(Latency.bounds())
                .register(registry);
    }

    /** Of which nobody ever asks. */
    public static ReplicaMetrics none() {
        return new ReplicaMetrics(new CompositeMeterRegistry());
    }

    /** A primary has put a batch into its log. */
    public void ordered(int operationsInIt, int bytesOfIt) {
        operations.record(operationsInIt);
        bytes.record(bytesOfIt);
    }

    /** A primary has answered a log entry. */
    public void committed(Stages stages) {
        queue.record(stages.queueNanos(), TimeUnit.NANOSECONDS);
        journal.record(stages.journalNanos(), TimeUnit.NANOSECONDS);
        replication.record(stages.replicationNanos(), TimeUnit.NANOSECONDS);
        apply.record(stages.applyNanos(), TimeUnit.NANOSECONDS);
    }

    public void elected() {
        elections.increment();
    }

    public void handedOver(long nanos) {
        handOvers.record(nanos, TimeUnit.NANOSECONDS);
    }

    public void copied() {
        copies.increment();
    }

    public void binlogFailed() {
        failures.increment();
    }
}
