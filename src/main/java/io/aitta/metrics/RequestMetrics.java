package io.aitta.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Predicate;

/**
 * Counts the requests through a node's doors by operation, table and outcome, and how long they took. Which meter a
 * request belongs to is found by one look into a map; nothing is made for it. Thread-safe.
 */
public final class RequestMetrics {
    /** What an operation counts as where reads and writes are told apart. */
    public enum Kind {
        READ,
        WRITE,
        /** Administration and the like: no traffic of tables. */
        OTHER
    }

    /** The reasons of errors are a fixed list; beyond so many, somebody has lost it. */
    private static final int MOST_REASONS = 200;

    private final MeterRegistry registry;
    private final TableLabels labels;
    private final List<Operation> operations = new CopyOnWriteArrayList<>();
    private final Map<String, Counter> refusals = new ConcurrentHashMap<>();

    /** @param mostTables that have a label of their own */
    RequestMetrics(MeterRegistry registry, int mostTables) {
        this.registry = registry;
        this.labels = new TableLabels(mostTables);
    }

    /** @param known whether there is such a table; cheap: asked with requests */
    public void tablesAre(Predicate<String> known) {
        labels.exist(known);
    }

    /** To be called once for each operation. @param name such as {@code multi_get} */
    public Operation operation(String name, Kind kind) {
        var operation = new Operation(name, kind);
        operations.add(operation);
        return operation;
    }

    /** An error was answered. @param reason one of the API's stable reasons */
    public void answered(String reason) {
        var counter = refusals.get(reason);
        if (counter == null) {
            String label = refusals.size() < MOST_REASONS ? reason : TableLabels.OTHER;
            counter = refusals.computeIfAbsent(label, name -> Counter.builder("aitta.errors")
                    .description("Errors that were answered, by reason")
                    .tag("reason", name)
                    .register(registry));
        }
        counter.increment();
    }

    /** Removes the meters of tables that are no more. Now and then. */
    void forgetGone() {
        for (String table : labels.forgetGone()) {
            for (Operation operation : operations) {
                var meters = operation.tables.remove(table);
                if (meters != null) {
                    meters.remove();
                }
            }
        }
    }

    /**
     * What was counted since the beginning.
     *
     * @param reads by class of {@link Latency}, as are the writes
     */
    record Totals(long[] reads, long[] writes, long failures) {}

    /** By table, under the names that they have in the metrics. */
    Map<String, Totals> totals() {
        var reads = new HashMap<String, long[]>();
        var writes = new HashMap<String, long[]>();
        var failures = new HashMap<String, Long>();
        for (Operation operation : operations) {
            if (operation.kind == Kind.OTHER) {
                continue;
            }
            operation.tables.forEach((table, meters) -> {
                var of = operation.kind == Kind.READ ? reads : writes;
                failures.merge(
                        table, meters.addTo(of.computeIfAbsent(table, name -> new long[Latency.CLASSES])), Long::sum);
            });
        }
        var totals = new HashMap<String, Totals>();
        failures.forEach((table, failed) -> totals.put(
                table,
                new Totals(
                        reads.getOrDefault(table, new long[Latency.CLASSES]),
                        writes.getOrDefault(table, new long[Latency.CLASSES]),
                        failed)));
        return totals;
    }

    /** One operation of the API. */
    public final class Operation {
        private final String name;
        private final Kind kind;
        private final Map<String, TableMeters> tables = new ConcurrentHashMap<>();
        private final AtomicReferenceArray<Counter> streams = new AtomicReferenceArray<>(Outcome.values().length);

        private Operation(String name, Kind kind) {
            this.name = name;
            this.kind = kind;
        }

        public String name() {
            return name;
        }

        public Kind kind() {
            return kind;
        }

        /** A stream of answers has ended, by its client or otherwise. */
        public void streamEnded(Outcome outcome) {
            var counter = streams.get(outcome.ordinal());
            if (counter == null) {
                counter = Counter.builder("aitta.streams.ended")
                        .description("Streams of answers (watches, scans) that have ended")
                        .tag("operation", name)
                        .tag("outcome", outcome.label())
                        .register(registry);
                streams.set(outcome.ordinal(), counter);
            }
            counter.increment();
        }

        /**
         * A request was answered.
         *
         * @param table as the request names it; empty if it names none
         * @param nanos since it was read
         */
        public void ended(String table, Outcome outcome, long nanos) {
            var meters = tables.get(table);
            if (meters == null) {
                meters = tables.computeIfAbsent(labels.of(table), label -> new TableMeters(name, label));
            }
            meters.timer(outcome).record(nanos, TimeUnit.NANOSECONDS);
        }
    }

    /** The timers of one operation on one table, made when they are first needed. */
    private final class TableMeters {
        private final String operation;
        private final String table;
        private final AtomicReferenceArray<Timer> timers = new AtomicReferenceArray<>(Outcome.values().length);

        TableMeters(String operation, String table) {
            this.operation = operation;
            this.table = table;
        }

        Timer timer(Outcome outcome) {
            var timer = timers.get(outcome.ordinal());
            return timer != null ? timer : make(outcome);
        }

        /** Made twice it is the same: the registry knows it. */
        private Timer make(Outcome outcome) {
            var timer = Timer.builder("aitta.request.duration")
                    .description("Requests from being read to being answered")
                    .tag("operation", operation)
                    .tag("table", table)
                    .tag("outcome", outcome.label())
                    .serviceLevelObjectives(Latency.bounds())
                    .register(registry);
            timers.set(outcome.ordinal(), timer);
            return timer;
        }

        /** @return how many failed, which are not added */
        long addTo(long[] counts) {
            long failed = 0;
            for (Outcome outcome : Outcome.values()) {
                var timer = timers.get(outcome.ordinal());
                if (timer == null) {
                    continue;
                }
                if (outcome.isFailure()) {
                    failed += timer.count();
                } else {
                    Latency.add(timer, counts);
                }
            }
            return failed;
        }

        void remove() {
            for (int i = 0; i < timers.length(); i++) {
                var timer = timers.getAndSet(i, null);
                if (timer != null) {
                    registry.remove(timer);
                }
            }
        }
    }
}
