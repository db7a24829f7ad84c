package io.aitta.gateway;

/**
 * What people may ask of the whole cluster and order it to do, in the API's words: for every door that lets them. The
 * orchestrator may run on any node, and so may the replicas that are asked how they are. All is thread-safe. The stages
 * never fail: what went wrong is an answer. They come at most a little after the deadline, which is on {@link
 * System#nanoTime()}'s clock.
 */
public record ClusterAdmin(
        TableAdmin tables,
        NodeAdmin nodes,
        ReplicaAdmin replicas,
        TopologyHistory history,
        InfoAdmin info,
        CheckAdmin checks) {}
