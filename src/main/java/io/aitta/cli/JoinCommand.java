package io.aitta.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aitta.client.Endpoint;
import io.aitta.proto.v1.Node;
import io.aitta.proto.v1.NodeState;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Tells how a node is added. */
@Command(
        name = "join",
        description = {
            "Prints the command that starts a node of this cluster on another machine.",
            "",
            "A node joins by being started with the addresses of nodes that are in the cluster already. It is"
                    + " registered within seconds, and filled by itself. This command changes nothing."
        },
        footer = {
            "",
            "JSON: {\"node_id\",\"seeds\":[\"host:port\"],\"command\"}",
            "",
            "Examples:",
            "  aitta join",
            "  aitta join --host 10.0.0.4 --data-dir /var/lib/aitta --zone west"
        })
final class JoinCommand extends ClusterCommand {
    private static final int MOST_SEEDS = 3;
    private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "::1");

    @Option(names = "--node-id", paramLabel = "ID", description = "The new node's name (default: the next free one).")
    private String nodeId;

    @Option(names = "--host", paramLabel = "H", description = "The new machine's address (default: a placeholder).")
    private String host;

    @Option(names = "--data-dir", paramLabel = "D", description = "Where it keeps its data (default: a placeholder).")
    private String dataDir;

    @Option(names = "--zone", paramLabel = "Z", description = "Where it stands.")
    private String zone;

    @Override
    public Integer call() {
        List<Node> nodes = admin().listNodes().getNodesList();
        List<Node> seeds = nodes.stream()
                .filter(node -> node.getState() == NodeState.NODE_UP)
                .limit(MOST_SEEDS)
                .toList();
        if (seeds.isEmpty()) {
            throw new CommandFailed(
                    ExitStatus.REFUSED_OR_UNAVAILABLE, "no node is up that one could join; see 'aitta node list'");
        }
        String id = nodeId == null ? nextId(nodes) : nodeId;
        List<Node> members = nodes.stream()
                .filter(node -> node.getState() != NodeState.NODE_REMOVED)
                .toList();
        String command = command(id, members, seeds);
        if (json()) {
            ObjectNode json = Answers.object().put("node_id", id);
            ArrayNode array = json.putArray("seeds");
            seeds.forEach(seed -> array.add(seed.getClusterEndpoint()));
            answers().json(json.put("command", command));
            return ExitStatus.DONE;
        }
        answers().line("On the new machine, start a node:");
        answers().line("");
        answers().line("  " + command);
        answers().line("");
        answers()
                .line("It is in 'aitta node list' within seconds, and is filled by itself: 'aitta migrations"
                        + " --follow'.");
        return ExitStatus.DONE;
    }

    private String command(String id, List<Node> members, List<Node> seeds) {
        boolean here = host == null
                && members.stream()
                        .allMatch(node -> LOOPBACK.contains(endpoint(node).host()));
        var words = new ArrayList<>(List.of("aitta serve --node-id " + id));
        words.add("--data-dir " + (dataDir == null ? "DIRECTORY" : dataDir));
        words.add("--host " + (host != null ? host : here ? "127.0.0.1" : "ADDRESS"));
        if (here) {
            // All on one machine: the usual ports are taken.
            int port = members.stream()
                            .mapToInt(node -> endpoint(node).port())
                            .max()
                            .orElseThrow()
                    + 9;
            words.add("--grpc-port " + port + " --cluster-port " + (port + 1) + " --http-port " + (port + 2));
        }
        if (zone != null) {
            words.add("--zone " + zone);
        }
        words.add("--seeds " + seeds.stream().map(Node::getClusterEndpoint).collect(Collectors.joining(",")));
        return String.join(" \\\n      ", words);
    }

    private static Endpoint endpoint(Node node) {
        return Endpoint.parse(node.getClusterEndpoint());
    }

    /** After n1 to n3 it is n4, though one of them was removed: its data directory may be where it was. */
    private static String nextId(List<Node> nodes) {
        Set<String> taken = nodes.stream().map(Node::getId).collect(Collectors.toSet());
        int number = nodes.size() + 1;
        while (taken.contains("n" + number)) {
            number++;
        }
        return "n" + number;
    }
}
