package io.aitta.client;

import io.aitta.proto.v1.Node;
import io.aitta.proto.v1.Partition;
import io.aitta.proto.v1.Table;
import io.aitta.proto.v1.Topology;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Makes a whole topology of one before it and what has changed since. */
final class TopologyReplay {
    private TopologyReplay() {}

    /**
     * @param changes with a {@code base_epoch}, which is the epoch of {@code base}
     * @return as a node that does not speak of differences would have sent it
     */
    static Topology apply(Topology base, Topology changes) {
        var nodes = new TreeMap<String, Node>();
        base.getNodesList().forEach(node -> nodes.put(node.getId(), node));
        changes.getRemovedNodesList().forEach(nodes::remove);
        changes.getNodesList().forEach(node -> nodes.put(node.getId(), node));
        var tables = new TreeMap<String, Table>();
        base.getTablesList().forEach(table -> tables.put(table.getName(), table));
        changes.getRemovedTablesList().forEach(tables::remove);
        changes.getTablesList().forEach(table -> tables.put(table.getName(), table));
        return Topology.newBuilder()
                .setEpoch(changes.getEpoch())
                .setClusterId(changes.getClusterId())
                .setOrchestratorNode(changes.getOrchestratorNode())
                .setBalancingPaused(changes.getBalancingPaused())
                .addAllNodes(nodes.values())
                .addAllTables(tables.values())
                .addAllPartitions(partitions(base, changes, tables))
                .build();
    }

    /** By table, in the order of their names, and by number. */
    private static List<Partition> partitions(Topology base, Topology changes, Map<String, Table> tables) {
        var gone = new HashSet<>(changes.getRemovedTablesList());
        var byTable = new HashMap<String, TreeMap<Integer, Partition>>();
        tables.keySet().forEach(name -> byTable.put(name, new TreeMap<>()));
        for (Partition partition : base.getPartitionsList()) {
            var ofTable = byTable.get(partition.getTable());
            if (ofTable != null && !gone.contains(partition.getTable())) {
                ofTable.put(partition.getPartition(), partition);
            }
        }
        for (Partition partition : changes.getPartitionsList()) {
            var ofTable = byTable.get(partition.getTable());
            if (ofTable != null) {
                ofTable.put(partition.getPartition(), partition);
            }
        }
        var all = new ArrayList<Partition>();
        tables.keySet().forEach(name -> all.addAll(byTable.get(name).values()));
        return all;
    }
}
