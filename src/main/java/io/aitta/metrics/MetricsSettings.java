package io.aitta.metrics;

import io.aitta.config.ConfigSection;
import io.aitta.config.Settings;
import java.time.Duration;

/**
 * The sections {@code aitta.metrics} and {@code aitta.slow-log}; reference.conf explains them.
 *
 * @param tables that have a label of their own
 * @param partitions that have one
 * @param sample how often what is costly to know is looked up
 * @param slowThreshold from when on a request is slow
 * @param slowEntries how many slow requests are kept
 * @param problemsPerSecond how many requests that were answered by an error are logged
 */
public record MetricsSettings(
        int tables, int partitions, Duration sample, Duration slowThreshold, int slowEntries, int problemsPerSecond) {
    public static MetricsSettings read(Settings settings) {
        ConfigSection metrics = settings.section("aitta.metrics");
        ConfigSection slow = settings.section("aitta.slow-log");
        return new MetricsSettings(
                metrics.integer("tables", 1, 10_000),
                metrics.integer("partitions", 1, 100_000),
                metrics.duration("sample", Duration.ofMillis(100), Duration.ofMinutes(10)),
                slow.duration("threshold", Duration.ofMillis(1), Duration.ofHours(1)),
                slow.integer("entries", 1, 100_000),
                settings.section("aitta.request-log").integer("problems-per-second", 0, 100_000));
    }
}
