package io.aitta.cli;

import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import picocli.CommandLine.Option;

/** Whether an answer is printed once, or until Ctrl-C whenever it has changed: painted over where that can be done. */
final class FollowMixin {
    private static final long EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);

    @Option(
            names = "--follow",
            description =
                    "Go on until Ctrl-C: on a terminal what is shown is painted over, elsewhere it is printed again"
                            + " when it has changed.")
    private boolean follow;

    private String shown = "";
    private long lookedAt = System.nanoTime() - EVERY_NANOS;

    boolean isGiven() {
        return follow;
    }

    /** @param ask gives what the cluster answers now: lines of text, or one of JSON */
    int print(ClusterCommand command, Supplier<String> ask) {
        if (!follow) {
            command.answers().text(ask.get());
            return ExitStatus.DONE;
        }
        Waiting.until(Optional.empty(), () -> {
            long now = System.nanoTime();
            if (now - lookedAt >= EVERY_NANOS) {
                lookedAt = now;
                show(command, ask.get());
            }
            return Optional.of("");
        });
        return ExitStatus.DONE;
    }

    /** Prints it if it is news. */
    void show(ClusterCommand command, String text) {
        if (text.equals(shown)) {
            return;
        }
        boolean over = command.surroundings().terminal() && !command.json();
        command.answers().text(over ? Painting.over(Painting.lines(shown), text) : text);
        command.surroundings().out().flush();
        shown = text;
    }
}
