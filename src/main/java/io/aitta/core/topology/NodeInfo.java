package io.aitta.core.topology;

import io.aitta.core.NodeId;

/**
 * What the cluster knows of one of its nodes.
 *
 * @param incarnation made once for each data directory: tells a node from another that took its name
 * @param host where its ports are reached
 * @param grpcPort the front door; 0 to 65,535, as are the others
 * @param clusterPort between nodes
 * @param httpPort management
 * @param zone nodes that are likely to fail together share one
 * @param weight how much it should carry beside the others, 0 to {@link #MAX_WEIGHT}; 0: gets nothing
 * @param registeredEpoch in which it became known; {@link Epoch#ZERO} before that
 */
public record NodeInfo(
        NodeId id,
        String incarnation,
        String host,
        int grpcPort,
        int clusterPort,
        int httpPort,
        String zone,
        int weight,
        Epoch registeredEpoch) {
    public static final int MAX_WEIGHT = 10_000;

    public NodeInfo {
        if (incarnation.isEmpty()) {
            throw new IllegalArgumentException("node " + id + " has no incarnation");
        }
        if (weight < 0 || weight > MAX_WEIGHT) {
            throw new IllegalArgumentException("weight " + weight + " of node " + id + " is not 0 to " + MAX_WEIGHT);
        }
        checkPort(id, grpcPort);
        checkPort(id, clusterPort);
        checkPort(id, httpPort);
    }

    public NodeInfo withRegisteredEpoch(Epoch epoch) {
        return new NodeInfo(id, incarnation, host, grpcPort, clusterPort, httpPort, zone, weight, epoch);
    }

    private static void checkPort(NodeId id, int port) {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("port " + port + " of node " + id + " is not 0 to 65535");
        }
    }
}
