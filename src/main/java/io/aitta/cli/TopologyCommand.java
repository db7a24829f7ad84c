package io.aitta.cli;

import io.aitta.proto.v1.Node;
import io.aitta.proto.v1.NodeState;
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
            "JSON: {\"epoch\",\"cluster_id\",\"orchestrator_node\",\"nodes\":[..],\"tables\":[..],\"partitions\":[..]}",
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
            var json = Answers.object()
                    .put("epoch", topology.getEpoch())
                    .put("cluster_id", topology.getClusterId())
                    .put("orchestrator_node", topology.getOrchestratorNode());
            TopologyReport.putNodes(json, topology.getNodesList());
            TopologyReport.putTables(json, topology.getTablesList());
            TopologyReport.putPartitions(json, topology.getPartitionsList());
            answers().json(json);
            return ExitStatus.DONE;
        }
        long up = topology.getNodesList().stream()
                .map(Node::getState)
                .filter(NodeState.NODE_UP::equals)
                .count();
        answers()
                .line("epoch " + topology.getEpoch() + ", cluster " + TopologyReport.orDash(topology.getClusterId())
                        + ", orchestrator on " + TopologyReport.orDash(topology.getOrchestratorNode()) + ", " + up
                        + " of "
                        + topology.getNodesCount() + " nodes up");
        answers().text("\n" + TopologyReport.nodes(topology.getNodesList()));
        answers().text("\n" + TopologyReport.tables(topology.getTablesList()));
        answers().text("\n" + TopologyReport.partitions(topology.getPartitionsList()));
        return ExitStatus.DONE;
    }
}
