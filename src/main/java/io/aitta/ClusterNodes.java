package io.aitta;

import io.aitta.core.NodeId;
import io.aitta.core.topology.Decision;
import io.aitta.core.topology.PartitionInfo;
import io.aitta.core.topology.ReplicaInfo;
import io.aitta.core.topology.Stranded;
import io.aitta.core.topology.Topology;
import io.aitta.core.topology.TopologyCommand;
import io.aitta.core.topology.TopologyState;
import io.aitta.gateway.Answer;
import io.aitta.gateway.NodeAdmin;
import io.aitta.gateway.TopologySource;
import io.aitta.orchestrator.NodeStates;
import io.aitta.orchestrator.Order;
import io.aitta.orchestrator.TopologyView;
import io.aitta.partition.Stewards.NodeReport;
import io.aitta.proto.v1.ChangeResponse;
import io.aitta.proto.v1.DescribeNodeRequest;
import io.aitta.proto.v1.DescribeNodeResponse;
import io.aitta.proto.v1.DrainNodeRequest;
import io.aitta.proto.v1.Node;
import io.aitta.proto.v1.NodeLoad;
import io.aitta.proto.v1.PartitionName;
import io.aitta.proto.v1.RemoveNodeRequest;
import io.aitta.proto.v1.RemoveNodeResponse;
import io.aitta.proto.v1.SetNodeWeightRequest;
import io.aitta.proto.v1.SetNodeZoneRequest;
import io.aitta.proto.v1.UndrainNodeRequest;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;

/** Answers of nodes by the topology and their own word, and hands orders on. Thread-safe. */
final class ClusterNodes implements NodeAdmin {
    private final Orders orders;
    private final TopologyView view;
    private final TopologySource messages;
    private final NodeStates states;
    private final LiveState live;
    private final Migrations migrations;

    ClusterNodes(
            Orders orders,
            TopologyView view,
            TopologySource messages,
            NodeStates states,
            LiveState live,
            Migrations migrations) {
        this.orders = orders;
        this.view = view;
        this.messages = messages;
        this.states = states;
        this.live = live;
        this.migrations = migrations;
    }

    @Override
    public CompletionStage<Answer<DescribeNodeResponse>> describeNode(DescribeNodeRequest request, long deadlineNanos) {
        Topology topology = view.current();
        var node = new NodeId(request.getNode());
        var message =
                DescribeNodeResponse.newBuilder().setEpoch(topology.epoch().value());
        var now = messages.current();
        Optional<Node> known = Stream.concat(now.getNodesList().stream(), messages.removedNodes(now).stream())
                .filter(one -> one.getId().equals(node.value()))
                .findFirst();
        if (known.isEmpty()) {
            return CompletableFuture.completedFuture(
                    new Answer.Refused<>(Answer.Reason.NODE_NOT_FOUND, "there is no node '" + node + "'"));
        }
        var described = live.of(node, deadlineNanos);
        return migrations
                .of(
                        topology,
                        move -> move.to().filter(node::equals).isPresent()
                                || move.from().filter(node::equals).isPresent(),
                        deadlineNanos)
                .thenCombine(described, (moves, told) -> {
                    var itself = known.get().toBuilder();
                    told.node(node).ifPresent(report -> itself.setLoad(load(report)));
                    message.setNode(itself).addAllMigrations(moves);
                    Stranded.on(topology, node, states.up()).forEach(some -> message.addStranded(some.sentence()));
                    var underWay = topology.moves().byPartition();
                    for (PartitionInfo partition : topology.partitionsOn(node)) {
                        message.addPartitions(LivePartition.ofOne(
                                partition, Migrations.plain(topology, partition, underWay), node, told));
                    }
                    return new Answer.Done<>(message.build());
                });
    }

    private static NodeLoad load(NodeReport report) {
        return NodeLoad.newBuilder()
                .setStoreBytes(report.storeBytes())
                .setJournalBytes(report.journalBytes())
                .setWritesPerSecond(report.writesPerSecond())
                .setReadsPerSecond(report.readsPerSecond())
                .setUptimeMillis(report.uptimeMillis())
                .addAllHandOverMillis(
                        report.handOvers().stream().map(nanos -> nanos / 1e6).toList())
                .build();
    }

    @Override
    public CompletionStage<Answer<ChangeResponse>> drainNode(DrainNodeRequest request, long deadlineNanos) {
        Optional<NodeId> replacement = request.getReplacement().isEmpty()
                ? Optional.empty()
                : Optional.of(new NodeId(request.getReplacement()));
        return orders.change(new Order.DrainNode(new NodeId(request.getNode()), replacement), deadlineNanos);
    }

    @Override
    public CompletionStage<Answer<ChangeResponse>> undrainNode(UndrainNodeRequest request, long deadlineNanos) {
        return orders.change(new Order.UndrainNode(new NodeId(request.getNode())), deadlineNanos);
    }

    @Override
    public CompletionStage<Answer<ChangeResponse>> setNodeWeight(SetNodeWeightRequest request, long deadlineNanos) {
        return orders.change(
                new Order.SetNodeWeight(new NodeId(request.getNode()), request.getWeight()), deadlineNanos);
    }

    @Override
    public CompletionStage<Answer<ChangeResponse>> setNodeZone(SetNodeZoneRequest request, long deadlineNanos) {
        return orders.change(new Order.SetNodeZone(new NodeId(request.getNode()), request.getZone()), deadlineNanos);
    }

    @Override
    public CompletionStage<Answer<RemoveNodeResponse>> removeNode(RemoveNodeRequest request, long deadlineNanos) {
        Topology topology = view.current();
        var node = new NodeId(request.getNode());
        var consequences = consequences(topology, node, states.up(), request.getForce());
        if (!request.getDryRun()) {
            return orders.order(new Order.RemoveNode(node, request.getForce()), deadlineNanos)
                    .thenApply(answer -> Orders.answered(
                            answer,
                            done -> consequences.setEpoch(done.epoch().value()).build()));
        }
        var decision =
                TopologyState.decide(topology, new TopologyCommand.RemoveNode(node, request.getForce(), states.up()));
        Answer<RemoveNodeResponse> answer = decision instanceof Decision.Refused refused
                ? new Answer.Refused<>(
                        Orders.reason(refused.refusal().reason().name()),
                        refused.refusal().message())
                : new Answer.Done<>(
                        consequences.setEpoch(topology.epoch().value()).build());
        return CompletableFuture.completedFuture(answer);
    }

    /** What it means that a node never comes back; without force there is nothing to be lost, for it is empty. */
    private static RemoveNodeResponse.Builder consequences(
            Topology topology, NodeId node, Set<NodeId> up, boolean force) {
        var message = RemoveNodeResponse.newBuilder();
        var held = topology.partitionsOn(node);
        message.setReplicasToReplace(held.size());
        if (!force) {
            return message;
        }
        for (PartitionInfo partition : held) {
            var voters = partition.voters();
            long left = voters.stream()
                    .filter(voter -> !voter.equals(node) && up.contains(voter))
                    .count();
            if (voters.contains(node) && left < voters.size() / 2 + 1) {
                message.addWithoutMajority(name(partition));
            }
            boolean isLast = partition.replicas().stream()
                    .map(ReplicaInfo::node)
                    .filter(other -> !other.equals(node))
                    .noneMatch(other -> topology.node(other)
                            .filter(info -> !info.orders().lost())
                            .isPresent());
            if (isLast) {
                message.addLost(name(partition));
            }
        }
        return message;
    }

    private static PartitionName name(PartitionInfo partition) {
        return PartitionName.newBuilder()
                .setTable(partition.id().table())
                .setPartition(partition.id().partition())
                .build();
    }
}
