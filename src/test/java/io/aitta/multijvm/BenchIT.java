package io.aitta.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.bench.Bench;
import io.aitta.bench.BenchPlan;
import io.aitta.bench.BenchReport;
import io.aitta.bench.BenchStore;
import io.aitta.bench.Workload;
import io.aitta.client.AittaClient;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The benchmark against a real cluster: what it says was done has been done. How fast is told, not judged. */
@Timeout(240)
class BenchIT {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @RegisterExtension
    final Stage stage = new Stage();

    @Test
    void bothTransportsRunAllKindsOfOperationsAndLoseNothing() throws Exception {
        var cluster = stage.shared(Cluster.Plan.of(3));
        var table = stage.ownTable();
        run(cluster, table, false, Workload.A, 1);
        run(cluster, table, true, Workload.A, 1);
        for (Workload workload : new Workload[] {Workload.D, Workload.E, Workload.F}) {
            run(cluster, table, true, workload, 1);
        }
    }

    private void run(Cluster cluster, String table, boolean pipelining, Workload workload, int seconds)
            throws Exception {
        try (var client = AittaClient.builder()
                .endpoints(cluster.nodes().stream().map(NodeProcess::endpoint).toList())
                .deadline(PATIENCE)
                .pipelining(pipelining)
                .build()) {
            var plan = new BenchPlan(
                    workload,
                    workload.distribution(),
                    4,
                    16,
                    false,
                    2_000,
                    100,
                    Duration.ofSeconds(seconds),
                    Duration.ofSeconds(1),
                    0,
                    true,
                    PATIENCE);
            var bench = new Bench(BenchStore.of(client.table(table)), plan, second -> {});
            assertThat(bench.load()).isTrue();
            BenchReport report = bench.run();
            stage.say(
                    "%s, workload %s: %.0f/s; in us: %s",
                    pipelining ? "pipeline" : "unary", workload.word(), report.perSecond(), report.latencies());
            assertThat(report.errors()).isEmpty();
            assertThat(report.missing()).isZero();
            assertThat(report.unanswered()).isZero();
            assertThat(report.operations()).isPositive();
        }
    }
}
