package io.aitta.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Changes how many voters a table's partitions have. */
@Command(
        name = "set-replicas",
        description = {
            "Sets how many voters each partition of a table has.",
            "",
            "It is made so in the background, one step at a time for each partition; clients notice nothing. What was"
                    + " ordered for single partitions is forgotten. At most the nodes that are up and not drained."
        },
        footer = {
            "",
            "JSON: {\"epoch\"}",
            "",
            "Examples:",
            "  aitta table set-replicas users 5",
            "  aitta table set-replicas users 3 && aitta wait-healthy"
        })
final class TableSetReplicasCommand extends OrderCommand {
    @Parameters(index = "0", paramLabel = "TABLE", description = "The table.")
    private String table;

    @Parameters(index = "1", paramLabel = "R", description = "1 to 7.")
    private int replicas;

    @Override
    int order() {
        return ordered(
                "table " + table + " is to have " + replicas + " replicas", admin().setTableReplicas(table, replicas));
    }
}
