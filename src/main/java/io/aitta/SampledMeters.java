package io.aitta;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.replication.Status;
import io.aitta.core.topology.PartitionReport;
import io.aitta.metrics.NodeReporter.Holdings;
import io.aitta.partition.LocalReplica;
import io.aitta.partition.LocalReplicas;
import io.aitta.partition.Stewards;
import io.aitta.store.Store;
import io.aitta.store.StoreException;
import io.aitta.store.StoreFigures;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The meters of what is costly to look up: it is done by {@link #sample}, now and then, and Prometheus gets what was found
 * last. By partition only so many have labels of their own; of the others the worst is told.
 */
final class SampledMeters {
    private static final Logger LOG = LoggerFactory.getLogger(SampledMeters.class);
    private static final String OTHER = "(other)";
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final Holdings NOTHING = new Holdings(Map.of(), 0, 0, 0);

    /** How large the journal is on disk. */
    @FunctionalInterface
    interface JournalSize {
        CompletionStage<Long> bytes();
    }

    /** What is looked at. */
    record Sources(
            NodeId self,
            LocalReplicas replicas,
            Stewards stewards,
            Store store,
            JournalSize journal,
            Supplier<Holdings> holdings) {}

    private final Sources sources;
    private final int mostPartitions;
    private final MultiGauge hasPrimary;
    private final MultiGauge lag;
    private final MultiGauge tableBytes;
    private volatile StoreFigures store = new StoreFigures(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    private volatile Holdings holdings = NOTHING;
    private volatile long journalBytes;

    /** @param mostPartitions that have labels of their own */
    SampledMeters(MeterRegistry registry, int mostPartitions, Sources sources) {
        this.sources = sources;
        this.mostPartitions = mostPartitions;
        hasPrimary = MultiGauge.builder("aitta.partition.has.primary")
                .description("1 if the replica here knows a primary of its partition, else 0")
                .register(registry);
        lag = MultiGauge.builder("aitta.replication.lag.entries")
                .description("Log entries that a replica lacks, by the word of the primary, which is here")
                .register(registry);
        tableBytes = MultiGauge.builder("aitta.table.size.bytes")
                .description("What the replicas of a table take in this node's store, about")
                .register(registry);
        ofStore(registry);
        gauge(registry, "aitta.journal.size.bytes", "Size of the journal on disk", one -> one.journalBytes);
        gauge(
                registry,
                "aitta.disk.size.bytes",
                "Size of the file system that holds the node's data",
                one -> one.holdings.diskBytes());
        gauge(
                registry,
                "aitta.disk.free.bytes",
                "How much of that is free for the node",
                one -> one.holdings.diskFreeBytes());
    }

    private void ofStore(MeterRegistry registry) {
        gauge(registry, "aitta.store.size.bytes", "Files of the store", one -> one.store.diskBytes());
        gauge(registry, "aitta.store.memory.bytes", "Written and not flushed", one -> one.store.memoryBytes());
        gauge(registry, "aitta.store.keys", "Rows of all replicas, about", one -> one.store.keys());
        gauge(registry, "aitta.store.compactions.running", "Compactions running", one -> one.store.compactions());
        gauge(registry, "aitta.store.flushes.running", "Flushes running", one -> one.store.flushes());
        gauge(
                registry,
                "aitta.store.compaction.pending.bytes",
                "Bytes that compaction has yet to rewrite",
                one -> one.store.pendingCompactionBytes());
        gauge(
                registry,
                "aitta.store.throttled",
                "1 while the store holds writes back, else 0",
                one -> one.store.throttled());
        gauge(
                registry,
                "aitta.store.background.errors",
                "Flushes and compactions that failed",
                one -> one.store.backgroundErrors());
        gauge(registry, "aitta.store.cache.size.bytes", "Block cache in use", one -> one.store.cacheBytes());
        gauge(
                registry,
                "aitta.store.cache.capacity.bytes",
                "Block cache there is",
                one -> one.store.cacheCapacityBytes());
        counter(registry, "aitta.store.cache.hits", "Blocks found in the cache", one -> one.store.cacheHits());
        counter(registry, "aitta.store.cache.misses", "Blocks read from disk", one -> one.store.cacheMisses());
        counter(
                registry,
                "aitta.store.compaction.read.bytes",
                "Read by compactions",
                one -> one.store.compactionReadBytes());
        counter(
                registry,
                "aitta.store.compaction.written.bytes",
                "Written by compactions",
                one -> one.store.compactionWriteBytes());
    }

    private void gauge(MeterRegistry registry, String name, String description, ToDoubleFunction<SampledMeters> value) {
        Gauge.builder(name, this, value)
                .description(description)
                .strongReference(true)
                .register(registry);
    }

    private void counter(
            MeterRegistry registry, String name, String description, ToDoubleFunction<SampledMeters> value) {
        FunctionCounter.builder(name, this, value).description(description).register(registry);
    }

    /** Looks everything up. May block on the disk for a moment; what takes longer comes in later. */
    void sample() {
        try {
            store = sources.store.figures();
            holdings = sources.holdings.get();
        } catch (StoreException failure) {
            LOG.warn("The store cannot be looked at", failure);
        }
        sources.journal.bytes().whenComplete((bytes, failure) -> {
            if (failure == null) {
                journalBytes = bytes;
            }
        });
        var sizes = new ArrayList<MultiGauge.Row<?>>();
        new TreeMap<>(holdings.storeBytes())
                .entrySet().stream()
                        .limit(mostPartitions)
                        .forEach(
                                size -> sizes.add(MultiGauge.Row.of(Tags.of("table", size.getKey()), size.getValue())));
        tableBytes.register(sizes, true);
        var labelled = labelled();
        putHasPrimary(labelled);
        var led = sources.replicas.all().stream()
                .filter(SampledMeters::isPrimary)
                .map(LocalReplica::id)
                .toList();
        sources.stewards.reports(sources.self, led, PATIENCE).thenAccept(reports -> putLag(labelled, reports));
    }

    /** The first by name: they stay the same ones as long as the node holds the same partitions. */
    private Set<PartitionId> labelled() {
        return new HashSet<>(sources.replicas.all().stream()
                .map(LocalReplica::id)
                .sorted()
                .limit(mostPartitions)
                .toList());
    }

    private static boolean isPrimary(LocalReplica replica) {
        return replica.status()
                .filter(status -> status.role() == Status.Role.PRIMARY)
                .isPresent();
    }

    private void putHasPrimary(Set<PartitionId> labelled) {
        var worst = new TreeMap<List<String>, Integer>(SampledMeters::compare);
        for (LocalReplica replica : sources.replicas.all()) {
            int has = replica.primary().isPresent() ? 1 : 0;
            worst.merge(labels(replica.id(), labelled), has, Math::min);
        }
        var rows = new ArrayList<MultiGauge.Row<?>>();
        worst.forEach((labels, has) ->
                rows.add(MultiGauge.Row.of(Tags.of("table", labels.get(0), "partition", labels.get(1)), has)));
        hasPrimary.register(rows, true);
    }

    private void putLag(Set<PartitionId> labelled, List<PartitionReport> reports) {
        var worst = new TreeMap<List<String>, Long>(SampledMeters::compare);
        for (PartitionReport report : reports) {
            report.peers().forEach((node, peer) -> {
                var labels = new ArrayList<>(labels(report.partition(), labelled));
                labels.add(node.value());
                long lacks = Math.max(0, report.last().value() - peer.match().value());
                worst.merge(labels, lacks, Math::max);
            });
        }
        var rows = new ArrayList<MultiGauge.Row<?>>();
        worst.forEach((labels, lacks) -> rows.add(MultiGauge.Row.of(
                Tags.of("table", labels.get(0), "partition", labels.get(1), "replica", labels.get(2)), lacks)));
        lag.register(rows, true);
    }

    private static List<String> labels(PartitionId partition, Set<PartitionId> labelled) {
        return labelled.contains(partition)
                ? List.of(partition.table(), String.valueOf(partition.partition()))
                : List.of(OTHER, OTHER);
    }

    private static int compare(List<String> one, List<String> other) {
        for (int i = 0; i < one.size(); i++) {
            int order = one.get(i).compareTo(other.get(i));
            if (order != 0) {
                return order;
            }
        }
        return 0;
    }
}
