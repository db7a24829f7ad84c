package io.aitta.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class LatencyTest {
    private final Timer timer = Timer.builder("t")
            .serviceLevelObjectives(Latency.bounds())
            .register(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));

    private long[] counts() {
        var counts = new long[Latency.CLASSES];
        Latency.add(timer, counts);
        return counts;
    }

    @Test
    void eachLatencyCountsInItsClassAlone() {
        timer.record(Duration.ofNanos(50_000));
        timer.record(Duration.ofMillis(7));
        timer.record(Duration.ofSeconds(60));
        assertThat(counts()).containsExactly(1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1);
    }

    @Test
    void quantilesAreFoundWithinTheirClass() {
        for (int i = 0; i < 99; i++) {
            timer.record(Duration.ofNanos(700_000));
        }
        timer.record(Duration.ofMillis(80));
        assertThat(Latency.quantileMillis(counts(), 0.5)).isBetween(0.5, 1.0);
        assertThat(Latency.quantileMillis(counts(), 0.99)).isCloseTo(1, within(0.01));
        assertThat(Latency.quantileMillis(counts(), 0.999)).isBetween(50.0, 100.0);
    }

    @Test
    void whatIsAboveAllClassesIsTheLastBound() {
        timer.record(Duration.ofSeconds(60));
        assertThat(Latency.quantileMillis(counts(), 0.99)).isEqualTo(5_000);
    }

    @Test
    void withoutRequestsThereIsNoLatency() {
        assertThat(Latency.quantileMillis(counts(), 0.99)).isZero();
        assertThat(Latency.quantileMillis(new long[0], 0.5)).isZero();
    }
}
