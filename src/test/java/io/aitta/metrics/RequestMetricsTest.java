package io.aitta.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.metrics.RequestMetrics.Kind;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RequestMetricsTest {
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

    private final Metrics metrics = new Metrics(
            new MetricsSettings(2, 2, Duration.ofSeconds(1), Duration.ofMillis(100), 10, 100), Tracing.off(), "n1");
    private final RequestMetrics requests = metrics.requests();
    private final Set<String> tables = new HashSet<>(List.of("a", "b", "c"));
    private final RequestMetrics.Operation get = requests.operation("get", Kind.READ);
    private final RequestMetrics.Operation set = requests.operation("set", Kind.WRITE);

    {
        requests.tablesAre(tables::contains);
    }

    @AfterEach
    void close() {
        metrics.close();
    }

    private String counted(String operation, String table, String outcome) {
        return "aitta_request_duration_seconds_count{operation=\"" + operation + "\",outcome=\"" + outcome
                + "\",table=\"" + table + "\"}";
    }

    @Test
    void requestsAreCountedByOperationTableAndOutcome() {
        get.ended("a", Outcome.OK, MILLI);
        get.ended("a", Outcome.OK, MILLI);
        set.ended("b", Outcome.UNAVAILABLE, MILLI);
        assertThat(metrics.scrape())
                .contains(counted("get", "a", "ok") + " 2", counted("set", "b", "unavailable") + " 1")
                .contains(
                        "aitta_request_duration_seconds_bucket{operation=\"get\",outcome=\"ok\",table=\"a\",le=\"0.001\"}"
                                + " 2");
    }

    @Test
    void tablesBeyondTheLimitAreCountedTogether() {
        for (String table : List.of("a", "b", "c", "c", "a")) {
            get.ended(table, Outcome.OK, MILLI);
        }
        assertThat(metrics.scrape())
                .contains(counted("get", "a", "ok") + " 2", counted("get", "(other)", "ok") + " 2")
                .doesNotContain("table=\"c\"");
    }

    @Test
    void namesThatNoTableHasMakeNoLabels() {
        for (int i = 0; i < 100; i++) {
            get.ended("made-up-" + i, Outcome.REFUSED, MILLI);
        }
        get.ended("", Outcome.REFUSED, MILLI);
        assertThat(metrics.scrape())
                .contains(counted("get", "(none)", "refused") + " 101")
                .doesNotContain("made-up");
    }

    @Test
    void tablesThatAreGoneGiveTheirLabelsUp() {
        get.ended("a", Outcome.OK, MILLI);
        get.ended("b", Outcome.OK, MILLI);
        tables.remove("a");
        assertThat(metrics.scrape()).doesNotContain("table=\"a\"");
        get.ended("c", Outcome.OK, MILLI);
        assertThat(metrics.scrape()).contains(counted("get", "c", "ok") + " 1");
        assertThat(requests.totals()).containsOnlyKeys("b", "c");
    }

    @Test
    void totalsTellReadsFromWritesAndLeaveFailuresOut() {
        get.ended("a", Outcome.OK, MILLI);
        get.ended("a", Outcome.LATE, MILLI);
        set.ended("a", Outcome.OK, MILLI);
        set.ended("a", Outcome.REFUSED, MILLI);
        requests.operation("list_nodes", Kind.OTHER).ended("a", Outcome.OK, MILLI);
        var totals = requests.totals().get("a");
        assertThat(totals.reads()).contains(1);
        assertThat(totals.writes()).contains(2);
        assertThat(totals.failures()).isOne();
    }

    @Test
    void errorsAreCountedByReason() {
        requests.answered("NO_QUORUM");
        requests.answered("NO_QUORUM");
        assertThat(metrics.scrape()).contains("aitta_errors_total{reason=\"NO_QUORUM\"} 2");
    }
}
