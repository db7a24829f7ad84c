package io.aitta.cli;

import io.aitta.client.Endpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Starts a cluster on this machine, with a prompt on it. */
@Command(
        name = "quickstart",
        description = {
            "Starts a cluster on this machine, with a prompt.",
            "",
            "Its nodes are real processes. Where stdin is not a terminal, the commands that come from it are run, one a "
                    + "line, instead of a prompt. At the end (exit, end of input, Ctrl-C, SIGTERM) it stops what it "
                    + "started. The exit code is that of the last command.",
            "",
            "Node i, counted from 0, listens on ports 7400+10i (gRPC), 7401+10i (cluster) and 7402+10i (HTTP) of "
                    + "127.0.0.1. Without --data-dir the data is removed at the end.",
            "",
            "The prompt is that of 'aitta repl'."
        },
        footer = {
            "",
            "Examples:",
            "  aitta quickstart",
            "  aitta quickstart --nodes 5 --data-dir ./data     the data is there again the next time",
            "  printf 'set greeting hello\\nget greeting\\n' | aitta quickstart"
        })
final class QuickstartCommand implements Callable<Integer> {
    private static final Duration READY_LIMIT = Duration.ofSeconds(120);
    private static final int MOST_NODES = 16;
    private static final String NODE_MEMORY = "-Xms64m -Xmx512m";

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--nodes",
            paramLabel = "N",
            defaultValue = "3",
            description = "How many nodes, 1 to 16 (default: 3).")
    private int nodes;

    @Option(
            names = "--data-dir",
            paramLabel = "D",
            description = "Keep the data here, that of each node in D/n1, D/n2, ...")
    private Path dataDir;

    @Option(
            names = "--base-port",
            paramLabel = "PORT",
            defaultValue = "7400",
            description = "The first node's gRPC port, from which all others are counted (default: 7400).")
    private int basePort;

    private Surroundings surroundings;
    private Defaults defaults;

    void attach(Surroundings surroundings, Defaults defaults) {
        this.surroundings = surroundings;
        this.defaults = defaults;
    }

    @Override
    public Integer call() {
        if (nodes < 1 || nodes > MOST_NODES) {
            throw CommandFailed.badInput("--nodes must be 1 to " + MOST_NODES + ", not " + nodes);
        }
        if (basePort < 1 || basePort > 65_535 - 10 * nodes) {
            throw CommandFailed.badInput("--base-port must be 1 to " + (65_535 - 10 * nodes) + ", not " + basePort);
        }
        LocalCluster.checkPorts(NodePlan.of(nodes, basePort, Path.of(".")));
        Path data = dataDirectory();
        List<NodePlan> plans = NodePlan.of(nodes, basePort, data);
        Runnable afterwards = dataDir == null ? () -> LocalCluster.remove(data) : () -> {};
        long begin = System.nanoTime();
        try (var cluster = new LocalCluster(plans, afterwards)) {
            surroundings.err().println("starting " + nodesText() + " ...");
            cluster.start(nodeCommand(surroundings.environment().getOrDefault("AITTA_JAVA_OPTS", NODE_MEMORY)));
            cluster.awaitReady(READY_LIMIT);
            String endpoints =
                    cluster.endpoints().stream().map(Endpoint::toString).collect(Collectors.joining(","));
            sayReady(data, (System.nanoTime() - begin) / 1e9, endpoints);
            Defaults said = ((Aitta) spec.root().userObject()).over(defaults);
            var here = new Defaults(endpoints, new Login(false, "", ""), said.table(), said.output(), said.timeout());
            try (var cli = Cli.forPrompt(surroundings, here)) {
                return new Prompt(cli, surroundings).run();
            }
        }
    }

    private void sayReady(Path data, double seconds, String endpoints) {
        String removed = dataDir == null ? " (removed at the end)" : "";
        surroundings
                .err()
                .printf(Locale.ROOT, "%s ready in %.1f s; data in %s%s%n", nodesText(), seconds, data, removed);
        if (surroundings.terminal()) {
            String where = Defaults.of(Map.of()).endpoints().equals(NodePlan.HOST + ":" + basePort)
                    ? ""
                    : " --endpoints " + endpoints;
            surroundings
                    .err()
                    .println("'help' lists the commands, 'exit' stops the nodes; from another terminal: ./aitta" + where
                            + " COMMAND");
        }
    }

    private String nodesText() {
        return nodes == 1 ? "1 node" : nodes + " nodes";
    }

    private Path dataDirectory() {
        try {
            return dataDir == null
                    ? Files.createTempDirectory("aitta-quickstart-")
                    : Files.createDirectories(dataDir.toAbsolutePath().normalize());
        } catch (IOException e) {
            throw CommandFailed.badInput("--data-dir: a directory cannot be made there: " + e);
        }
    }

    /** This same program, as a small long-running process. */
    private static List<String> nodeCommand(String javaOptions) {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                // A small common pool would start a thread for every asynchronous stage of a CompletableFuture.
                "-Djava.util.concurrent.ForkJoinPool.common.parallelism=4"));
        Arrays.stream(javaOptions.split("\\s+")).filter(word -> !word.isEmpty()).forEach(command::add);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Aitta.class.getName()));
        return command;
    }
}
