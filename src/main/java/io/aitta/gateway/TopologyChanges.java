package io.aitta.gateway;

import io.aitta.proto.v1.Node;
import io.aitta.proto.v1.Partition;
import io.aitta.proto.v1.Table;
import io.aitta.proto.v1.Topology;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * What changed between two topologies, as a message that says no more than that. Whoever has the one and takes the changes
 * in has the other. What both have as the same object costs one comparison of references.
 */
public final class TopologyChanges {
    private TopologyChanges() {}

    /**
     * @param base nodes by id, tables by name, partitions by table and number, as {@code now}
     * @return with {@code base_epoch}; all of {@code now}, without it, if the base is of epoch 0 or of another cluster
     */
    public static Topology between(Topology base, Topology now) {
        if (base.getEpoch() == 0 || !base.getClusterId().equals(now.getClusterId())) {
            return now;
        }
        var changes = Topology.newBuilder()
                .setEpoch(now.getEpoch())
                .setBaseEpoch(base.getEpoch())
                .setClusterId(now.getClusterId())
                .setOrchestratorNode(now.getOrchestratorNode())
                .setBalancingPaused(now.getBalancingPaused());
        Map<String, Node> nodes = by(base.getNodesList(), Node::getId);
        for (Node node : now.getNodesList()) {
            if (!node.equals(nodes.remove(node.getId()))) {
                changes.addNodes(node);
            }
        }
        nodes.keySet().stream().sorted().forEach(changes::addRemovedNodes);
        Map<String, Table> tables = by(base.getTablesList(), Table::getName);
        var made = new HashSet<String>();
        for (Table table : now.getTablesList()) {
            Table before = tables.remove(table.getName());
            if (before == null || before.getCreatedEpoch() != table.getCreatedEpoch()) {
                made.add(table.getName());
            }
            if (before != null && made.contains(table.getName())) {
                changes.addRemovedTables(table.getName());
            }
            if (!table.equals(before)) {
                changes.addTables(table);
            }
        }
        tables.keySet().stream().sorted().forEach(changes::addRemovedTables);
        addPartitions(changes, base.getPartitionsList(), now.getPartitionsList(), made);
        return changes.build();
    }

    /** Both lists are in one order, so they are walked side by side. */
    private static void addPartitions(
            Topology.Builder changes, List<Partition> base, List<Partition> now, HashSet<String> made) {
        int at = 0;
        for (Partition partition : now) {
            while (at < base.size() && compare(base.get(at), partition) < 0) {
                at++;
            }
            boolean same = at < base.size() && base.get(at).equals(partition);
            if (!same || made.contains(partition.getTable())) {
                changes.addPartitions(partition);
            }
        }
    }

    private static int compare(Partition one, Partition other) {
        if (one == other) {
            return 0;
        }
        int byTable = one.getTable().compareTo(other.getTable());
        return byTable != 0 ? byTable : Integer.compareUnsigned(one.getPartition(), other.getPartition());
    }

    private static <T> Map<String, T> by(List<T> all, Function<T, String> name) {
        var byName = new HashMap<String, T>();
        all.forEach(one -> byName.put(name.apply(one), one));
        return byName;
    }
}
