package io.aitta.cli;

import io.aitta.Main;
import io.aitta.client.Endpoint;
import io.aitta.config.ServeOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs one node in this process. */
@Command(
        name = "serve",
        description = {
            "Runs one node.",
            "",
            "It runs until it gets SIGTERM or Ctrl-C; it then hands its primaries over, stops, and ends as a process does "
                    + "that obeyed a signal: with status 143 or 130.",
            "",
            "What is not said here comes from the configuration file, and what that does not say from the defaults, which "
                    + "reference.conf explains. AITTA_JAVA_OPTS takes options for the Java VM, such as -Xmx2g.",
            "",
            "A node that other machines can reach wants TLS and tokens (aitta.security in the configuration file), or "
                    + "--insecure."
        },
        footer = {
            "",
            "Examples:",
            "  aitta serve --data-dir /var/lib/aitta",
            "  aitta serve --node-id n2 --data-dir /var/lib/aitta --host 10.0.0.2 --seeds 10.0.0.1:7401 --insecure",
            "  aitta serve --config /etc/aitta.conf -D aitta.bootstrap.expect-nodes=3"
        })
final class ServeCommand implements Callable<Integer> {
    @Option(names = "--config", paramLabel = "F", description = "A configuration file (HOCON).")
    private Path config;

    @Option(
            names = "--node-id",
            paramLabel = "N",
            description = "The node's stable name (default: the one in the data directory, else a new one).")
    private String nodeId;

    @Option(names = "--data-dir", paramLabel = "D", description = "Where the node keeps its data.")
    private Path dataDir;

    @Option(names = "--host", paramLabel = "H", description = "The address to listen on and to be known by.")
    private String host;

    @Option(names = "--grpc-port", paramLabel = "PORT", description = "The port for clients (default: 7400).")
    private Integer grpcPort;

    @Option(names = "--cluster-port", paramLabel = "PORT", description = "The port for other nodes (default: 7401).")
    private Integer clusterPort;

    @Option(
            names = "--http-port",
            paramLabel = "PORT",
            description = "The port for health and management (default: 7402).")
    private Integer httpPort;

    @Option(
            names = "--seeds",
            paramLabel = "H:P,..",
            split = ",",
            hideParamSyntax = true,
            description = "Cluster ports of nodes to join; the first may be this node's own.")
    private List<String> seeds = List.of();

    @Option(names = "--zone", paramLabel = "Z", description = "Where the node stands; replicas are spread over zones.")
    private String zone;

    @Option(
            names = "--weight",
            paramLabel = "W",
            description = "How much the node should carry beside others, 0 to 10000 (default: 1); 0: nothing.")
    private Integer weight;

    @Option(
            names = "--insecure",
            description = "Lets other machines reach this node although TLS or tokens are missing.")
    private boolean insecure;

    @Option(names = "-D", paramLabel = "aitta.key=value", description = "Sets a configuration key; may be repeated.")
    private Map<String, String> overrides = new LinkedHashMap<>();

    @Option(names = "--stop-with", paramLabel = "PID", hidden = true, description = "Stops when that process ends.")
    private Long stopWith;

    @Override
    public Integer call() {
        ServeOptions options = options();
        if (stopWith != null) {
            followToTheEnd(stopWith);
        }
        return Main.run(options);
    }

    /** What was said, checked. */
    ServeOptions options() {
        if (config != null && !Files.isReadable(config)) {
            throw CommandFailed.badInput("--config: there is no readable file " + Values.quoted(config.toString()));
        }
        for (String seed : seeds) {
            checkSeed(seed);
        }
        for (String key : overrides.keySet()) {
            if (!key.startsWith("aitta.")) {
                throw CommandFailed.badInput("-D sets keys that begin with 'aitta.', not " + Values.quoted(key));
            }
        }
        var keys = new LinkedHashMap<>(overrides);
        if (insecure) {
            keys.put("aitta.security.insecure", "on");
        }
        return new ServeOptions(
                Optional.ofNullable(config),
                Optional.ofNullable(nodeId),
                Optional.ofNullable(dataDir),
                Optional.ofNullable(host),
                port("--grpc-port", grpcPort),
                port("--cluster-port", clusterPort),
                port("--http-port", httpPort),
                seeds.stream().map(String::strip).toList(),
                Optional.ofNullable(zone),
                weight == null ? OptionalInt.empty() : OptionalInt.of(weight),
                keys);
    }

    private static void checkSeed(String seed) {
        try {
            Endpoint.parse(seed);
        } catch (IllegalArgumentException e) {
            throw CommandFailed.badInput("--seeds: " + e.getMessage());
        }
    }

    private static OptionalInt port(String option, Integer port) {
        if (port == null) {
            return OptionalInt.empty();
        }
        if (port < 0 || port > 65_535) {
            throw CommandFailed.badInput(option + " must be 0 (any free port) to 65535, not " + port);
        }
        return OptionalInt.of(port);
    }

    /** A quickstart that is killed cannot stop its nodes; they see it themselves. */
    private static void followToTheEnd(long pid) {
        ProcessHandle.of(pid)
                .orElseThrow(() -> CommandFailed.badInput("--stop-with: there is no process " + pid))
                .onExit()
                .thenRun(() -> System.exit(ExitStatus.REFUSED_OR_UNAVAILABLE));
    }
}
