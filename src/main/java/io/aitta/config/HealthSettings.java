package io.aitta.config;

import java.time.Duration;

/**
 * When a node calls itself unwell; the section {@code aitta.health}.
 *
 * @param slowAfter a disk that has not answered for so long makes the node unready
 * @param hungAfter one that has not for so long makes it not alive
 * @param leastSpaceBytes with less on a disk that it writes to the node is unready
 */
public record HealthSettings(Duration slowAfter, Duration hungAfter, long leastSpaceBytes) {
    public static HealthSettings read(Settings settings) {
        var section = settings.section("aitta.health");
        Duration longest = Duration.ofHours(1);
        var health = new HealthSettings(
                section.duration("slow-after", Duration.ofMillis(100), longest),
                section.duration("hung-after", Duration.ofMillis(100), longest),
                section.bytes("least-space", 0, Integer.MAX_VALUE));
        section.require(
                health.slowAfter.compareTo(health.hungAfter) <= 0,
                "slow-after",
                "no longer than aitta.health.hung-after");
        return health;
    }
}
