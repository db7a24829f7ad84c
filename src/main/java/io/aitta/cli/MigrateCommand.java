package io.aitta.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Moves a replica; and takes a move back. */
@Command(
        name = "migrate",
        customSynopsis = {
            "aitta migrate [--if-epoch=E] [--wait [--within=TIME]] TABLE PARTITION FROM TO",
            "  or:  aitta migrate cancel ID"
        },
        description = {
            "Moves a replica of a partition from one node to another.",
            "",
            "The new node becomes a learner, is given a whole copy, catches up (for the last bit of it writers are"
                    + " throttled: SLOWDOWN), gets a vote, takes the primary's role over if FROM has it (STUCK, for"
                    + " milliseconds, while requests wait), and then FROM's replica goes, with its data. Clients notice"
                    + " nothing; every step survives the death of any node.",
            "",
            "What is moved by hand is not moved back for the balance's sake, except by 'aitta rebalance'. A table"
                    + " named 'cancel' is written after '--'."
        },
        footer = {
            "",
            "JSON: {\"epoch\",\"migration\":{..}}, as in 'migrations'",
            "",
            "Examples:",
            "  aitta migrate users 3 n1 n4",
            "  aitta migrate users 3 n1 n4 --wait --within 10m",
            "  aitta migrate cancel 17"
        },
        subcommands = MigrateCommand.CancelCommand.class)
final class MigrateCommand extends Migrating {
    /** Takes a move back. */
    @Command(
            name = "cancel",
            description = {
                "Takes a move back: the new replica goes, with its data, and the old one stays.",
                "",
                "Any move can be taken back, whoever began it; one of the balance or of a drain is begun again unless"
                        + " that is paused or undrained. Refused with MOVE_NOT_CANCELLABLE if it is over or too far; the"
                        + " exit code of a move that does not exist is 1."
            },
            footer = {"", "JSON: {\"epoch\"}", "", "Examples:", "  aitta migrate cancel 17"})
    static final class CancelCommand extends OrderCommand {
        @Parameters(paramLabel = "ID", description = "The move's number, as 'aitta migrations' prints it.")
        private long id;

        @Override
        int order() {
            return ordered(
                    "move " + id + " is being taken back", admin().migrations().cancel(id));
        }
    }
}
