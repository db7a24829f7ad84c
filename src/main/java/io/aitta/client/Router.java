package io.aitta.client;

import io.aitta.core.hash.KeyHash;
import io.aitta.proto.v1.Node;
import io.aitta.proto.v1.NodeState;
import io.aitta.proto.v1.Partition;
import io.aitta.proto.v1.PartitionRoute;
import io.aitta.proto.v1.ReadConsistency;
import io.aitta.proto.v1.Replica;
import io.aitta.proto.v1.Role;
import io.aitta.proto.v1.Topology;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * What the client knows of the cluster, and so which node to ask: the primary's or the nearest replica's if it is known
 * and answers, else any. Knowledge only makes calls shorter: any node takes any call. Thread-safe; a first try costs one
 * look-up and allocates nothing.
 */
final class Router {
    /** Where a key lives. */
    record Place(String table, byte[] key) {}

    /** Which of the replicas may answer. */
    enum Reach {
        PRIMARY,
        NEAREST
    }

    /** A table as of one topology. */
    private static final class TableView {
        final int partitions;
        final ReadConsistency defaultConsistency;
        /** By partition; null where it is not known. Nodes tell of single moves between two topologies. */
        final AtomicReferenceArray<Endpoint> primaries;
        /** By partition: the replicas for reads that are up, those in our zone first. */
        final Endpoint[][] replicas;
        /** By partition: how many of {@link #replicas} are in our zone. */
        final int[] near;

        TableView(int partitions, ReadConsistency defaultConsistency) {
            this.partitions = partitions;
            this.defaultConsistency = defaultConsistency;
            this.primaries = new AtomicReferenceArray<>(partitions);
            this.replicas = new Endpoint[partitions][0];
            this.near = new int[partitions];
        }
    }

    /** @param all where any call can go: the nodes that are up, and those we began with; at least one */
    private record View(long epoch, Map<String, TableView> tables, Endpoint[] all) {}

    private final List<Endpoint> given;
    private final String zone;
    private final NodeHealth health = new NodeHealth();
    private volatile View view;

    /**
     * @param given where to begin; at least one
     * @param zone where this client is; empty: not known
     */
    Router(List<Endpoint> given, String zone) {
        this.given = List.copyOf(given);
        this.zone = zone;
        this.view = new View(0, Map.of(), all(List.of()));
    }

    /** The epoch of what is known; 0: nothing is. */
    long epoch() {
        return view.epoch;
    }

    /** How many partitions a table has; 0: not known. */
    int partitions(String table) {
        TableView known = view.tables.get(table);
        return known == null ? 0 : known.partitions;
    }

    /** What a read of this table gets that does not ask for anything; UNSPECIFIED: not known. */
    ReadConsistency defaultConsistency(String table) {
        TableView known = view.tables.get(table);
        return known == null ? ReadConsistency.READ_CONSISTENCY_UNSPECIFIED : known.defaultConsistency;
    }

    /**
     * The node to ask next.
     *
     * @param place null if any node will do
     * @param tried nodes this call has been to; if it has been everywhere, the round begins again
     */
    Endpoint pick(Place place, Reach reach, Set<Endpoint> tried) {
        View known = view;
        long now = System.nanoTime();
        TableView table = place == null ? null : known.tables.get(place.table);
        Endpoint wanted = null;
        if (table != null) {
            int partition = KeyHash.partitionOf(place.key, table.partitions);
            wanted = reach == Reach.NEAREST ? nearest(table, partition, tried, now) : table.primaries.get(partition);
            if (wanted != null && isGood(wanted, tried, now)) {
                return wanted;
            }
        }
        return any(known.all, wanted, tried, now);
    }

    /** The node to ask about a whole partition: that of its primary, if it is known and answers, else any. */
    Endpoint pick(String table, int partition) {
        View known = view;
        long now = System.nanoTime();
        TableView there = known.tables.get(table);
        Endpoint primary = there == null || partition >= there.partitions ? null : there.primaries.get(partition);
        return primary != null && isGood(primary, Set.of(), now) ? primary : any(known.all, primary, Set.of(), now);
    }

    /** Whether {@link #pick(Place, Reach, Set)} would name a node that is not in {@code tried}. */
    boolean hasMoreThan(Set<Endpoint> tried) {
        for (Endpoint node : view.all) {
            if (!tried.contains(node)) {
                return true;
            }
        }
        return false;
    }

    NodeHealth health() {
        return health;
    }

    /** Notes where a node says a partition's primary is. */
    void learn(String table, PartitionRoute route) {
        TableView known = view.tables.get(table);
        if (known != null
                && route.getPartition() < known.partitions
                && !route.getEndpoint().isEmpty()) {
            known.primaries.set(route.getPartition(), Endpoint.parse(route.getEndpoint()));
        }
    }

    /** Takes a topology unless it is older than what is known. */
    synchronized void learn(Topology topology) {
        if (topology.getEpoch() < view.epoch) {
            return;
        }
        var nodes = new HashMap<String, Node>();
        var endpoints = new HashMap<String, Endpoint>();
        var up = new ArrayList<Endpoint>();
        for (Node node : topology.getNodesList()) {
            if (!node.getGrpcEndpoint().isEmpty()) {
                Endpoint endpoint = Endpoint.parse(node.getGrpcEndpoint());
                nodes.put(node.getId(), node);
                endpoints.put(node.getId(), endpoint);
                if (isUp(node)) {
                    up.add(endpoint);
                }
            }
        }
        var tables = new HashMap<String, TableView>();
        for (var table : topology.getTablesList()) {
            var consistency = table.getOptions().getDefaultReadConsistency();
            tables.put(table.getName(), new TableView(table.getPartitions(), consistency));
        }
        for (var partition : topology.getPartitionsList()) {
            TableView table = tables.get(partition.getTable());
            if (table != null && partition.getPartition() < table.partitions) {
                place(table, partition, nodes, endpoints);
            }
        }
        view = new View(topology.getEpoch(), tables, all(up));
        health.forgetOthersThan(Set.of(view.all));
    }

    /** A node that is being drained serves as before, until nothing is left on it. */
    private static boolean isUp(Node node) {
        return node.getState() == NodeState.NODE_UP || node.getState() == NodeState.NODE_DRAINING;
    }

    /** A learner is there for clients of its own zone. While something is moved, it may be one that has nothing yet. */
    private boolean servesReads(Partition partition, Node learner) {
        return partition.getMigration() == 0 && !zone.isEmpty() && zone.equals(learner.getZone());
    }

    private void place(TableView table, Partition partition, Map<String, Node> nodes, Map<String, Endpoint> endpoints) {
        int number = partition.getPartition();
        var near = new ArrayList<Endpoint>();
        var far = new ArrayList<Endpoint>();
        for (Replica replica : partition.getReplicasList()) {
            Node node = nodes.get(replica.getNode());
            if (node == null || replica.getRole() == Role.LEARNER && !servesReads(partition, node)) {
                continue;
            }
            Endpoint endpoint = endpoints.get(replica.getNode());
            if (replica.getRole() == Role.PRIMARY) {
                table.primaries.set(number, endpoint);
            }
            if (isUp(node)) {
                (zone.isEmpty() || zone.equals(node.getZone()) ? near : far).add(endpoint);
            }
        }
        table.near[number] = near.size();
        near.addAll(far);
        table.replicas[number] = near.toArray(Endpoint[]::new);
    }

    private Endpoint nearest(TableView table, int partition, Set<Endpoint> tried, long now) {
        Endpoint[] replicas = table.replicas[partition];
        int near = table.near[partition];
        Endpoint found = fastest(replicas, 0, near, tried, now);
        return found != null ? found : fastest(replicas, near, replicas.length, tried, now);
    }

    /** Of those that are good; one at random among equals, so that reads spread. Null if there is none. */
    private Endpoint fastest(Endpoint[] nodes, int from, int to, Set<Endpoint> tried, long now) {
        int count = to - from;
        Endpoint found = null;
        int start = count > 1 ? ThreadLocalRandom.current().nextInt(count) : 0;
        for (int i = 0; i < count; i++) {
            Endpoint node = nodes[from + (start + i) % count];
            if (isGood(node, tried, now) && (found == null || health.isClearlyFaster(node, found, now))) {
                found = node;
            }
        }
        return found;
    }

    /** @param wanted who would be best, though it is not good now; null: nobody in particular */
    private Endpoint any(Endpoint[] all, Endpoint wanted, Set<Endpoint> tried, long now) {
        int start = ThreadLocalRandom.current().nextInt(all.length);
        Endpoint untried = wanted != null && !tried.contains(wanted) ? wanted : null;
        Endpoint healthy = wanted != null && !health.isSuspect(wanted, now) ? wanted : null;
        for (int i = 0; i < all.length; i++) {
            Endpoint node = all[(start + i) % all.length];
            if (isGood(node, tried, now)) {
                return node;
            }
            if (untried == null && !tried.contains(node)) {
                untried = node;
            }
            if (healthy == null && !health.isSuspect(node, now)) {
                healthy = node;
            }
        }
        if (untried != null) {
            return untried;
        }
        if (healthy != null) {
            return healthy;
        }
        return wanted != null ? wanted : all[start];
    }

    private boolean isGood(Endpoint node, Set<Endpoint> tried, long now) {
        return !tried.contains(node) && !health.isSuspect(node, now);
    }

    private Endpoint[] all(List<Endpoint> up) {
        var all = new LinkedHashSet<>(up);
        all.addAll(given);
        return all.toArray(Endpoint[]::new);
    }
}
