package io.aitta.cli;

import io.aitta.client.Endpoint;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * One node of a quickstart: node i (from 0) is named n(i+1), and its ports are 10 i above those of the first.
 *
 * @param grpcPort the clients' port; the next two are for other nodes and for management
 */
record NodePlan(String id, int grpcPort, Path dataDir) {
    static final String HOST = "127.0.0.1";
    private static final int STEP = 10;

    static List<NodePlan> of(int nodes, int basePort, Path dataDir) {
        return IntStream.range(0, nodes)
                .mapToObj(i -> new NodePlan("n" + (i + 1), basePort + STEP * i, dataDir.resolve("n" + (i + 1))))
                .toList();
    }

    Endpoint endpoint() {
        return new Endpoint(HOST, grpcPort);
    }

    int clusterPort() {
        return grpcPort + 1;
    }

    int httpPort() {
        return grpcPort + 2;
    }

    Path log() {
        return dataDir.resolve("log").resolve("node.log");
    }

    /** The arguments of this node's {@code serve}. */
    List<String> serveArguments(List<NodePlan> all) {
        String seeds = all.stream().map(node -> HOST + ":" + node.clusterPort()).collect(Collectors.joining(","));
        var arguments = new ArrayList<>(List.of("serve", "--node-id", id, "--data-dir", dataDir.toString()));
        arguments.addAll(List.of("--host", HOST, "--grpc-port", Integer.toString(grpcPort)));
        arguments.addAll(List.of("--cluster-port", Integer.toString(clusterPort())));
        arguments.addAll(List.of("--http-port", Integer.toString(httpPort()), "--seeds", seeds));
        arguments.addAll(List.of("-D", "aitta.bootstrap.expect-nodes=" + all.size()));
        arguments.addAll(
                List.of("--stop-with", Long.toString(ProcessHandle.current().pid())));
        return arguments;
    }
}
