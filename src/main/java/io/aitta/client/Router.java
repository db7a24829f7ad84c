package io.aitta.client;

import io.aitta.core.hash.KeyHash;
import io.aitta.proto.v1.Node;
import io.aitta.proto.v1.NodeState;
import io.aitta.proto.v1.PartitionRoute;
import io.aitta.proto.v1.Replica;
import io.aitta.proto.v1.Role;
import io.aitta.proto.v1.Table;
import io.aitta.proto.v1.Topology;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * What the client knows of the cluster, and so which node to ask: the primary's if it is known and answers, else any.
 * Knowledge only makes calls shorter: any node takes any call. Thread-safe.
 */
final class Router {
    /** For so long a node that did not answer is the last to be asked. */
    private static final long SUSPECT_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Where a key lives. */
    record Place(String table, byte[] key) {}

    private record Slice(String table, int partition) {}

    private record View(
            long epoch, Map<String, Integer> partitionCounts, Map<Slice, Endpoint> primaries, List<Endpoint> nodes) {}

    private final List<Endpoint> given;
    private final ConcurrentHashMap<Endpoint, Long> failedAtNanos = new ConcurrentHashMap<>();
    /** Single routes told by nodes since the view was made. */
    private final ConcurrentHashMap<Slice, Endpoint> told = new ConcurrentHashMap<>();

    private volatile View view = new View(0, Map.of(), Map.of(), List.of());

    /** @param given where to begin; at least one */
    Router(List<Endpoint> given) {
        this.given = List.copyOf(given);
    }

    /** The epoch of what is known; 0: nothing is. */
    long epoch() {
        return view.epoch;
    }

    /**
     * The node to ask next.
     *
     * @param place null if any node will do
     * @param tried nodes this call has been to; if it has been everywhere, the round begins again
     */
    Endpoint pick(Place place, Set<Endpoint> tried) {
        var order = new LinkedHashSet<Endpoint>();
        Endpoint primary = place == null ? null : primaryOf(place);
        if (primary != null) {
            order.add(primary);
        }
        List<Endpoint> all = all();
        int start = ThreadLocalRandom.current().nextInt(all.size());
        for (int i = 0; i < all.size(); i++) {
            order.add(all.get((start + i) % all.size()));
        }
        long now = System.nanoTime();
        return order.stream()
                .filter(node -> !tried.contains(node) && !isSuspect(node, now))
                .findFirst()
                .or(() -> order.stream().filter(node -> !tried.contains(node)).findFirst())
                .or(() -> order.stream().filter(node -> !isSuspect(node, now)).findFirst())
                .orElseGet(() -> order.iterator().next());
    }

    /** Whether {@link #pick} would name a node that is not in {@code tried}. */
    boolean hasMoreThan(Set<Endpoint> tried) {
        return !tried.containsAll(all());
    }

    /** The node did not answer. */
    void failed(Endpoint node) {
        failedAtNanos.put(node, System.nanoTime());
    }

    void answered(Endpoint node) {
        failedAtNanos.remove(node);
    }

    /** Notes where a node says a partition's primary is. */
    void learn(String table, PartitionRoute route) {
        if (!route.getEndpoint().isEmpty()) {
            told.put(new Slice(table, route.getPartition()), Endpoint.parse(route.getEndpoint()));
        }
    }

    /** Takes a topology unless it is older than what is known. */
    synchronized void learn(Topology topology) {
        if (topology.getEpoch() < view.epoch) {
            return;
        }
        var endpoints = new HashMap<String, Endpoint>();
        var nodes = new ArrayList<Endpoint>();
        for (Node node : topology.getNodesList()) {
            if (!node.getGrpcEndpoint().isEmpty()) {
                Endpoint endpoint = Endpoint.parse(node.getGrpcEndpoint());
                endpoints.put(node.getId(), endpoint);
                if (node.getState() == NodeState.NODE_UP) {
                    nodes.add(endpoint);
                }
            }
        }
        var counts = new HashMap<String, Integer>();
        for (Table table : topology.getTablesList()) {
            counts.put(table.getName(), table.getPartitions());
        }
        var primaries = new HashMap<Slice, Endpoint>();
        for (var partition : topology.getPartitionsList()) {
            for (Replica replica : partition.getReplicasList()) {
                Endpoint endpoint = endpoints.get(replica.getNode());
                if (replica.getRole() == Role.PRIMARY && endpoint != null) {
                    primaries.put(new Slice(partition.getTable(), partition.getPartition()), endpoint);
                }
            }
        }
        view = new View(topology.getEpoch(), counts, primaries, nodes);
        told.clear();
    }

    private Endpoint primaryOf(Place place) {
        View known = view;
        int partitions = known.partitionCounts.getOrDefault(place.table, 0);
        if (partitions <= 0) {
            return null;
        }
        var slice = new Slice(place.table, KeyHash.partitionOf(place.key, partitions));
        Endpoint newer = told.get(slice);
        return newer != null ? newer : known.primaries.get(slice);
    }

    private List<Endpoint> all() {
        var all = new LinkedHashSet<>(view.nodes);
        all.addAll(given);
        return List.copyOf(all);
    }

    private boolean isSuspect(Endpoint node, long nowNanos) {
        Long at = failedAtNanos.get(node);
        return at != null && nowNanos - at < SUSPECT_NANOS;
    }
}
