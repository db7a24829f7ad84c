package io.aitta.cli;

import java.util.OptionalLong;
import picocli.CommandLine.Option;

/** For orders that are right for one topology alone. */
final class EpochMixin {
    @Option(
            names = "--if-epoch",
            paramLabel = "E",
            description = "Only if the topology is still at this epoch; else it is refused with STALE_EPOCH.")
    private Long epoch;

    OptionalLong expected() {
        if (epoch != null && epoch < 1) {
            throw CommandFailed.badInput("an epoch is 1 or more, not " + epoch);
        }
        return epoch == null ? OptionalLong.empty() : OptionalLong.of(epoch);
    }
}
