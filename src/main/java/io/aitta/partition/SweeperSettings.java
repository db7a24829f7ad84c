package io.aitta.partition;

import io.aitta.config.Settings;
import java.time.Duration;

/**
 * The sections {@code aitta.expiry} and {@code aitta.watch}: what {@link ExpirySweeper} takes away, and how fast.
 *
 * @param interval between looks for what has expired
 * @param keysAtOnce that one write removes
 * @param pause between two such writes to one partition, at least
 * @param keepChangeBytes of changes that each replica keeps for watchers
 */
public record SweeperSettings(Duration interval, int keysAtOnce, Duration pause, long keepChangeBytes) {
    /** @throws io.aitta.config.ConfigException naming the key that is wrong and what would be right */
    public static SweeperSettings read(Settings settings) {
        var expiry = settings.section("aitta.expiry");
        return new SweeperSettings(
                expiry.duration("interval", Duration.ofMillis(10), Duration.ofHours(1)),
                expiry.integer("keys-at-once", 1, 10_000),
                expiry.duration("pause", Duration.ZERO, Duration.ofMinutes(1)),
                settings.section("aitta.watch").bytes("keep-bytes", 0, Integer.MAX_VALUE));
    }
}
