package io.aitta.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What the command line of {@code aitta serve} says. It is laid over the configuration file, which is laid over the
 * defaults; what is empty here was not said.
 *
 * @param config a file that exists and can be read
 * @param grpcPort 0 (any free port) to 65,535; so are the other ports
 * @param seeds {@code host:port} of other nodes' cluster ports, each checked for its form
 * @param weight above 0
 * @param overrides configuration keys, each beginning with {@code aitta.}, and their values as written
 */
public record ServeOptions(
        Optional<Path> config,
        Optional<String> nodeId,
        Optional<Path> dataDir,
        Optional<String> host,
        OptionalInt grpcPort,
        OptionalInt clusterPort,
        OptionalInt httpPort,
        List<String> seeds,
        Optional<String> zone,
        OptionalInt weight,
        Map<String, String> overrides) {
    public ServeOptions {
        seeds = List.copyOf(seeds);
        overrides = Map.copyOf(overrides);
    }
}
