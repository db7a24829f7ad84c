package io.aitta.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aitta.proto.v1.ListPartitionsResponse;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Heading of the commands about partitions. */
@Command(
        name = "partition",
        description = "Shows the partitions of tables.",
        subcommands = PartitionCommand.ListCommand.class)
final class PartitionCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), Cli.missingCommand(spec));
    }

    /** Prints the partitions. */
    @Command(
            name = "list",
            description = "Prints which node holds each partition in which role, of one table or of all.",
            footer = {
                "",
                "JSON: {\"epoch\",\"partitions\":[{\"table\",\"partition\",\"term\",",
                "       \"replicas\":[{\"node\",\"role\":\"primary\"|\"secondary\"|\"learner\"}]}]}",
                "",
                "Examples:",
                "  aitta partition list",
                "  aitta partition list users"
            })
    static final class ListCommand extends ListingCommand<ListPartitionsResponse> {
        @Parameters(arity = "0..1", paramLabel = "TABLE", description = "Only the partitions of this table.")
        private String name;

        @Override
        ListPartitionsResponse ask() {
            return admin().listPartitions(name == null ? "" : name);
        }

        @Override
        long epoch(ListPartitionsResponse answer) {
            return answer.getEpoch();
        }

        @Override
        String text(ListPartitionsResponse answer) {
            return TopologyReport.partitions(answer.getPartitionsList());
        }

        @Override
        void put(ObjectNode json, ListPartitionsResponse answer) {
            TopologyReport.putPartitions(json, answer.getPartitionsList());
        }
    }
}
