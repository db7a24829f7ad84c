package io.aitta.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Removes all keys of a table. */
@Command(
        name = "flush",
        description = {
            "Removes all keys of a table; the table stays. This cannot be taken back.",
            "",
            "Prints OK. Atomic within each partition, not over all of them."
        },
        footer = {"", "JSON: {\"done\"}; with --ack fast {\"sent\"}", "", "Examples:", "  aitta -t cache flush --yes"})
final class FlushCommand extends ClusterCommand {
    @Option(names = "--yes", description = "Required: says that the data is to be lost.")
    private boolean yes;

    @Mixin
    private WriteMixin writes;

    @Override
    public Integer call() {
        if (!yes) {
            throw CommandFailed.badInput("this would remove all keys of table " + Values.quoted(common().table())
                    + " for good; add --yes if that is what you want");
        }
        boolean fast = writes.isFast();
        writes.over(table()).blocking().flush();
        return fast
                ? writes.sent(this, Answers.object())
                : answer("OK", Answers.object().put("done", true));
    }
}
