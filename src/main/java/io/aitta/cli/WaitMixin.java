package io.aitta.cli;

import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Whether a command returns when something is ordered, or when it is done. */
final class WaitMixin {
    @Option(
            names = "--wait",
            description = "Return when it is done, not when it is ordered; on stderr it is told how far it is.")
    private boolean wait;

    @Option(
            names = "--within",
            paramLabel = "TIME",
            converter = TimeConverter.class,
            description = "With --wait: return with exit code 1 if it takes longer, such as 30s or 2h. It goes on then "
                    + "(default: as long as it takes).")
    private Duration within;

    boolean isGiven() {
        if (within != null && !wait) {
            throw CommandFailed.badInput("--within goes with --wait");
        }
        return wait;
    }

    Optional<Duration> within() {
        return Optional.ofNullable(within);
    }
}
