package io.aitta.cli;

import java.io.PrintStream;
import java.util.Locale;
import java.util.OptionalLong;

/**
 * One line on a terminal that tells how far a transfer is, written over a few times a second: rows, bytes, how fast, and a
 * bar where the end is known. Of one thread.
 */
final class TransferProgress {
    private static final long EVERY_NANOS = 200_000_000L;
    private static final int BAR = 24;

    private final PrintStream err;
    private final boolean shown;
    /** Rewrites its line; elsewhere each is a line of its own. */
    private final boolean terminal;

    private final long begin = System.nanoTime();
    private long last = begin;

    TransferProgress(PrintStream err, boolean shown, boolean terminal) {
        this.err = err;
        this.shown = shown;
        this.terminal = terminal;
    }

    /** @param percent 0 to 100; empty: not known */
    void tell(long rows, long bytes, OptionalLong percent) {
        long now = System.nanoTime();
        if (shown && now - last >= (terminal ? EVERY_NANOS : 5 * EVERY_NANOS)) {
            last = now;
            print(rows, bytes, percent, false);
        }
    }

    void end(long rows, long bytes) {
        if (shown) {
            print(rows, bytes, OptionalLong.empty(), true);
        }
    }

    private void print(long rows, long bytes, OptionalLong percent, boolean end) {
        double seconds = Math.max(1e-3, (System.nanoTime() - begin) / 1e9);
        var line = new StringBuilder();
        percent.ifPresent(part -> {
            int filled = (int) Math.min(BAR, part * BAR / 100);
            line.append('[')
                    .append("=".repeat(filled))
                    .append(" ".repeat(BAR - filled))
                    .append("] ")
                    .append(Math.min(100, part))
                    .append(" % ");
        });
        line.append(String.format(
                Locale.ROOT,
                "%,d rows  %,.1f MiB  %,.0f rows/s  %,.1f MiB/s",
                rows,
                bytes / 1048576.0,
                rows / seconds,
                bytes / 1048576.0 / seconds));
        if (terminal) {
            err.print("\r" + line + "\u001b[K" + (end ? "\n" : ""));
            err.flush();
        } else {
            err.println(line);
        }
    }
}
