package io.aitta.config;

import io.aitta.core.NodeId;
import io.aitta.core.topology.NodeInfo;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Who this node is and where it stands; the section {@code aitta.node}.
 *
 * @param id absent: what the data directory says, or a new one
 * @param dataDir where all that the node keeps is kept
 * @param host what the node binds to, and what others reach it by
 * @param clusterPort the port between nodes; 0: any free one
 * @param seeds HOST:PORT of cluster ports; empty: this node founds a cluster, or waits to be joined
 * @param zone where it stands: replicas of a partition are spread over zones
 * @param weight how much it should carry beside others; 0: nothing
 */
public record NodeSettings(
        Optional<NodeId> id, Path dataDir, String host, int clusterPort, List<String> seeds, String zone, int weight) {
    private static final Pattern ZONE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,39}");

    static NodeSettings read(ConfigSection section) {
        return new NodeSettings(
                id(section),
                Path.of(section.string("data-dir")),
                host(section),
                section.integer("cluster-port", 0, 65_535),
                seeds(section),
                zone(section),
                section.integer("weight", 0, NodeInfo.MAX_WEIGHT));
    }

    private static Optional<NodeId> id(ConfigSection section) {
        String id = section.string("id");
        try {
            return id.isEmpty() ? Optional.empty() : Optional.of(new NodeId(id));
        } catch (IllegalArgumentException illegal) {
            throw new ConfigException(illegal.getMessage(), illegal);
        }
    }

    private static String host(ConfigSection section) {
        String host = section.string("host");
        boolean names = !host.isBlank() && !host.equals("0.0.0.0") && !host.equals("::");
        section.require(names, "host", "a name or address by which other nodes and clients reach this one");
        return host;
    }

    private static List<String> seeds(ConfigSection section) {
        var seeds = new ArrayList<String>();
        for (String seed : section.strings("seeds")) {
            section.require(
                    isHostAndPort(seed), "seeds", "HOST:PORT of other nodes' cluster ports, such as 10.0.0.1:7401");
            seeds.add(seed);
        }
        return List.copyOf(seeds);
    }

    private static boolean isHostAndPort(String seed) {
        int colon = seed.lastIndexOf(':');
        if (colon < 1 || !seed.substring(colon + 1).matches("[0-9]{1,5}")) {
            return false;
        }
        int port = Integer.parseInt(seed.substring(colon + 1));
        return port >= 1 && port <= 65_535;
    }

    private static String zone(ConfigSection section) {
        String zone = section.string("zone");
        section.require(
                ZONE.matcher(zone).matches(),
                "zone",
                "1 to 40 letters, digits, '.', '_' and '-', beginning with a letter or a digit");
        return zone;
    }
}
