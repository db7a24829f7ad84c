package io.aitta.gateway;

import io.aitta.metrics.Metrics;
import io.aitta.metrics.MetricsSettings;
import io.aitta.metrics.RequestMetrics.Kind;
import io.aitta.metrics.Tracing;
import java.time.Duration;

/** Calls as the door would make them, for those who are called without one. */
final class TestCalls {
    static final MetricsSettings SETTINGS =
            new MetricsSettings(3, 3, Duration.ofSeconds(1), Duration.ofMillis(100), 10, 1_000);

    private TestCalls() {}

    static Call within(Duration time) {
        long now = System.nanoTime();
        var operation = new Metrics(SETTINGS, Tracing.off(), "test").requests().operation("test", Kind.OTHER);
        return new Call(now + time.toNanos(), new CallFacts(operation, Origin.UNKNOWN, now));
    }
}
