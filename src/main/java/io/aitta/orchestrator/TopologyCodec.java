package io.aitta.orchestrator;

import com.google.protobuf.InvalidProtocolBufferException;
import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.replication.Term;
import io.aitta.core.topology.Epoch;
import io.aitta.core.topology.Moves;
import io.aitta.core.topology.NodeInfo;
import io.aitta.core.topology.NodeOrders;
import io.aitta.core.topology.PartitionInfo;
import io.aitta.core.topology.Primary;
import io.aitta.core.topology.RemovedNode;
import io.aitta.core.topology.ReplicaInfo;
import io.aitta.core.topology.TableInfo;
import io.aitta.core.topology.TableOptions;
import io.aitta.core.topology.TableOptions.Consistency;
import io.aitta.core.topology.Topology;
import io.aitta.proto.record.v1.NodeOrdersRecord;
import io.aitta.proto.record.v1.NodeRecord;
import io.aitta.proto.record.v1.PartitionRecord;
import io.aitta.proto.record.v1.RemovedNodeRecord;
import io.aitta.proto.record.v1.TableOptionsRecord;
import io.aitta.proto.record.v1.TableRecord;
import io.aitta.proto.record.v1.TopologyRecord;
import io.aitta.proto.record.v1.ZoneLearnersRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/** A whole topology as bytes, for {@code _meta}, Distributed Data and the disk: the record {@code TopologyRecord}. */
public final class TopologyCodec {
    private static final int VERSION = 1;

    /** The numbers of aitta.v1.ReadConsistency. */
    private static final int STRONG = 1;

    private static final int EVENTUAL = 2;
    private static final int SESSION = 3;

    private TopologyCodec() {}

    /** Equal topologies give equal bytes. */
    public static byte[] encode(Topology topology) {
        var record = TopologyRecord.newBuilder()
                .setRecordVersion(VERSION)
                .setEpoch(topology.epoch().value())
                .setClusterId(topology.clusterId());
        var positions = new HashMap<NodeId, Integer>();
        for (NodeInfo node : topology.nodes()) {
            positions.put(node.id(), positions.size());
            record.addNodes(encode(node));
        }
        for (TableInfo table : topology.tables()) {
            var encoded = TableRecord.newBuilder()
                    .setName(table.name())
                    .setCreatedEpoch(table.createdEpoch().value())
                    .setReplicas(table.replicas())
                    .setProtectedSystem(table.protectedSystem());
            encode(table.options()).ifPresent(encoded::setOptions);
            table.learners().forEach((zone, count) -> encoded.addLearners(encodeLearners(zone, count)));
            encoded.setBalanceDue(table.balanceDue());
            topology.partitionsOf(table.name()).forEach(one -> encoded.addPartitions(encode(one, positions)));
            record.addTables(encoded);
        }
        if (!topology.moves().equals(Moves.NONE)) {
            record.setMoves(MoveCodec.encode(topology.moves()));
        }
        for (RemovedNode removed : topology.removed()) {
            record.addRemovedNodes(RemovedNodeRecord.newBuilder()
                    .setNode(removed.id().value())
                    .setIncarnation(removed.incarnation())
                    .setRemovedEpoch(removed.removedEpoch().value()));
        }
        return record.build().toByteArray();
    }

    /** @throws IllegalArgumentException if the bytes are no topology of a known version */
    public static Topology decode(byte[] bytes) {
        TopologyRecord record;
        try {
            record = TopologyRecord.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("not a topology: " + e.getMessage(), e);
        }
        checkVersion("topology", record.getRecordVersion(), VERSION);
        List<NodeInfo> nodes =
                record.getNodesList().stream().map(TopologyCodec::decode).toList();
        var tables = new HashMap<TableInfo, List<PartitionInfo>>();
        for (TableRecord table : record.getTablesList()) {
            var learners = new TreeMap<String, Integer>();
            table.getLearnersList().forEach(some -> learners.put(some.getZone(), some.getCount()));
            var info = new TableInfo(
                    table.getName(),
                    new Epoch(table.getCreatedEpoch()),
                    table.getPartitionsCount(),
                    table.getReplicas(),
                    table.getProtectedSystem(),
                    decode(table.getOptions()),
                    learners,
                    table.getBalanceDue());
            var partitions = new ArrayList<PartitionInfo>(info.partitions());
            for (int number = 0; number < info.partitions(); number++) {
                partitions.add(decode(info.partition(number), table.getPartitions(number), nodes));
            }
            tables.put(info, partitions);
        }
        List<RemovedNode> removed = record.getRemovedNodesList().stream()
                .map(one -> new RemovedNode(
                        new NodeId(one.getNode()), one.getIncarnation(), new Epoch(one.getRemovedEpoch())))
                .toList();
        return new Topology(
                new Epoch(record.getEpoch()),
                record.getClusterId(),
                nodes,
                tables,
                MoveCodec.decode(record.getMoves()),
                removed);
    }

    static void checkVersion(String what, int found, int known) {
        if (found != known) {
            throw new IllegalArgumentException(
                    "a " + what + " of record version " + found + "; this build reads version " + known);
        }
    }

    /** Nothing for a table that was made without options. */
    static Optional<TableOptionsRecord> encode(TableOptions options) {
        if (options.equals(TableOptions.DEFAULT)) {
            return Optional.empty();
        }
        return Optional.of(TableOptionsRecord.newBuilder()
                .setDefaultTimeToLiveMillis(options.defaultTimeToLiveMillis())
                .setDefaultReadConsistency(
                        switch (options.defaultConsistency()) {
                            case STRONG -> STRONG;
                            case EVENTUAL -> EVENTUAL;
                            case SESSION -> SESSION;
                        })
                .setMaxValueBytes(options.maxValueBytes())
                .build());
    }

    static TableOptions decode(TableOptionsRecord record) {
        return new TableOptions(
                record.getDefaultTimeToLiveMillis(),
                switch (record.getDefaultReadConsistency()) {
                    case 0, STRONG -> Consistency.STRONG;
                    case EVENTUAL -> Consistency.EVENTUAL;
                    case SESSION -> Consistency.SESSION;
                    default ->
                        throw new IllegalArgumentException(
                                "a table with the unknown consistency " + record.getDefaultReadConsistency());
                },
                record.getMaxValueBytes());
    }

    static ZoneLearnersRecord encodeLearners(String zone, int count) {
        return ZoneLearnersRecord.newBuilder().setZone(zone).setCount(count).build();
    }

    static NodeRecord encode(NodeInfo node) {
        var record = NodeRecord.newBuilder()
                .setId(node.id().value())
                .setIncarnation(node.incarnation())
                .setHost(node.host())
                .setGrpcPort(node.grpcPort())
                .setClusterPort(node.clusterPort())
                .setHttpPort(node.httpPort())
                .setZone(node.ownZone())
                .setWeight(node.ownWeight())
                .setRegisteredEpoch(node.registeredEpoch().value());
        if (!node.orders().equals(NodeOrders.NONE)) {
            record.setOrders(encode(node.orders()));
        }
        return record.build();
    }

    static NodeInfo decode(NodeRecord node) {
        return new NodeInfo(
                new NodeId(node.getId()),
                node.getIncarnation(),
                node.getHost(),
                node.getGrpcPort(),
                node.getClusterPort(),
                node.getHttpPort(),
                node.getZone(),
                node.getWeight(),
                new Epoch(node.getRegisteredEpoch()),
                decode(node.getOrders()));
    }

    static NodeOrdersRecord encode(NodeOrders orders) {
        var record =
                NodeOrdersRecord.newBuilder().setDraining(orders.draining()).setLost(orders.lost());
        orders.weight().ifPresent(record::setWeight);
        orders.zone().ifPresent(record::setZone);
        orders.replacedBy().ifPresent(node -> record.setReplacedBy(node.value()));
        return record.build();
    }

    static NodeOrders decode(NodeOrdersRecord orders) {
        return new NodeOrders(
                orders.hasWeight() ? OptionalInt.of(orders.getWeight()) : OptionalInt.empty(),
                orders.hasZone() ? Optional.of(orders.getZone()) : Optional.empty(),
                orders.getDraining(),
                orders.getLost(),
                MoveCodec.nodeOrNone(orders.getReplacedBy()));
    }

    private static PartitionRecord encode(PartitionInfo partition, Map<NodeId, Integer> positions) {
        var record = PartitionRecord.newBuilder();
        for (ReplicaInfo replica : partition.replicas()) {
            record.addReplicas(
                    2 * positions.get(replica.node()) + (replica.role() == ReplicaInfo.Role.LEARNER ? 1 : 0));
        }
        if (partition.founders().isEmpty()) {
            record.setNoFounders(true);
        } else if (!partition.founders().equals(partition.voters())) {
            partition.founders().forEach(founder -> record.addFounders(positions.get(founder)));
        }
        record.setReplicasWanted(partition.replicasWanted()).setRecovering(partition.recovering());
        partition.primary().ifPresent(primary -> record.setPrimaryTerm(
                        primary.term().value())
                .setPrimary(positions.get(primary.node())));
        if (partition.primary().isEmpty()) {
            record.setKnownTerm(partition.term().value());
        }
        return record.build();
    }

    private static PartitionInfo decode(PartitionId id, PartitionRecord record, List<NodeInfo> nodes) {
        var replicas = new ArrayList<ReplicaInfo>(record.getReplicasCount());
        for (int coded : record.getReplicasList()) {
            NodeId node = at(nodes, coded >>> 1);
            replicas.add((coded & 1) == 1 ? ReplicaInfo.learner(node) : ReplicaInfo.voter(node));
        }
        Optional<Primary> primary = record.getPrimaryTerm() == 0
                ? Optional.empty()
                : Optional.of(new Primary(new Term(record.getPrimaryTerm()), at(nodes, record.getPrimary())));
        return new PartitionInfo(
                id,
                replicas,
                founders(record, replicas, nodes),
                primary,
                new Term(Math.max(record.getPrimaryTerm(), record.getKnownTerm())),
                record.getReplicasWanted(),
                record.getRecovering());
    }

    private static List<NodeId> founders(PartitionRecord record, List<ReplicaInfo> replicas, List<NodeInfo> nodes) {
        if (record.getNoFounders()) {
            return List.of();
        }
        return record.getFoundersCount() > 0
                ? record.getFoundersList().stream().map(i -> at(nodes, i)).toList()
                : replicas.stream()
                        .filter(replica -> replica.role() == ReplicaInfo.Role.VOTER)
                        .map(ReplicaInfo::node)
                        .toList();
    }

    private static NodeId at(List<NodeInfo> nodes, int position) {
        if (position < 0 || position >= nodes.size()) {
            throw new IllegalArgumentException("no node at position " + position + " of " + nodes.size());
        }
        return nodes.get(position).id();
    }
}
