package io.aitta.cli;

import io.aitta.proto.v1.MigrateResponse;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Heading of the commands about the meta group. */
@Command(
        name = "meta",
        description = "Shows and changes the meta group: the nodes that keep the topology.",
        subcommands = {MetaCommand.ListCommand.class, MetaCommand.AddCommand.class, MetaCommand.RemoveCommand.class})
final class MetaCommand extends Heading {
    private static final String TABLE = "_meta";
    private static final int PARTITION = 0;

    /** Prints the meta group. */
    @Command(
            name = "list",
            description = {
                "Prints the nodes that keep the topology.",
                "",
                "The topology is kept in a partition like any other, of the table _meta. While its majority is away,"
                        + " data is served, but nothing can be changed or moved."
            },
            footer = {
                "",
                "JSON: {\"epoch\",\"partition\":{..},\"migration\":{..}|null}, as in 'partition describe'",
                "",
                "Examples:",
                "  aitta meta list"
            })
    static final class ListCommand extends OrderCommand {
        @Override
        int order() {
            return PartitionCommand.describe(this, admin().partitions().describe(TABLE, PARTITION));
        }
    }

    /** Adds a node to it. */
    @Command(
            name = "add",
            description = {
                "Has one more node keep the topology.",
                "",
                "The same as 'aitta add-replica _meta 0 NODE'. By itself the group grows to three as nodes join, and"
                        + " its lost members are replaced; 'aitta table set-replicas _meta 5' has it grow to five."
            },
            footer = {
                "",
                "JSON: {\"epoch\",\"migration\":{..}}, as in 'migrations'",
                "",
                "Examples:",
                "  aitta meta add n4 --wait"
            })
    static final class AddCommand extends OneMove {
        @Parameters(paramLabel = "NODE", description = "The node.")
        private String node;

        @Override
        MigrateResponse begin(EpochMixin epoch) {
            return admin().migrations().addReplica(TABLE, PARTITION, node, false, epoch.expected());
        }
    }

    /** Takes a node out of it. */
    @Command(
            name = "remove",
            description = {
                "Has a node no longer keep the topology.",
                "",
                "The same as 'aitta remove-replica _meta 0 NODE'. The node stays in the cluster."
            },
            footer = {
                "",
                "JSON: {\"epoch\",\"migration\":{..}}, as in 'migrations'",
                "",
                "Examples:",
                "  aitta meta remove n1 --wait"
            })
    static final class RemoveCommand extends OneMove {
        @Parameters(paramLabel = "NODE", description = "The node.")
        private String node;

        @Override
        MigrateResponse begin(EpochMixin epoch) {
            return admin().migrations().removeReplica(TABLE, PARTITION, node, epoch.expected());
        }
    }
}
