package io.aitta.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.bench.Bench;
import io.aitta.bench.BenchPlan;
import io.aitta.bench.BenchReport;
import io.aitta.bench.BenchStore;
import io.aitta.bench.Workload;
import io.aitta.bench.Workload.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A benchmark at a fixed rate that reads, updates and checks what it reads while one thing after the other happens to the
 * cluster, and tells how long its operations took during each, counted from when they were due.
 */
final class PhasedBench {
    private static final Duration LONGEST = Duration.ofMinutes(10);
    private static final Duration LEAST = Duration.ofSeconds(3);
    private static final Duration DRAIN = Duration.ofSeconds(30);
    private static final int KEYS = 2_000;

    private record Phase(String name, BenchReport report) {}

    private final BenchStore store;
    private final double rate;
    private final List<Phase> phases = new ArrayList<>();

    /**
     * @param deadline of each operation, with all its retries
     * @param rate operations a second
     */
    PhasedBench(Cluster cluster, String table, Duration deadline, double rate) throws InterruptedException {
        this.store = BenchStore.of(cluster.client(deadline).table(table));
        this.rate = rate;
        assertThat(bench().load()).isTrue();
    }

    private Bench bench() {
        var plan = new BenchPlan(
                Workload.A,
                Workload.A.distribution(),
                4,
                4,
                false,
                KEYS,
                100,
                LONGEST,
                Duration.ZERO,
                rate,
                true,
                DRAIN);
        return new Bench(store, plan, second -> {});
    }

    /** Runs {@code event} while the benchmark runs, at least some seconds. */
    void during(String name, Runnable event) {
        var bench = bench();
        var report = CompletableFuture.supplyAsync(bench::run);
        try {
            long begin = System.nanoTime();
            event.run();
            Await.pass(LEAST.minusNanos(Math.min(LEAST.toNanos(), System.nanoTime() - begin)));
        } finally {
            bench.stop();
            phases.add(new Phase(name, report.orTimeout(60, TimeUnit.SECONDS).join()));
        }
    }

    /** Every operation of all phases was done, and every read found what was written. */
    void verify() {
        for (var phase : phases) {
            assertThat(phase.report().errors()).as(phase.name()).isEmpty();
            assertThat(phase.report().missing()).as(phase.name()).isZero();
            assertThat(phase.report().unanswered()).as(phase.name()).isZero();
            assertThat(phase.report().operations()).as(phase.name()).isPositive();
        }
    }

    /** A table for people; times in milliseconds. */
    String table() {
        var lines = new StringBuilder(String.format(
                Locale.ROOT,
                "%n%-28s %7s %7s | %-25s | %-25s%n%-28s %7s %7s | %8s%8s%9s | %8s%8s%9s%n",
                "",
                "",
                "",
                "reads, ms",
                "updates, ms",
                "phase",
                "seconds",
                "ops",
                "p50",
                "p99",
                "p99.9",
                "p50",
                "p99",
                "p99.9"));
        for (var phase : phases) {
            var reads = phase.report().latencies().get(Kind.READ);
            var updates = phase.report().latencies().get(Kind.UPDATE);
            lines.append(String.format(
                    Locale.ROOT,
                    "%-28s %7.1f %7d | %8.1f%8.1f%9.1f | %8.1f%8.1f%9.1f%n",
                    phase.name(),
                    phase.report().seconds(),
                    phase.report().operations(),
                    reads.p50() / 1e3,
                    reads.p99() / 1e3,
                    reads.p999() / 1e3,
                    updates.p50() / 1e3,
                    updates.p99() / 1e3,
                    updates.p999() / 1e3));
        }
        return lines.toString();
    }
}
