package io.aitta.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * All that can be set about a node, parsed and validated once at boot. Weakest to strongest: reference.conf (every key,
 * explained), application.conf (the wiring), the operator's file, overrides, flags. System properties outside
 * {@code aitta} stand above all, as Pekko's users expect. Immutable.
 *
 * @param config the same, merged and resolved: for the actor system, and for the sections that other packages read with
 *     {@link #section(String)}
 */
public record Settings(NodeSettings node, GrpcSettings grpc, HttpSettings http, LimitSettings limits, Config config) {
    private static final String OVERRIDES = "the command line";

    /** @throws ConfigException naming the key or flag that is wrong, where it was set, and what would be right */
    public static Settings load(ServeOptions options) {
        Config wiring = ConfigFactory.parseResources("application.conf");
        Config reference = ConfigFactory.defaultReferenceUnresolved();
        ConfigObject known = wiring.withFallback(reference).resolve().root();
        Config file = options.config().map(Settings::parse).orElse(ConfigFactory.empty());
        Config given = flags(options)
                .withFallback(overrides(options.overrides(), known))
                .withFallback(file);
        Config merged = resolved(
                ConfigFactory.defaultOverrides()
                        .withoutPath("aitta")
                        .withFallback(given)
                        .withFallback(wiring)
                        .withFallback(reference),
                options);
        new KnownKeys(known).check(merged.root());
        return read(merged);
    }

    private static Settings read(Config merged) {
        GrpcSettings grpc = GrpcSettings.read(ConfigSection.of(merged, "aitta.grpc"));
        return new Settings(
                NodeSettings.read(ConfigSection.of(merged, "aitta.node")),
                grpc,
                HttpSettings.read(ConfigSection.of(merged, "aitta.http")),
                LimitSettings.read(ConfigSection.of(merged, "aitta.limits"), grpc),
                merged);
    }

    /** A section of {@link #config()}, such as {@code aitta.store}. */
    public ConfigSection section(String path) {
        return ConfigSection.of(config, path);
    }

    private static Config parse(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new ConfigException("--config " + file + ": there is no such file");
        }
        try {
            return ConfigFactory.parseFile(file.toFile());
        } catch (com.typesafe.config.ConfigException failure) {
            throw new ConfigException("--config " + file + " cannot be read: " + failure.getMessage(), failure);
        }
    }

    private static Config resolved(Config unresolved, ServeOptions options) {
        try {
            return unresolved.resolve();
        } catch (com.typesafe.config.ConfigException failure) {
            String file =
                    options.config().map(path -> "--config " + path + ": ").orElse("");
            throw new ConfigException(file + failure.getMessage(), failure);
        }
    }

    /** Values given as text; where the key holds a list, the text is its elements between commas. */
    private static Config overrides(Map<String, String> overrides, ConfigObject known) {
        Config config = ConfigFactory.empty();
        for (var entry : overrides.entrySet()) {
            String key = entry.getKey();
            try {
                boolean isList =
                        known.toConfig().hasPath(key) && known.toConfig().getValue(key) instanceof ConfigList;
                Object value = isList ? List.of(entry.getValue().split(",")) : entry.getValue();
                config = config.withValue(key, ConfigValueFactory.fromAnyRef(value, OVERRIDES));
            } catch (com.typesafe.config.ConfigException failure) {
                throw new ConfigException("'" + key + "' is not a configuration key", failure);
            }
        }
        return config;
    }

    private static Config flags(ServeOptions options) {
        var flags = new Flags();
        options.nodeId().ifPresent(id -> flags.put("aitta.node.id", id, "--node-id"));
        options.dataDir().ifPresent(dir -> flags.put("aitta.node.data-dir", dir.toString(), "--data-dir"));
        options.host().ifPresent(host -> flags.put("aitta.node.host", host, "--host"));
        options.grpcPort().ifPresent(port -> flags.put("aitta.grpc.port", port, "--grpc-port"));
        options.clusterPort().ifPresent(port -> flags.put("aitta.node.cluster-port", port, "--cluster-port"));
        options.httpPort().ifPresent(port -> flags.put("aitta.http.port", port, "--http-port"));
        options.zone().ifPresent(zone -> flags.put("aitta.node.zone", zone, "--zone"));
        options.weight().ifPresent(weight -> flags.put("aitta.node.weight", weight, "--weight"));
        if (!options.seeds().isEmpty()) {
            flags.put("aitta.node.seeds", options.seeds(), "--seeds");
        }
        return flags.config;
    }

    private static final class Flags {
        private Config config = ConfigFactory.empty();

        void put(String key, Object value, String flag) {
            ConfigValue named = ConfigValueFactory.fromAnyRef(value, flag);
            config = config.withValue(key, named);
        }
    }
}
