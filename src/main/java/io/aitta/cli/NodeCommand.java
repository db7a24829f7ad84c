package io.aitta.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aitta.proto.v1.ListNodesResponse;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Heading of the commands about nodes. */
@Command(name = "node", description = "Shows the nodes of the cluster.", subcommands = NodeCommand.ListCommand.class)
final class NodeCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), Cli.missingCommand(spec));
    }

    /** Prints the nodes. */
    @Command(
            name = "list",
            description = "Prints every node: whether it is up, where it stands, and how much it carries.",
            footer = {
                "",
                "JSON: {\"epoch\",\"nodes\":[{\"id\",\"state\":\"up\"|\"unreachable\"|\"down\",\"zone\",\"weight\",",
                "       \"grpc_endpoint\",\"cluster_endpoint\",\"http_endpoint\",\"primaries\",\"secondaries\"}]}",
                "",
                "Examples:",
                "  aitta node list",
                "  aitta -o json node list | jq -r '.nodes[] | select(.state == \"up\") | .id'"
            })
    static final class ListCommand extends ListingCommand<ListNodesResponse> {
        @Override
        ListNodesResponse ask() {
            return admin().listNodes();
        }

        @Override
        long epoch(ListNodesResponse answer) {
            return answer.getEpoch();
        }

        @Override
        String text(ListNodesResponse answer) {
            return TopologyReport.nodes(answer.getNodesList());
        }

        @Override
        void put(ObjectNode json, ListNodesResponse answer) {
            TopologyReport.putNodes(json, answer.getNodesList());
        }
    }
}
