package io.aitta.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aitta.proto.v1.DescribeNodeResponse;
import io.aitta.proto.v1.ListNodesResponse;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Heading of the commands about nodes. */
@Command(
        name = "node",
        description = "Shows the nodes of the cluster, drains, replaces and removes them.",
        subcommands = {
            NodeCommand.ListCommand.class,
            NodeCommand.DescribeCommand.class,
            NodeDrainCommand.class,
            NodeCommand.UndrainCommand.class,
            NodeReplaceCommand.class,
            NodeRemoveCommand.class,
            NodeCommand.SetWeightCommand.class,
            NodeCommand.SetZoneCommand.class
        })
final class NodeCommand extends Heading {
    /** Prints the nodes. */
    @Command(
            name = "list",
            description = {
                "Prints every node: whether it is up, where it stands, and how much it carries.",
                "",
                "States: joining (a member that is not registered yet), up, unreachable, draining (up, and its"
                        + " replicas are going elsewhere), down, removed. A long host name is cut in text, not in JSON.",
                "",
                "What each has to do is in 'aitta info' and 'aitta node describe'."
            },
            footer = {
                "",
                "JSON:"
                        + " {\"epoch\",\"nodes\":[{\"id\",\"state\":\"up\"|\"unreachable\"|\"down\"|\"joining\"|\"draining\"|",
                "       \"removed\",\"zone\",\"weight\",\"grpc_endpoint\",\"cluster_endpoint\",\"http_endpoint\",",
                "       \"primaries\",\"secondaries\",\"learners\",\"draining\",\"lost\",\"replaced_by\"}]}",
                "",
                "Examples:",
                "  aitta node list",
                "  aitta node list --follow",
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

    /** Prints one node. */
    @Command(
            name = "describe",
            description = {
                "Prints a node: its state and load, each replica it holds, and the moves to it and from it.",
                "",
                "The load is of the last 10 s, and what the node itself tells, as is the state of its replicas."
            },
            footer = {
                "",
                "JSON: {\"epoch\",\"node\":{..,\"load\":{\"store_bytes\",\"journal_bytes\",\"writes_per_second\",",
                "       \"reads_per_second\",\"uptime_millis\"}|null},\"partitions\":[..],\"migrations\":[..],",
                "       \"stranded\":[..]}, as in 'node list', 'partition list --live' and 'migrations'; stranded:",
                "       sentences on what a draining node cannot give away",
                "",
                "Examples:",
                "  aitta node describe n2"
            })
    static final class DescribeCommand extends OrderCommand {
        @Parameters(paramLabel = "NODE", description = "The node.")
        private String node;

        @Override
        int order() {
            DescribeNodeResponse answer = admin().nodes().describe(node);
            if (json()) {
                var json = Answers.object().put("epoch", answer.getEpoch());
                json.set("node", LiveReport.nodeJson(answer.getNode()));
                LiveReport.putPartitions(json, answer.getPartitionsList());
                MovesReport.putMigrations(json, answer.getMigrationsList());
                answer.getStrandedList().forEach(json.putArray("stranded")::add);
                answers().json(json);
                return ExitStatus.DONE;
            }
            answers().text(LiveReport.node(answer.getNode()));
            answer.getStrandedList().forEach(answers()::line);
            if (answer.getPartitionsCount() > 0) {
                answers().text("\n" + LiveReport.held(node, answer.getPartitionsList()));
            }
            if (answer.getMigrationsCount() > 0) {
                answers().text("\n" + MovesReport.progress(answer.getMigrationsList()));
            }
            return ExitStatus.DONE;
        }
    }

    /** Takes a drain back. */
    @Command(
            name = "undrain",
            description = {
                "Lets a node carry replicas again.",
                "",
                "What has left it comes back only as the balance wants it. Moves that are under way are finished."
            },
            footer = {"", "JSON: {\"epoch\"}", "", "Examples:", "  aitta node undrain n2"})
    static final class UndrainCommand extends OrderCommand {
        @Parameters(paramLabel = "NODE", description = "The node.")
        private String node;

        @Override
        int order() {
            return ordered(
                    "node " + node + " may carry replicas again",
                    admin().nodes().undrain(node));
        }
    }

    /** Changes a node's share. */
    @Command(
            name = "set-weight",
            description = {
                "Sets how much a node carries beside the others.",
                "",
                "A node of weight 2 gets twice as many replicas as one of weight 1; one of weight 0 gets none, and its"
                        + " own leave it. Holds in the place of what the node's own settings say, also after a restart."
                        + " The balance follows in the background."
            },
            footer = {
                "",
                "JSON: {\"epoch\"}",
                "",
                "Examples:",
                "  aitta node set-weight n2 200",
                "  aitta node set-weight n3 0"
            })
    static final class SetWeightCommand extends OrderCommand {
        @Parameters(index = "0", paramLabel = "NODE", description = "The node.")
        private String node;

        @Parameters(index = "1", paramLabel = "WEIGHT", description = "0 to 10000.")
        private int weight;

        @Override
        int order() {
            return ordered(
                    "node " + node + " has weight " + weight, admin().nodes().setWeight(node, weight));
        }
    }

    /** Changes where a node stands. */
    @Command(
            name = "set-zone",
            description = {
                "Says where a node stands.",
                "",
                "Nodes that are likely to fail together share a zone; the replicas of a partition are spread over"
                        + " zones. Holds in the place of what the node's own settings say, also after a restart. Replicas"
                        + " that share a zone then are moved in the background."
            },
            footer = {"", "JSON: {\"epoch\"}", "", "Examples:", "  aitta node set-zone n2 west"})
    static final class SetZoneCommand extends OrderCommand {
        @Parameters(index = "0", paramLabel = "NODE", description = "The node.")
        private String node;

        @Parameters(index = "1", paramLabel = "ZONE", description = "1 to 64 letters, digits, '-', '_' and '.'.")
        private String zone;

        @Override
        int order() {
            return ordered(
                    "node " + node + " is in zone " + zone, admin().nodes().setZone(node, zone));
        }
    }
}
