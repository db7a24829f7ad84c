package io.aitta.cli;

import io.aitta.client.TableOptions;
import java.util.List;
import picocli.CommandLine.Option;

/** The options of tables that can be given when one is made, and changed later. */
final class TableOptionsMixin {
    /** What a table's reads can see. */
    static final class Levels extends ListOfWords {
        Levels() {
            super(List.of("strong", "session", "eventual"));
        }
    }

    @Option(
            names = "--default-ttl",
            paramLabel = "TIME",
            description = "How long values live that are set without a time, such as 30s or 7d; or never.")
    private String timeToLive;

    @Option(
            names = "--default-consistency",
            paramLabel = "LEVEL",
            completionCandidates = Levels.class,
            description = "What reads see that do not say it: strong, session or eventual.")
    private String consistency;

    @Option(
            names = "--max-value-size",
            paramLabel = "SIZE",
            description = "The largest value, such as 4096 (bytes) or 64KiB; 0: the cluster's limit.")
    private String maxValueSize;

    boolean isGiven() {
        return timeToLive != null || consistency != null || maxValueSize != null;
    }

    TableOptions options() {
        TableOptions options = TableOptions.UNCHANGED;
        if (timeToLive != null) {
            options = timeToLive.equals("never")
                    ? options.withoutDefaultTimeToLive()
                    : options.withDefaultTimeToLive(Script.time(timeToLive));
        }
        if (consistency != null) {
            options = options.withDefaultConsistency(
                    ReadMixin.named("--default-consistency", consistency, "strong, session or eventual"));
        }
        return maxValueSize == null ? options : options.withMaxValueBytes(bytes());
    }

    private int bytes() {
        long bytes = Sizes.parse(maxValueSize).orElse(Long.MAX_VALUE);
        if (bytes > Integer.MAX_VALUE) {
            throw CommandFailed.badInput("--max-value-size is a number of bytes up to 2GiB, such as 4096, 64KiB or "
                    + "1MiB, not " + Values.quoted(maxValueSize));
        }
        return (int) bytes;
    }
}
