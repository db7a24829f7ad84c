package io.aitta.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What was said on the command line of {@code serve}. Whatever is absent or empty is left to the configuration.
 *
 * @param seeds HOST:PORT of other nodes' cluster ports
 * @param overrides configuration keys and their values, weaker than the flags, stronger than the file
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
    /** Nothing said: the configuration alone decides. */
    public static final ServeOptions NONE = new ServeOptions(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            List.of(),
            Optional.empty(),
            OptionalInt.empty(),
            Map.of());

    public ServeOptions {
        seeds = List.copyOf(seeds);
        overrides = Map.copyOf(overrides);
    }
}
