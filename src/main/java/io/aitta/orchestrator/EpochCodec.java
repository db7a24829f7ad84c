package io.aitta.orchestrator;

import com.google.protobuf.InvalidProtocolBufferException;
import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.replication.Term;
import io.aitta.core.topology.Epoch;
import io.aitta.core.topology.EpochChange;
import io.aitta.core.topology.Primary;
import io.aitta.core.topology.TableInfo;
import io.aitta.core.topology.TopologyCommand.PrimaryReport;
import io.aitta.core.topology.TopologyEvent;
import io.aitta.proto.record.v1.ClusterFoundedRecord;
import io.aitta.proto.record.v1.EpochRecord;
import io.aitta.proto.record.v1.PlacedRecord;
import io.aitta.proto.record.v1.PrimariesReportedRecord;
import io.aitta.proto.record.v1.TableAlteredRecord;
import io.aitta.proto.record.v1.TableCreatedRecord;
import io.aitta.proto.record.v1.TableDroppedRecord;
import io.aitta.proto.record.v1.TablePrimariesRecord;
import io.aitta.proto.record.v1.TopologyEventRecord;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One step of the topology's history as bytes: the record {@code EpochRecord}. */
final class EpochCodec {
    private static final int VERSION = 1;

    private EpochCodec() {}

    static byte[] encode(EpochChange change) {
        var record = EpochRecord.newBuilder()
                .setRecordVersion(VERSION)
                .setEpoch(change.epoch().value())
                .setWallTimeMillis(change.wallTimeMillis())
                .setChangeId(change.changeId());
        change.events().forEach(event -> record.addEvents(encode(event)));
        return record.build().toByteArray();
    }

    /** @throws IllegalArgumentException if the bytes are no epoch record of a known version */
    static EpochChange decode(byte[] bytes) {
        EpochRecord record;
        try {
            record = EpochRecord.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("not an epoch record: " + e.getMessage(), e);
        }
        TopologyCodec.checkVersion("epoch record", record.getRecordVersion(), VERSION);
        return new EpochChange(
                new Epoch(record.getEpoch()),
                record.getWallTimeMillis(),
                record.getChangeId(),
                record.getEventsList().stream().map(EpochCodec::decode).toList());
    }

    private static TopologyEventRecord encode(TopologyEvent event) {
        var record = TopologyEventRecord.newBuilder();
        if (event instanceof TopologyEvent.ClusterFounded founded) {
            record.setClusterFounded(ClusterFoundedRecord.newBuilder().setClusterId(founded.clusterId()));
        } else if (event instanceof TopologyEvent.NodeRegistered registered) {
            record.setNodeRegistered(TopologyCodec.encode(registered.node()));
        } else if (event instanceof TopologyEvent.NodeChanged changed) {
            record.setNodeChanged(TopologyCodec.encode(changed.node()));
        } else if (event instanceof TopologyEvent.TableCreated created) {
            record.setTableCreated(encode(created));
        } else if (event instanceof TopologyEvent.TableAltered altered) {
            var alteration = TableAlteredRecord.newBuilder().setName(altered.name());
            TopologyCodec.encode(altered.options()).ifPresent(alteration::setOptions);
            record.setTableAltered(alteration);
        } else if (event instanceof TopologyEvent.TableDropped dropped) {
            record.setTableDropped(TableDroppedRecord.newBuilder().setName(dropped.name()));
        } else if (event instanceof TopologyEvent.PrimariesReported reported) {
            record.setPrimariesReported(encode(reported));
        } else {
            throw new IllegalArgumentException("unknown event " + event);
        }
        return record.build();
    }

    private static TopologyEvent decode(TopologyEventRecord record) {
        return switch (record.getKindCase()) {
            case CLUSTER_FOUNDED ->
                new TopologyEvent.ClusterFounded(record.getClusterFounded().getClusterId());
            case NODE_REGISTERED -> new TopologyEvent.NodeRegistered(TopologyCodec.decode(record.getNodeRegistered()));
            case NODE_CHANGED -> new TopologyEvent.NodeChanged(TopologyCodec.decode(record.getNodeChanged()));
            case TABLE_CREATED -> decode(record.getTableCreated());
            case TABLE_DROPPED ->
                new TopologyEvent.TableDropped(record.getTableDropped().getName());
            case PRIMARIES_REPORTED -> decode(record.getPrimariesReported());
            case TABLE_ALTERED ->
                new TopologyEvent.TableAltered(
                        record.getTableAltered().getName(),
                        TopologyCodec.decode(record.getTableAltered().getOptions()));
            case KIND_NOT_SET ->
                throw new IllegalArgumentException(
                        "an event that this build does not know; it was written by a newer one");
        };
    }

    private static TableCreatedRecord encode(TopologyEvent.TableCreated created) {
        TableInfo table = created.table();
        var nodes = new Names();
        var record = TableCreatedRecord.newBuilder()
                .setName(table.name())
                .setCreatedEpoch(table.createdEpoch().value())
                .setReplicas(table.replicas())
                .setProtectedSystem(table.protectedSystem());
        TopologyCodec.encode(table.options()).ifPresent(record::setOptions);
        for (List<NodeId> place : created.placement()) {
            var placed = PlacedRecord.newBuilder();
            place.forEach(node -> placed.addNodes(nodes.positionOf(node)));
            record.addPlaced(placed);
        }
        return record.addAllNodes(nodes.all()).build();
    }

    private static TopologyEvent decode(TableCreatedRecord record) {
        var placement = new ArrayList<List<NodeId>>(record.getPlacedCount());
        for (PlacedRecord placed : record.getPlacedList()) {
            placement.add(placed.getNodesList().stream()
                    .map(position -> new NodeId(record.getNodes(position)))
                    .toList());
        }
        var table = new TableInfo(
                record.getName(),
                new Epoch(record.getCreatedEpoch()),
                record.getPlacedCount(),
                record.getReplicas(),
                record.getProtectedSystem(),
                TopologyCodec.decode(record.getOptions()));
        return new TopologyEvent.TableCreated(table, List.copyOf(placement));
    }

    private static PrimariesReportedRecord encode(TopologyEvent.PrimariesReported reported) {
        var nodes = new Names();
        var tables = new LinkedHashMap<String, TablePrimariesRecord.Builder>();
        for (PrimaryReport report : reported.reports()) {
            PartitionId partition = report.partition();
            tables.computeIfAbsent(partition.table(), name -> TablePrimariesRecord.newBuilder()
                            .setTable(name)
                            .setTableEpoch(partition.tableEpoch()))
                    .addPartitions(partition.partition())
                    .addTerms(report.primary().term().value())
                    .addPrimaries(nodes.positionOf(report.primary().node()));
        }
        var record = PrimariesReportedRecord.newBuilder();
        tables.values().forEach(record::addTables);
        return record.addAllNodes(nodes.all()).build();
    }

    private static TopologyEvent decode(PrimariesReportedRecord record) {
        var reports = new ArrayList<PrimaryReport>();
        for (TablePrimariesRecord table : record.getTablesList()) {
            for (int i = 0; i < table.getPartitionsCount(); i++) {
                reports.add(new PrimaryReport(
                        new PartitionId(table.getTable(), table.getTableEpoch(), table.getPartitions(i)),
                        new Primary(new Term(table.getTerms(i)), new NodeId(record.getNodes(table.getPrimaries(i))))));
            }
        }
        return new TopologyEvent.PrimariesReported(List.copyOf(reports));
    }

    /** Node ids by the order of their first use. */
    private static final class Names {
        private final Map<NodeId, Integer> positions = new LinkedHashMap<>();

        int positionOf(NodeId node) {
            Integer known = positions.putIfAbsent(node, positions.size());
            return known != null ? known : positions.size() - 1;
        }

        List<String> all() {
            return positions.keySet().stream().map(NodeId::value).toList();
        }
    }
}
