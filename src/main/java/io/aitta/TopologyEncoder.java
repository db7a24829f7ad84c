package io.aitta;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.topology.Move;
import io.aitta.core.topology.NodeInfo;
import io.aitta.core.topology.PartitionInfo;
import io.aitta.core.topology.ReplicaInfo;
import io.aitta.core.topology.TableInfo;
import io.aitta.core.topology.TableOptions;
import io.aitta.core.topology.Topology;
import io.aitta.proto.v1.Node;
import io.aitta.proto.v1.NodeState;
import io.aitta.proto.v1.Partition;
import io.aitta.proto.v1.ReadConsistency;
import io.aitta.proto.v1.Replica;
import io.aitta.proto.v1.Role;
import io.aitta.proto.v1.Table;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The topology in the API's words. What has not changed since the topology before is not made anew, but is the same object
 * again: a step of one partition among thousands costs little here, and is found quickly by whoever looks for what
 * changed. Not thread-safe.
 */
final class TopologyEncoder {
    /** A table as it was encoded last. */
    private record EncodedTable(Table message, List<PartitionInfo> infos, List<Partition> partitions) {}

    /** What a node holds. */
    private static final class Load {
        int primaries;
        int secondaries;
        int learners;
    }

    private Map<String, EncodedTable> tables = Map.of();
    private Map<String, Node> nodes = Map.of();
    private Topology counted = Topology.EMPTY;
    private Map<NodeId, Load> loads = Map.of();

    /**
     * @param state of a node
     * @param joining nodes that are in no topology yet
     * @param orchestrator empty: not known
     */
    io.aitta.proto.v1.Topology encode(
            Topology topology, Function<NodeInfo, NodeState> state, Collection<Node> joining, String orchestrator) {
        var message = io.aitta.proto.v1.Topology.newBuilder()
                .setEpoch(topology.epoch().value())
                .setClusterId(topology.clusterId())
                .setOrchestratorNode(orchestrator)
                .setBalancingPaused(topology.moves().balancingPaused());
        if (topology != counted) {
            loads = count(topology);
            counted = topology;
        }
        message.addAllNodes(encodeNodes(topology, state, joining));
        Map<PartitionId, Move> moves = topology.moves().byPartition();
        var encoded = new HashMap<String, EncodedTable>();
        for (TableInfo table : topology.tables()) {
            var one = encode(table, topology.partitionsOf(table.name()), moves, tables.get(table.name()));
            encoded.put(table.name(), one);
            message.addTables(one.message()).addAllPartitions(one.partitions());
        }
        tables = encoded;
        return message.build();
    }

    private Collection<Node> encodeNodes(
            Topology topology, Function<NodeInfo, NodeState> state, Collection<Node> joining) {
        var encoded = new TreeMap<String, Node>();
        joining.forEach(node -> encoded.put(node.getId(), same(node)));
        for (NodeInfo node : topology.nodes()) {
            var load = loads.getOrDefault(node.id(), new Load());
            encoded.put(node.id().value(), same(encode(node, state.apply(node), load)));
        }
        nodes = encoded;
        return encoded.values();
    }

    /** The object it was before, if it is the same. */
    private Node same(Node node) {
        Node before = nodes.get(node.getId());
        return node.equals(before) ? before : node;
    }

    private static Map<NodeId, Load> count(Topology topology) {
        var loads = new HashMap<NodeId, Load>();
        for (TableInfo table : topology.tables()) {
            for (PartitionInfo partition : topology.partitionsOf(table.name())) {
                NodeId primary = partition.primary().map(one -> one.node()).orElse(null);
                for (ReplicaInfo replica : partition.replicas()) {
                    var load = loads.computeIfAbsent(replica.node(), node -> new Load());
                    if (replica.role() == ReplicaInfo.Role.LEARNER) {
                        load.learners++;
                    } else if (replica.node().equals(primary)) {
                        load.primaries++;
                    } else {
                        load.secondaries++;
                    }
                }
            }
        }
        return loads;
    }

    private static Node encode(NodeInfo node, NodeState state, Load load) {
        var message = Node.newBuilder()
                .setId(node.id().value())
                .setGrpcEndpoint(node.host() + ":" + node.grpcPort())
                .setClusterEndpoint(node.host() + ":" + node.clusterPort())
                .setHttpEndpoint(node.host() + ":" + node.httpPort())
                .setZone(node.zone())
                .setWeight(node.weight())
                .setState(state)
                .setPrimaries(load.primaries)
                .setSecondaries(load.secondaries)
                .setLearners(load.learners)
                .setDraining(node.orders().draining())
                .setLost(node.orders().lost());
        node.orders().replacedBy().ifPresent(replacement -> message.setReplacedBy(replacement.value()));
        return message.build();
    }

    private static EncodedTable encode(
            TableInfo table, List<PartitionInfo> infos, Map<PartitionId, Move> moves, EncodedTable before) {
        var partitions = new ArrayList<Partition>(infos.size());
        int underReplicated = 0;
        for (int i = 0; i < infos.size(); i++) {
            PartitionInfo info = infos.get(i);
            int wanted = table.replicasWantedOf(info);
            Move move = moves.isEmpty() ? null : moves.get(info.id());
            long migration = move == null ? 0 : move.id();
            Partition known = before == null || before.infos().size() != infos.size()
                    ? null
                    : before.partitions().get(i);
            boolean same = known != null
                    && known.getReplicasWanted() == wanted
                    && known.getMigration() == migration
                    && (before.infos().get(i) == info || before.infos().get(i).equals(info));
            partitions.add(same ? known : encode(info, wanted, migration));
            underReplicated += voters(info) < wanted ? 1 : 0;
        }
        Table message = encode(table, underReplicated);
        return new EncodedTable(
                before != null && before.message().equals(message) ? before.message() : message, infos, partitions);
    }

    private static int voters(PartitionInfo partition) {
        int voters = 0;
        for (ReplicaInfo replica : partition.replicas()) {
            voters += replica.role() == ReplicaInfo.Role.VOTER ? 1 : 0;
        }
        return voters;
    }

    private static Table encode(TableInfo table, int underReplicated) {
        return Table.newBuilder()
                .setName(table.name())
                .setPartitions(table.partitions())
                .setReplicas(table.replicas())
                .setCreatedEpoch(table.createdEpoch().value())
                .setOptions(encode(table.options()))
                .putAllLearners(table.learners())
                .setUnderReplicated(underReplicated)
                .build();
    }

    private static io.aitta.proto.v1.TableOptions encode(TableOptions options) {
        return io.aitta.proto.v1.TableOptions.newBuilder()
                .setDefaultTimeToLiveMillis(options.defaultTimeToLiveMillis())
                .setDefaultReadConsistency(
                        switch (options.defaultConsistency()) {
                            case STRONG -> ReadConsistency.STRONG;
                            case EVENTUAL -> ReadConsistency.EVENTUAL;
                            case SESSION -> ReadConsistency.SESSION;
                        })
                .setMaxValueBytes(options.maxValueBytes())
                .build();
    }

    /** @param migration the move under way; 0: none */
    static Partition encode(PartitionInfo partition, int wanted, long migration) {
        var message = Partition.newBuilder()
                .setTable(partition.id().table())
                .setPartition(partition.id().partition())
                .setReplicasWanted(wanted)
                .setMigration(migration)
                .setTerm(partition
                        .primary()
                        .map(primary -> primary.term().value())
                        .orElse(0L));
        NodeId primary = partition.primary().map(one -> one.node()).orElse(null);
        for (ReplicaInfo replica : partition.replicas()) {
            var role = replica.role() == ReplicaInfo.Role.LEARNER
                    ? Role.LEARNER
                    : replica.node().equals(primary) ? Role.PRIMARY : Role.SECONDARY;
            message.addReplicas(
                    Replica.newBuilder().setNode(replica.node().value()).setRole(role));
        }
        return message.build();
    }
}
