package io.aitta;

import io.aitta.core.NodeId;
import io.aitta.core.topology.NodeInfo;
import io.aitta.core.topology.PartitionInfo;
import io.aitta.core.topology.ReplicaInfo;
import io.aitta.core.topology.TableInfo;
import io.aitta.core.topology.TableOptions;
import io.aitta.core.topology.Topology;
import io.aitta.gateway.TopologySource;
import io.aitta.orchestrator.NodeStates;
import io.aitta.orchestrator.TopologyView;
import io.aitta.proto.v1.Node;
import io.aitta.proto.v1.NodeState;
import io.aitta.proto.v1.Partition;
import io.aitta.proto.v1.ReadConsistency;
import io.aitta.proto.v1.Replica;
import io.aitta.proto.v1.Role;
import io.aitta.proto.v1.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * The topology in the API's words, made anew when the topology or the state of a node changes. Thread-safe.
 */
final class TopologyMessages implements TopologySource, AutoCloseable {
    private final TopologyView view;
    private final NodeStates states;
    private final List<AutoCloseable> subscriptions = new ArrayList<>();
    private final CopyOnWriteArrayList<Consumer<io.aitta.proto.v1.Topology>> listeners = new CopyOnWriteArrayList<>();
    private volatile io.aitta.proto.v1.Topology current = io.aitta.proto.v1.Topology.getDefaultInstance();

    TopologyMessages(TopologyView view, NodeStates states) {
        this.view = view;
        this.states = states;
        subscriptions.add(view.subscribe(topology -> renew(topology)));
        subscriptions.add(states.subscribe(() -> renew(view.current())));
    }

    @Override
    public io.aitta.proto.v1.Topology current() {
        return current;
    }

    @Override
    public Subscription subscribe(Consumer<io.aitta.proto.v1.Topology> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    private synchronized void renew(Topology topology) {
        if (topology.epoch().value() < current.getEpoch()) {
            return;
        }
        current = encode(topology);
        listeners.forEach(listener -> listener.accept(current));
    }

    private io.aitta.proto.v1.Topology encode(Topology topology) {
        var message = io.aitta.proto.v1.Topology.newBuilder()
                .setEpoch(topology.epoch().value())
                .setClusterId(topology.clusterId());
        topology.nodes().forEach(node -> message.addNodes(encode(node, topology)));
        for (TableInfo table : topology.tables()) {
            message.addTables(Table.newBuilder()
                    .setName(table.name())
                    .setPartitions(table.partitions())
                    .setReplicas(table.replicas())
                    .setCreatedEpoch(table.createdEpoch().value())
                    .setOptions(encode(table.options())));
        }
        topology.partitions().forEach(partition -> message.addPartitions(encode(partition)));
        states.oldest().ifPresent(node -> message.setOrchestratorNode(node.value()));
        return message.build();
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

    private Node encode(NodeInfo node, Topology topology) {
        int primaries = 0;
        var held = topology.partitionsOn(node.id());
        for (var partition : held) {
            if (isPrimary(partition, node.id())) {
                primaries++;
            }
        }
        return Node.newBuilder()
                .setId(node.id().value())
                .setGrpcEndpoint(node.host() + ":" + node.grpcPort())
                .setClusterEndpoint(node.host() + ":" + node.clusterPort())
                .setHttpEndpoint(node.host() + ":" + node.httpPort())
                .setZone(node.zone())
                .setWeight(node.weight())
                .setState(encode(states.of(node.id())))
                .setPrimaries(primaries)
                .setSecondaries(held.size() - primaries)
                .build();
    }

    private static boolean isPrimary(PartitionInfo partition, NodeId node) {
        return partition
                .primary()
                .filter(primary -> primary.node().equals(node))
                .isPresent();
    }

    private static NodeState encode(NodeStates.NodeState state) {
        return switch (state) {
            case UP -> NodeState.NODE_UP;
            case UNREACHABLE -> NodeState.NODE_UNREACHABLE;
            case DOWN -> NodeState.NODE_DOWN;
        };
    }

    private static Partition encode(PartitionInfo partition) {
        var message = Partition.newBuilder()
                .setTable(partition.id().table())
                .setPartition(partition.id().partition())
                .setTerm(partition
                        .primary()
                        .map(primary -> primary.term().value())
                        .orElse(0L));
        for (ReplicaInfo replica : partition.replicas()) {
            var role = replica.role() == ReplicaInfo.Role.LEARNER
                    ? Role.LEARNER
                    : isPrimary(partition, replica.node()) ? Role.PRIMARY : Role.SECONDARY;
            message.addReplicas(
                    Replica.newBuilder().setNode(replica.node().value()).setRole(role));
        }
        return message.build();
    }

    @Override
    public void close() throws Exception {
        for (var subscription : subscriptions) {
            subscription.close();
        }
    }
}
