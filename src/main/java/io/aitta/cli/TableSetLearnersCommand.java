package io.aitta.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Changes how many asynchronous copies a table's partitions have in a zone. */
@Command(
        name = "set-learners",
        description = {
            "Sets how many asynchronous copies each partition of a table has in a zone.",
            "",
            "Learners have no vote, so that no write waits for them; they serve EVENTUAL and SESSION reads near by."
                    + " They are made in the background."
        },
        footer = {
            "",
            "JSON: {\"epoch\"}",
            "",
            "Examples:",
            "  aitta table set-learners users west 1",
            "  aitta table set-learners users west 0          none there any more"
        })
final class TableSetLearnersCommand extends OrderCommand {
    @Parameters(index = "0", paramLabel = "TABLE", description = "The table.")
    private String table;

    @Parameters(index = "1", paramLabel = "ZONE", description = "The zone, as 'aitta node list' prints it.")
    private String zone;

    @Parameters(index = "2", paramLabel = "N", description = "0 to 7; 0: none.")
    private int count;

    @Override
    int order() {
        return ordered(
                "table " + table + " is to have " + count + " learners in zone " + zone,
                admin().setTableLearners(table, zone, count));
    }
}
