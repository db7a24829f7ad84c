package io.aitta.partition;

import io.aitta.config.Settings;
import java.time.Duration;

/**
 * The section {@code aitta.scan}: the moments that a node keeps for scans.
 *
 * @param keep how long a moment is kept after its last use
 * @param moments that are kept at the same time
 */
public record ScanSettings(Duration keep, int moments) {
    /** @throws io.aitta.config.ConfigException naming the key that is wrong and what would be right */
    public static ScanSettings read(Settings settings) {
        var section = settings.section("aitta.scan");
        return new ScanSettings(
                section.duration("keep", Duration.ofSeconds(1), Duration.ofHours(1)),
                section.integer("moments", 1, 10_000));
    }
}
