package io.aitta.core.topology;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Who holds what, at one epoch. Immutable. Nodes come in the order of their ids, tables in the order of their names,
 * partitions by number.
 *
 * <p>Invariants, checked when it is made: every table has as many partitions as it says, each numbered by its place and
 * named after the table; every replica is on a known node; every move is of a partition there is, one for each at most,
 * which holds the replicas the move speaks of.
 */
public final class Topology {
    /** Before anything is known. */
    public static final Topology EMPTY = new Topology(Epoch.ZERO, "", List.of(), Map.of());

    /** How many removed nodes are remembered. */
    public static final int REMOVED_KEPT = 1_000;

    private final Epoch epoch;
    private final String clusterId;
    private final Map<NodeId, NodeInfo> nodes;
    private final Map<String, TableInfo> tables;
    private final Map<String, List<PartitionInfo>> partitions;
    private final Moves moves;
    private final List<RemovedNode> removed;
    // Made when first asked for; making it twice in a race does no harm.
    private volatile Map<NodeId, List<PartitionInfo>> byNode;

    /** One in which nothing was moved or removed yet. */
    public Topology(
            Epoch epoch, String clusterId, Collection<NodeInfo> nodes, Map<TableInfo, List<PartitionInfo>> tables) {
        this(epoch, clusterId, nodes, tables, Moves.NONE, List.of());
    }

    /**
     * @param clusterId empty only for {@link #EMPTY}
     * @param tables each with its partitions by number
     * @param removed the last nodes that were removed, the newest last, at most {@link #REMOVED_KEPT}
     * @throws IllegalArgumentException if an invariant does not hold
     */
    public Topology(
            Epoch epoch,
            String clusterId,
            Collection<NodeInfo> nodes,
            Map<TableInfo, List<PartitionInfo>> tables,
            Moves moves,
            List<RemovedNode> removed) {
        this.moves = moves;
        this.removed = List.copyOf(removed);
        this.epoch = epoch;
        this.clusterId = clusterId;
        var nodesById = new TreeMap<NodeId, NodeInfo>();
        nodes.forEach(node -> nodesById.put(node.id(), node));
        this.nodes = ordered(nodesById);
        var tablesByName = new TreeMap<String, TableInfo>();
        var partitionsByTable = new TreeMap<String, List<PartitionInfo>>();
        tables.forEach((table, held) -> {
            check(table, held, nodesById);
            tablesByName.put(table.name(), table);
            partitionsByTable.put(table.name(), List.copyOf(held));
        });
        if (tablesByName.size() != tables.size()) {
            throw new IllegalArgumentException("two tables of one name in " + tables.keySet());
        }
        this.tables = ordered(tablesByName);
        this.partitions = ordered(partitionsByTable);
        checkMoves();
    }

    private void checkMoves() {
        if (moves.byPartition().size() != moves.underWay().size()) {
            throw new IllegalArgumentException("two moves of one partition in " + moves.underWay());
        }
        for (Move move : moves.underWay()) {
            boolean fits = partition(move.partition())
                    .filter(partition -> move.to().map(partition::isHeldBy).orElse(true))
                    .filter(partition -> move.from().map(partition::isHeldBy).orElse(true))
                    .isPresent();
            if (!fits || move.id() > moves.begun()) {
                throw new IllegalArgumentException(move + " does not fit the topology");
            }
        }
    }

    public Epoch epoch() {
        return epoch;
    }

    /** Empty before the cluster was founded. */
    public String clusterId() {
        return clusterId;
    }

    public Collection<NodeInfo> nodes() {
        return nodes.values();
    }

    public Optional<NodeInfo> node(NodeId id) {
        return Optional.ofNullable(nodes.get(id));
    }

    public Moves moves() {
        return moves;
    }

    /** The newest last; those of long ago are forgotten. */
    public List<RemovedNode> removed() {
        return removed;
    }

    /** All tables, the system's own among them. */
    public Collection<TableInfo> tables() {
        return tables.values();
    }

    public Optional<TableInfo> table(String name) {
        return Optional.ofNullable(tables.get(name));
    }

    /** By number; empty if there is no such table. */
    public List<PartitionInfo> partitionsOf(String table) {
        return partitions.getOrDefault(table, List.of());
    }

    /** Absent too if the table was dropped and made again since {@code id} was valid. */
    public Optional<PartitionInfo> partition(PartitionId id) {
        List<PartitionInfo> ofTable = partitionsOf(id.table());
        if (id.partition() >= ofTable.size()) {
            return Optional.empty();
        }
        PartitionInfo partition = ofTable.get(id.partition());
        return partition.id().equals(id) ? Optional.of(partition) : Optional.empty();
    }

    /** Of all tables, by table and number. */
    public List<PartitionInfo> partitions() {
        var all = new ArrayList<PartitionInfo>();
        partitions.values().forEach(all::addAll);
        return all;
    }

    public int partitionCount() {
        return partitions.values().stream().mapToInt(List::size).sum();
    }

    /** All partitions of which the node holds a replica, in whatever role; by table and number. */
    public List<PartitionInfo> partitionsOn(NodeId node) {
        Map<NodeId, List<PartitionInfo>> index = byNode;
        if (index == null) {
            index = indexByNode();
            byNode = index;
        }
        return index.getOrDefault(node, List.of());
    }

    private Map<NodeId, List<PartitionInfo>> indexByNode() {
        var index = new HashMap<NodeId, List<PartitionInfo>>();
        for (List<PartitionInfo> ofTable : partitions.values()) {
            for (PartitionInfo partition : ofTable) {
                for (ReplicaInfo replica : partition.replicas()) {
                    index.computeIfAbsent(replica.node(), node -> new ArrayList<>())
                            .add(partition);
                }
            }
        }
        index.replaceAll((node, held) -> Collections.unmodifiableList(held));
        return index;
    }

    private static void check(TableInfo table, List<PartitionInfo> held, Map<NodeId, NodeInfo> nodes) {
        if (held.size() != table.partitions()) {
            throw new IllegalArgumentException("table '" + table.name() + "' should have " + table.partitions()
                    + " partitions and has " + held.size());
        }
        for (int number = 0; number < held.size(); number++) {
            PartitionInfo partition = held.get(number);
            if (!partition.id().equals(table.partition(number))) {
                throw new IllegalArgumentException(
                        "partition " + partition.id() + " in the place of " + table.partition(number));
            }
            for (ReplicaInfo replica : partition.replicas()) {
                if (!nodes.containsKey(replica.node())) {
                    throw new IllegalArgumentException(
                            "partition " + partition.id() + " is on the unknown node " + replica.node());
                }
            }
        }
    }

    private static <K, V> Map<K, V> ordered(TreeMap<K, V> sorted) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(sorted));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Topology that
                && epoch.equals(that.epoch)
                && clusterId.equals(that.clusterId)
                && nodes.equals(that.nodes)
                && tables.equals(that.tables)
                && partitions.equals(that.partitions)
                && moves.equals(that.moves)
                && removed.equals(that.removed);
    }

    @Override
    public int hashCode() {
        return Objects.hash(epoch, clusterId);
    }

    @Override
    public String toString() {
        return "Topology(epoch " + epoch + ", cluster '" + clusterId + "', " + nodes.size() + " nodes, " + tables.size()
                + " tables, " + partitionCount() + " partitions)";
    }
}
