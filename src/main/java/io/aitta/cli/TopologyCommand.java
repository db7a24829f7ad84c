package io.aitta.cli;

import io.aitta.proto.v1.Topology;
import picocli.CommandLine.Command;

/** Prints the whole topology. */
@Command(
        name = "topology",
        description = {
            "Prints who holds what, and who is up.",
            "",
            "The topology as the answering node knows it: its epoch, the nodes and which are up, the tables, and which "
                    + "node holds which partition in which role."
        },
        footer = {
            "",
            "JSON:"
                    + " {\"epoch\",\"cluster_id\",\"orchestrator_node\",\"balancing_paused\",\"nodes\":[..],\"tables\":[..],",
            "       \"partitions\":[..]}, as in 'node list', 'table list' and 'partition list'",
            "",
            "Examples:",
            "  aitta topology",
            "  aitta -o json topology | jq .epoch"
        })
final class TopologyCommand extends ClusterCommand {
    @Override
    public Integer call() {
        Topology topology = admin().topology();
        if (json()) {
            answers().json(TopologyReport.json(topology));
        } else {
            answers().text(TopologyReport.topology(topology));
        }
        return ExitStatus.DONE;
    }
}
