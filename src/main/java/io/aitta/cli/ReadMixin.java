package io.aitta.cli;

import io.aitta.client.AittaTable;
import io.aitta.client.Consistency;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Option;

/** What all commands share that read keys: what a read must see. */
final class ReadMixin {
    /** The words for it, which tables have too. */
    static final class Levels extends ListOfWords {
        Levels() {
            super(List.of("strong", "session", "eventual", "default"));
        }
    }

    @Option(
            names = "--consistency",
            paramLabel = "LEVEL",
            completionCandidates = Levels.class,
            description = "What the read must see: strong (all acknowledged before it began), session (all that this "
                    + "client saw before), eventual (whatever the nearest replica has) or default (the table's).")
    private String consistency;

    @Option(
            names = "--max-staleness",
            paramLabel = "TIME",
            converter = TimeConverter.class,
            description = "With eventual: all acknowledged so long ago must be seen.")
    private Duration maxStaleness;

    AittaTable over(AittaTable table) {
        return table.withConsistency(consistency());
    }

    private Consistency consistency() {
        String level = consistency == null ? "default" : consistency;
        if (maxStaleness != null && !level.equals("eventual")) {
            throw CommandFailed.badInput("--max-staleness goes with --consistency eventual, not " + level);
        }
        return switch (level) {
            case "default" -> Consistency.TABLE_DEFAULT;
            case "eventual" -> maxStaleness == null ? Consistency.eventual() : Consistency.eventual(maxStaleness);
            default -> named("--consistency", level, "strong, session, eventual or default");
        };
    }

    /** @param choice what could have been said, for the complaint */
    static Consistency named(String option, String level, String choice) {
        return switch (level) {
            case "strong" -> Consistency.STRONG;
            case "session" -> Consistency.SESSION;
            case "eventual" -> Consistency.eventual();
            default -> throw CommandFailed.badInput(option + " is one of " + choice + ", not " + Values.quoted(level));
        };
    }
}
