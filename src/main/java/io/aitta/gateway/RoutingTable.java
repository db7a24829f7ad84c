package io.aitta.gateway;

import io.aitta.core.PartitionId;
import io.aitta.proto.v1.PartitionRoute;
import io.aitta.proto.v1.ResponseHeader;
import io.aitta.proto.v1.Role;
import io.aitta.proto.v1.Table;
import io.aitta.proto.v1.Topology;
import java.util.HashMap;
import java.util.Map;

/**
 * What of a topology every request needs, laid out so that nothing has to be searched or made for it. Made anew with
 * each topology; immutable.
 */
final class RoutingTable {
    private final Topology topology;
    private final ResponseHeader plainHeader;
    private final Map<String, TableRoutes> tables = new HashMap<>();

    RoutingTable(Topology topology) {
        this.topology = topology;
        this.plainHeader =
                ResponseHeader.newBuilder().setEpoch(topology.getEpoch()).build();
        Map<String, String> endpoints = new HashMap<>();
        topology.getNodesList().forEach(node -> endpoints.put(node.getId(), node.getGrpcEndpoint()));
        topology.getTablesList().forEach(table -> tables.put(table.getName(), new TableRoutes(table)));
        for (var partition : topology.getPartitionsList()) {
            TableRoutes routes = tables.get(partition.getTable());
            if (routes != null && partition.getPartition() < routes.routes.length) {
                partition.getReplicasList().stream()
                        .filter(replica -> replica.getRole() == Role.PRIMARY)
                        .findFirst()
                        .ifPresent(primary -> routes.routes[partition.getPartition()] = PartitionRoute.newBuilder()
                                .setPartition(partition.getPartition())
                                .setPrimaryNode(primary.getNode())
                                .setEndpoint(endpoints.getOrDefault(primary.getNode(), ""))
                                .build());
            }
        }
    }

    boolean isOf(Topology other) {
        return topology == other;
    }

    /** @throws ProblemException if there is no such table */
    TableRoutes table(String name) {
        TableRoutes routes = tables.get(name);
        if (routes == null) {
            throw TableNames.unknown(name, topology);
        }
        return routes;
    }

    /** The header of an answer that has no partition of its own. */
    ResponseHeader header() {
        return plainHeader;
    }

    /** @param knownEpoch the client's; 0: it knows none, and needs no route */
    ResponseHeader header(long knownEpoch, TableRoutes table, int partition) {
        PartitionRoute route = table.routes[partition];
        if (knownEpoch == 0 || knownEpoch >= topology.getEpoch() || route == null) {
            return plainHeader;
        }
        return plainHeader.toBuilder().setRoute(route).build();
    }

    /** Where the partitions of one table are. */
    static final class TableRoutes {
        private final String name;
        private final PartitionId[] ids;
        private final PartitionRoute[] routes;

        private TableRoutes(Table table) {
            this.name = table.getName();
            this.ids = new PartitionId[table.getPartitions()];
            this.routes = new PartitionRoute[table.getPartitions()];
            for (int i = 0; i < ids.length; i++) {
                ids[i] = new PartitionId(name, table.getCreatedEpoch(), i);
            }
        }

        String name() {
            return name;
        }

        int partitions() {
            return ids.length;
        }

        PartitionId id(int partition) {
            return ids[partition];
        }
    }
}
