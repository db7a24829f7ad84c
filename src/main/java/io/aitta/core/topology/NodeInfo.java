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
 * @param ownZone as its own settings say: nodes that are likely to fail together share one
 * @param ownWeight as its own settings say: how much it should carry beside the others, 0 to {@link #MAX_WEIGHT}; 0: gets
 *     nothing
 * @param registeredEpoch in which it became known; {@link Epoch#ZERO} before that
 * @param orders what holds in the place of its own settings
 */
public record NodeInfo(
        NodeId id,
        String incarnation,
        String host,
        int grpcPort,
        int clusterPort,
        int httpPort,
        String ownZone,
        int ownWeight,
        Epoch registeredEpoch,
        NodeOrders orders) {
    public static final int MAX_WEIGHT = 10_000;

    public NodeInfo {
        if (incarnation.isEmpty()) {
            throw new IllegalArgumentException("node " + id + " has no incarnation");
        }
        if (ownWeight < 0 || ownWeight > MAX_WEIGHT) {
            throw new IllegalArgumentException("weight " + ownWeight + " of node " + id + " is not 0 to " + MAX_WEIGHT);
        }
        checkPort(id, grpcPort);
        checkPort(id, clusterPort);
        checkPort(id, httpPort);
    }

    /** As a node tells of itself: without orders, and not registered yet. */
    public static NodeInfo told(
            NodeId id,
            String incarnation,
            String host,
            int grpcPort,
            int clusterPort,
            int httpPort,
            String zone,
            int weight) {
        return new NodeInfo(
                id, incarnation, host, grpcPort, clusterPort, httpPort, zone, weight, Epoch.ZERO, NodeOrders.NONE);
    }

    /** The zone in force. */
    public String zone() {
        return orders.zone().orElse(ownZone);
    }

    /** The weight in force. */
    public int weight() {
        return orders.weight().orElse(ownWeight);
    }

    public NodeInfo withRegisteredEpoch(Epoch epoch) {
        return new NodeInfo(id, incarnation, host, grpcPort, clusterPort, httpPort, ownZone, ownWeight, epoch, orders);
    }

    public NodeInfo withOrders(NodeOrders given) {
        return new NodeInfo(
                id, incarnation, host, grpcPort, clusterPort, httpPort, ownZone, ownWeight, registeredEpoch, given);
    }

    private static void checkPort(NodeId id, int port) {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("port " + port + " of node " + id + " is not 0 to 65535");
        }
    }
}
