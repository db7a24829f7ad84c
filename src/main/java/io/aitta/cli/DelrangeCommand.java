package io.aitta.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Removes the keys of a range. */
@Command(
        name = "delrange",
        description = {
            "Removes all keys of a part of a table. This cannot be taken back.",
            "",
            "Prints OK. Atomic within each partition, not over all of them. For a hash tag give a prefix that contains "
                    + "it: --prefix '{acct}'. For the whole table there is flush."
        },
        footer = {
            "",
            "JSON: {\"done\"}; with --ack fast {\"sent\"}",
            "",
            "Examples:",
            "  aitta delrange --prefix session: --yes",
            "  aitta delrange --prefix '{acct}' --yes",
            "  aitta delrange --from 2025 --to 2026 --yes"
        })
final class DelrangeCommand extends ClusterCommand {
    @Mixin
    private RangeMixin range;

    @Option(names = "--yes", description = "Required: says that the data is to be lost.")
    private boolean yes;

    @Mixin
    private WriteMixin writes;

    @Override
    public Integer call() {
        if (!range.isGiven()) {
            throw CommandFailed.badInput(
                    "say which keys, with --prefix, --from or --to; 'aitta flush' removes all of a table");
        }
        if (!yes) {
            throw CommandFailed.badInput("this would remove keys of table " + Values.quoted(common().table())
                    + " for good; add --yes if that is what you want, and see with 'aitta scan' which they are");
        }
        boolean fast = writes.isFast();
        writes.over(table()).blocking().deleteRange(range.range());
        return fast
                ? writes.sent(this, Answers.object())
                : answer("OK", Answers.object().put("done", true));
    }
}
