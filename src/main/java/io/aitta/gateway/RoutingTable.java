package io.aitta.gateway;

import com.google.protobuf.ByteString;
import io.aitta.core.PartitionId;
import io.aitta.core.hash.KeyHash;
import io.aitta.proto.v1.PartitionRoute;
import io.aitta.proto.v1.Position;
import io.aitta.proto.v1.ReadConsistency;
import io.aitta.proto.v1.ResponseHeader;
import io.aitta.proto.v1.Role;
import io.aitta.proto.v1.Table;
import io.aitta.proto.v1.TableOptions;
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

    boolean hasTable(String name) {
        return tables.containsKey(name);
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

    /** The same, of one that has many. */
    ResponseHeader header(Iterable<Position> positions) {
        return plainHeader.toBuilder().addAllPositions(positions).build();
    }

    /**
     * @param knownEpoch the client's; 0: it knows none, and needs no route
     * @param index where the partition stood
     */
    ResponseHeader header(long knownEpoch, PartitionId partition, long index) {
        var header = ResponseHeader.newBuilder().setEpoch(topology.getEpoch()).addPositions(position(partition, index));
        if (knownEpoch != 0 && Long.compareUnsigned(knownEpoch, topology.getEpoch()) < 0) {
            PartitionRoute route = route(partition);
            if (route != null) {
                header.setRoute(route);
            }
        }
        return header.build();
    }

    static Position position(PartitionId partition, long index) {
        return Position.newBuilder()
                .setPartition(partition.partition())
                .setIndex(index)
                .setTableEpoch(partition.tableEpoch())
                .build();
    }

    /** Null if there is no such partition any more, or nobody knows its primary. */
    private PartitionRoute route(PartitionId partition) {
        TableRoutes routes = tables.get(partition.table());
        boolean known = routes != null
                && routes.tableEpoch == partition.tableEpoch()
                && partition.partition() < routes.routes.length;
        return known ? routes.routes[partition.partition()] : null;
    }

    /** Where the partitions of one table are, and what its options say of requests that do not say it themselves. */
    static final class TableRoutes {
        private final String name;
        private final long tableEpoch;
        private final TableOptions options;
        private final PartitionId[] ids;
        private final PartitionRoute[] routes;

        private TableRoutes(Table table) {
            this.name = table.getName();
            this.tableEpoch = table.getCreatedEpoch();
            this.options = table.getOptions();
            this.ids = new PartitionId[table.getPartitions()];
            this.routes = new PartitionRoute[table.getPartitions()];
            for (int i = 0; i < ids.length; i++) {
                ids[i] = new PartitionId(name, tableEpoch, i);
            }
        }

        String name() {
            return name;
        }

        /** The epoch in which the table was made. */
        long tableEpoch() {
            return tableEpoch;
        }

        int partitions() {
            return ids.length;
        }

        PartitionId id(int partition) {
            return ids[partition];
        }

        PartitionId idOf(ByteString key) {
            return idOf(key.toByteArray());
        }

        PartitionId idOf(byte[] key) {
            return ids[KeyHash.partitionOf(key, ids.length)];
        }

        /** Of values that are set without one; unsigned, 0: never expires. */
        long defaultTimeToLiveMillis() {
            return options.getDefaultTimeToLiveMillis();
        }

        /** Of reads that ask for none; what this node does not know counts as STRONG, which is right for all. */
        ReadConsistency defaultConsistency() {
            return switch (options.getDefaultReadConsistency()) {
                case EVENTUAL -> ReadConsistency.EVENTUAL;
                case SESSION -> ReadConsistency.SESSION;
                case STRONG, READ_CONSISTENCY_UNSPECIFIED, UNRECOGNIZED -> ReadConsistency.STRONG;
            };
        }

        /** @param nodesLimit which the table's cannot exceed */
        int maxValueBytes(int nodesLimit) {
            int own = options.getMaxValueBytes();
            return own == 0 || Integer.compareUnsigned(own, nodesLimit) > 0 ? nodesLimit : own;
        }
    }
}
