package io.aitta.orchestrator;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.replication.Term;
import io.aitta.core.topology.Epoch;
import io.aitta.core.topology.Planner;
import io.aitta.core.topology.Primary;
import io.aitta.core.topology.TableInfo;
import io.aitta.core.topology.TopologyCommand.PrimaryReport;
import io.aitta.core.topology.TopologyEvent;
import io.aitta.proto.record.v1.BalanceDueRecord;
import io.aitta.proto.record.v1.BalancingPausedRecord;
import io.aitta.proto.record.v1.ClusterFoundedRecord;
import io.aitta.proto.record.v1.LearnersSetRecord;
import io.aitta.proto.record.v1.MoveCancelledRecord;
import io.aitta.proto.record.v1.MovesBegunRecord;
import io.aitta.proto.record.v1.MovesEndedRecord;
import io.aitta.proto.record.v1.NodeOrderedRecord;
import io.aitta.proto.record.v1.NodeRemovedRecord;
import io.aitta.proto.record.v1.PartitionRecoveredRecord;
import io.aitta.proto.record.v1.PlacedRecord;
import io.aitta.proto.record.v1.PrimariesReportedRecord;
import io.aitta.proto.record.v1.RecoveriesDoneRecord;
import io.aitta.proto.record.v1.ReplicasNamedRecord;
import io.aitta.proto.record.v1.ReplicasSetRecord;
import io.aitta.proto.record.v1.ReplicasWantedRecord;
import io.aitta.proto.record.v1.TableAlteredRecord;
import io.aitta.proto.record.v1.TableCreatedRecord;
import io.aitta.proto.record.v1.TableDroppedRecord;
import io.aitta.proto.record.v1.TablePrimariesRecord;
import io.aitta.proto.record.v1.TableReplicasRecord;
import io.aitta.proto.record.v1.TopologyEventRecord;
import io.aitta.proto.record.v1.TopologyEventRecord.KindCase;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;

/** What changed in the topology, as records: each kind of event with the way there and the way back. */
final class EventCodec {
    private static final Map<Class<?>, BiConsumer<TopologyEvent, TopologyEventRecord.Builder>> WRITERS =
            new HashMap<>();
    private static final Map<KindCase, Function<TopologyEventRecord, TopologyEvent>> READERS =
            new EnumMap<>(KindCase.class);

    static {
        clusterAndNodes();
        tables();
        moves();
        partitions();
    }

    private EventCodec() {}

    static TopologyEventRecord encode(TopologyEvent event) {
        var writer = WRITERS.get(event.getClass());
        if (writer == null) {
            throw new IllegalArgumentException("unknown event " + event);
        }
        var record = TopologyEventRecord.newBuilder();
        writer.accept(event, record);
        return record.build();
    }

    static TopologyEvent decode(TopologyEventRecord record) {
        var reader = READERS.get(record.getKindCase());
        if (reader == null) {
            throw new IllegalArgumentException("an event that this build does not know; it was written by a newer one");
        }
        return reader.apply(record);
    }

    private static <E extends TopologyEvent> void kind(
            Class<E> type,
            BiConsumer<E, TopologyEventRecord.Builder> writer,
            KindCase kind,
            Function<TopologyEventRecord, TopologyEvent> reader) {
        WRITERS.put(type, (event, record) -> writer.accept(type.cast(event), record));
        READERS.put(kind, reader);
    }

    private static void clusterAndNodes() {
        kind(
                TopologyEvent.ClusterFounded.class,
                (event, to) ->
                        to.setClusterFounded(ClusterFoundedRecord.newBuilder().setClusterId(event.clusterId())),
                KindCase.CLUSTER_FOUNDED,
                from -> new TopologyEvent.ClusterFounded(
                        from.getClusterFounded().getClusterId()));
        kind(
                TopologyEvent.NodeRegistered.class,
                (event, to) -> to.setNodeRegistered(TopologyCodec.encode(event.node())),
                KindCase.NODE_REGISTERED,
                from -> new TopologyEvent.NodeRegistered(TopologyCodec.decode(from.getNodeRegistered())));
        kind(
                TopologyEvent.NodeChanged.class,
                (event, to) -> to.setNodeChanged(TopologyCodec.encode(event.node())),
                KindCase.NODE_CHANGED,
                from -> new TopologyEvent.NodeChanged(TopologyCodec.decode(from.getNodeChanged())));
        kind(
                TopologyEvent.NodeOrdered.class,
                (event, to) -> to.setNodeOrdered(NodeOrderedRecord.newBuilder()
                        .setNode(event.node().value())
                        .setOrders(TopologyCodec.encode(event.orders()))),
                KindCase.NODE_ORDERED,
                from -> new TopologyEvent.NodeOrdered(
                        new NodeId(from.getNodeOrdered().getNode()),
                        TopologyCodec.decode(from.getNodeOrdered().getOrders())));
        kind(
                TopologyEvent.NodeRemoved.class,
                (event, to) -> to.setNodeRemoved(
                        NodeRemovedRecord.newBuilder().setNode(event.node().value())),
                KindCase.NODE_REMOVED,
                from -> new TopologyEvent.NodeRemoved(
                        new NodeId(from.getNodeRemoved().getNode())));
    }

    private static void tables() {
        kind(
                TopologyEvent.TableCreated.class,
                (event, to) -> to.setTableCreated(encode(event)),
                KindCase.TABLE_CREATED,
                from -> decode(from.getTableCreated()));
        kind(
                TopologyEvent.TableAltered.class,
                (event, to) -> {
                    var altered = TableAlteredRecord.newBuilder().setName(event.name());
                    TopologyCodec.encode(event.options()).ifPresent(altered::setOptions);
                    to.setTableAltered(altered);
                },
                KindCase.TABLE_ALTERED,
                from -> new TopologyEvent.TableAltered(
                        from.getTableAltered().getName(),
                        TopologyCodec.decode(from.getTableAltered().getOptions())));
        kind(
                TopologyEvent.TableDropped.class,
                (event, to) ->
                        to.setTableDropped(TableDroppedRecord.newBuilder().setName(event.name())),
                KindCase.TABLE_DROPPED,
                from -> new TopologyEvent.TableDropped(from.getTableDropped().getName()));
        kind(
                TopologyEvent.ReplicasSet.class,
                (event, to) -> to.setReplicasSet(
                        ReplicasSetRecord.newBuilder().setTable(event.table()).setReplicas(event.replicas())),
                KindCase.REPLICAS_SET,
                from -> new TopologyEvent.ReplicasSet(
                        from.getReplicasSet().getTable(), from.getReplicasSet().getReplicas()));
        kind(
                TopologyEvent.LearnersSet.class,
                (event, to) -> to.setLearnersSet(LearnersSetRecord.newBuilder()
                        .setTable(event.table())
                        .setLearners(TopologyCodec.encodeLearners(event.zone(), event.count()))),
                KindCase.LEARNERS_SET,
                from -> new TopologyEvent.LearnersSet(
                        from.getLearnersSet().getTable(),
                        from.getLearnersSet().getLearners().getZone(),
                        from.getLearnersSet().getLearners().getCount()));
        kind(
                TopologyEvent.BalanceDue.class,
                (event, to) -> to.setBalanceDue(BalanceDueRecord.newBuilder()
                        .addAllTables(event.tables())
                        .setDue(event.due())),
                KindCase.BALANCE_DUE,
                from -> new TopologyEvent.BalanceDue(
                        List.copyOf(from.getBalanceDue().getTablesList()),
                        from.getBalanceDue().getDue()));
        kind(
                TopologyEvent.BalancingPaused.class,
                (event, to) ->
                        to.setBalancingPaused(BalancingPausedRecord.newBuilder().setPaused(event.paused())),
                KindCase.BALANCING_PAUSED,
                from -> new TopologyEvent.BalancingPaused(
                        from.getBalancingPaused().getPaused()));
    }

    private static void moves() {
        kind(
                TopologyEvent.MovesBegun.class,
                (event, to) -> to.setMovesBegun(MovesBegunRecord.newBuilder()
                        .addAllMoves(
                                event.moves().stream().map(MoveCodec::encode).toList())),
                KindCase.MOVES_BEGUN,
                from -> new TopologyEvent.MovesBegun(from.getMovesBegun().getMovesList().stream()
                        .map(MoveCodec::decode)
                        .toList()));
        kind(
                TopologyEvent.MoveCancelled.class,
                (event, to) ->
                        to.setMoveCancelled(MoveCancelledRecord.newBuilder().setId(event.id())),
                KindCase.MOVE_CANCELLED,
                from -> new TopologyEvent.MoveCancelled(from.getMoveCancelled().getId()));
        kind(
                TopologyEvent.Promoted.class,
                (event, to) -> to.setPromoted(encode(event.promoted())),
                KindCase.PROMOTED,
                from -> new TopologyEvent.Promoted(decode(from.getPromoted())));
        kind(
                TopologyEvent.MovesEnded.class,
                (event, to) -> to.setMovesEnded(MovesEndedRecord.newBuilder()
                        .addAllEnds(event.ends().stream().map(MoveCodec::encode).toList())
                        .setEndedMillis(event.endedMillis())),
                KindCase.MOVES_ENDED,
                from -> new TopologyEvent.MovesEnded(
                        from.getMovesEnded().getEndsList().stream()
                                .map(MoveCodec::decode)
                                .toList(),
                        from.getMovesEnded().getEndedMillis()));
    }

    private static void partitions() {
        kind(
                TopologyEvent.PrimariesReported.class,
                (event, to) -> to.setPrimariesReported(encode(event)),
                KindCase.PRIMARIES_REPORTED,
                from -> decode(from.getPrimariesReported()));
        kind(
                TopologyEvent.PrimariesPreferred.class,
                (event, to) -> to.setPrimariesPreferred(encode(event.preferences())),
                KindCase.PRIMARIES_PREFERRED,
                from -> new TopologyEvent.PrimariesPreferred(decode(from.getPrimariesPreferred())));
        kind(
                TopologyEvent.ReplicasWanted.class,
                (event, to) -> to.setReplicasWanted(ReplicasWantedRecord.newBuilder()
                        .setPartition(MoveCodec.encode(event.partition()))
                        .setReplicas(event.replicas())),
                KindCase.REPLICAS_WANTED,
                from -> new TopologyEvent.ReplicasWanted(
                        MoveCodec.decode(from.getReplicasWanted().getPartition()),
                        from.getReplicasWanted().getReplicas()));
        kind(
                TopologyEvent.PartitionRecovered.class,
                (event, to) -> to.setPartitionRecovered(encode(event)),
                KindCase.PARTITION_RECOVERED,
                from -> decode(from.getPartitionRecovered()));
        kind(
                TopologyEvent.RecoveriesDone.class,
                (event, to) -> to.setRecoveriesDone(RecoveriesDoneRecord.newBuilder()
                        .addAllPartitions(event.partitions().stream()
                                .map(MoveCodec::encode)
                                .toList())),
                KindCase.RECOVERIES_DONE,
                from -> new TopologyEvent.RecoveriesDone(from.getRecoveriesDone().getPartitionsList().stream()
                        .map(MoveCodec::decode)
                        .toList()));
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

    private static ReplicasNamedRecord encode(List<Planner.Preference> named) {
        var nodes = new Names();
        var tables = new LinkedHashMap<PartitionId, TableReplicasRecord.Builder>();
        for (Planner.Preference one : named) {
            PartitionId partition = one.partition();
            var table = new PartitionId(partition.table(), partition.tableEpoch(), 0);
            tables.computeIfAbsent(table, first -> TableReplicasRecord.newBuilder()
                            .setTable(first.table())
                            .setTableEpoch(first.tableEpoch()))
                    .addPartitions(partition.partition())
                    .addReplicas(nodes.positionOf(one.primary()));
        }
        var record = ReplicasNamedRecord.newBuilder();
        tables.values().forEach(record::addTables);
        return record.addAllNodes(nodes.all()).build();
    }

    private static List<Planner.Preference> decode(ReplicasNamedRecord record) {
        var named = new ArrayList<Planner.Preference>();
        for (TableReplicasRecord table : record.getTablesList()) {
            for (int i = 0; i < table.getPartitionsCount(); i++) {
                named.add(new Planner.Preference(
                        new PartitionId(table.getTable(), table.getTableEpoch(), table.getPartitions(i)),
                        new NodeId(record.getNodes(table.getReplicas(i)))));
            }
        }
        return List.copyOf(named);
    }

    private static PartitionRecoveredRecord encode(TopologyEvent.PartitionRecovered recovered) {
        return PartitionRecoveredRecord.newBuilder()
                .setPartition(MoveCodec.encode(recovered.partition()))
                .addAllSurvivors(
                        recovered.survivors().stream().map(NodeId::value).toList())
                .setAtMillis(recovered.atMillis())
                .build();
    }

    private static TopologyEvent decode(PartitionRecoveredRecord record) {
        return new TopologyEvent.PartitionRecovered(
                MoveCodec.decode(record.getPartition()),
                record.getSurvivorsList().stream().map(NodeId::new).toList(),
                record.getAtMillis());
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
