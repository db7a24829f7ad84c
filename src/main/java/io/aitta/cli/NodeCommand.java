package io.aitta.cli;

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
    static final class ListCommand extends ClusterCommand {
        @Override
        public Integer call() {
            var answer = admin().listNodes();
            if (json()) {
                var json = Answers.object().put("epoch", answer.getEpoch());
                TopologyReport.putNodes(json, answer.getNodesList());
                answers().json(json);
            } else {
                answers().text(TopologyReport.nodes(answer.getNodesList()));
            }
            return ExitStatus.DONE;
        }
    }
}
