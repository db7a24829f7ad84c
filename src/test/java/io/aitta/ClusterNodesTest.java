package io.aitta;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.topology.Epoch;
import io.aitta.core.topology.NodeInfo;
import io.aitta.core.topology.NodeOrders;
import io.aitta.core.topology.TopologyEvent;
import io.aitta.core.topology.TopologyState;
import io.aitta.gateway.Answer;
import io.aitta.orchestrator.NodeStates.NodeState;
import io.aitta.orchestrator.OrchestratorClient.ChangeAnswer;
import io.aitta.orchestrator.Order;
import io.aitta.orchestrator.TestViews;
import io.aitta.orchestrator.TopologyView;
import io.aitta.partition.Stewards.ReplicaReport;
import io.aitta.partition.Stewards.Role;
import io.aitta.proto.v1.DescribeNodeRequest;
import io.aitta.proto.v1.DrainNodeRequest;
import io.aitta.proto.v1.Node;
import io.aitta.proto.v1.PartitionName;
import io.aitta.proto.v1.RemoveNodeRequest;
import io.aitta.proto.v1.RemoveNodeResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A table of four partitions on four nodes, three replicas each; each node lacks one of them. */
class ClusterNodesTest {
    private static final NodeId N1 = new NodeId("n001");

    private final FakeNodes nodes = new FakeNodes()
            .with("n001", NodeState.UP)
            .with("n002", NodeState.UP)
            .with("n003", NodeState.UP)
            .with("n004", NodeState.UP);
    private final TopologyView view = TestViews.of(TopologyEncoderTest.cluster(4, Map.of("users", 4)));
    private final TopologyMessages messages = new TopologyMessages(view, nodes);
    private final List<Order> ordered = new ArrayList<>();
    private final LiveState live = new LiveState(nodes, nodes);
    private final ClusterNodes admin = new ClusterNodes(
            (order, deadline) -> {
                ordered.add(order);
                return CompletableFuture.completedFuture(new ChangeAnswer.Done(new Epoch(13), 0));
            },
            view,
            messages,
            nodes,
            live,
            new Migrations(live));

    @AfterEach
    void close() throws Exception {
        messages.close();
    }

    @Test
    void a_node_is_told_with_its_load_and_what_it_holds() {
        nodes.replica(
                "n001",
                new ReplicaReport(
                        new PartitionId("users", 1, 0),
                        false,
                        Role.PRIMARY,
                        Optional.of(N1),
                        7,
                        9,
                        7,
                        9,
                        0,
                        0,
                        false,
                        false));
        var told = done(admin.describeNode(
                DescribeNodeRequest.newBuilder().setNode("n001").build(), soon()));
        assertThat(told.getNode().getLoad().getStoreBytes()).isEqualTo(1_000);
        assertThat(told.getNode().getState()).isEqualTo(io.aitta.proto.v1.NodeState.NODE_UP);
        assertThat(told.getPartitionsList()).hasSize(3);
        assertThat(told.getPartitions(0).getReplicas(0).getState().getLogIndex())
                .isEqualTo(9);
        assertThat(nodes.asked).as("only itself is asked").containsExactly(N1);
    }

    @Test
    void what_a_drained_node_cannot_give_away_is_described() {
        var n1 = DescribeNodeRequest.newBuilder().setNode("n001").build();
        evolve(new TopologyEvent.NodeOrdered(N1, NodeOrders.NONE.drained(Optional.empty())));
        assertThat(done(admin.describeNode(n1, soon())).getStrandedList()).isEmpty();
        nodes.with("n003", NodeState.DOWN).with("n004", NodeState.DOWN);
        assertThat(done(admin.describeNode(n1, soon())).getStrandedList())
                .singleElement()
                .asString()
                .contains("have nowhere to go: table 'users'")
                .contains("add a node or lower the replicas");
    }

    @Test
    void nodes_that_join_that_are_drained_away_or_removed_are_told_so() {
        nodes.with("n005", NodeState.UP).with("n003", NodeState.UNREACHABLE).with("n004", NodeState.DOWN);
        evolve(new TopologyEvent.NodeOrdered(new NodeId("n002"), NodeOrders.NONE.drained(Optional.empty())));
        assertThat(messages.current().getNodesList())
                .extracting(Node::getId, Node::getState)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("n001", io.aitta.proto.v1.NodeState.NODE_UP),
                        org.assertj.core.groups.Tuple.tuple("n002", io.aitta.proto.v1.NodeState.NODE_DRAINING),
                        org.assertj.core.groups.Tuple.tuple("n003", io.aitta.proto.v1.NodeState.NODE_UNREACHABLE),
                        org.assertj.core.groups.Tuple.tuple("n004", io.aitta.proto.v1.NodeState.NODE_DOWN),
                        org.assertj.core.groups.Tuple.tuple("n005", io.aitta.proto.v1.NodeState.NODE_JOINING));
        var five = TopologyEncoderTest.cluster(5, Map.of());
        evolve(new TopologyEvent.NodeRegistered(five.node(new NodeId("n005")).orElseThrow()));
        evolve(new TopologyEvent.NodeRemoved(new NodeId("n005")));
        assertThat(messages.current().getNodesCount())
                .as("it runs still, but is none of ours")
                .isEqualTo(4);
        var removed = done(admin.describeNode(
                DescribeNodeRequest.newBuilder().setNode("n005").build(), soon()));
        assertThat(removed.getNode().getState()).isEqualTo(io.aitta.proto.v1.NodeState.NODE_REMOVED);
        assertThat(removed.getPartitionsList()).isEmpty();
    }

    @Test
    void an_id_is_told_once_however_often_its_node_was_removed_and_came_back() {
        var cluster = TopologyEncoderTest.cluster(16, Map.of());
        for (int number = 5; number <= 16; number++) {
            comesAndGoes(cluster.node(new NodeId("n%03d".formatted(number))).orElseThrow());
        }
        var first = cluster.node(new NodeId("n005")).orElseThrow();
        comesAndGoes(first);
        assertThat(messages.removedNodes(messages.current()))
                .extracting(Node::getId)
                .as("the last ten, each once")
                .containsExactly("n008", "n009", "n010", "n011", "n012", "n013", "n014", "n015", "n016", "n005");
        evolve(new TopologyEvent.NodeRegistered(first));
        assertThat(messages.removedNodes(messages.current()))
                .extracting(Node::getId)
                .as("it is live again")
                .doesNotContain("n005")
                .hasSize(10);
        assertThat(view.current().removed())
                .as("its old data directories stay forbidden")
                .filteredOn(node -> node.id().equals(first.id()))
                .hasSize(2);
    }

    private void comesAndGoes(NodeInfo node) {
        evolve(new TopologyEvent.NodeRegistered(node));
        evolve(new TopologyEvent.NodeRemoved(node.id()));
    }

    @Test
    void what_a_removal_by_force_means_is_said_first() {
        nodes.with("n001", NodeState.DOWN);
        var harmless = done(remove("n001", true, true));
        assertThat(harmless.getReplicasToReplace()).isEqualTo(3);
        assertThat(harmless.getWithoutMajorityList()).isEmpty();
        assertThat(harmless.getLostList()).isEmpty();
        assertThat(ordered).isEmpty();

        nodes.with("n002", NodeState.DOWN);
        assertThat(done(remove("n001", true, true)).getWithoutMajorityList())
                .extracting(PartitionName::getPartition)
                .as("those that both of them hold")
                .containsExactly(0, 3);

        evolve(new TopologyEvent.NodeOrdered(new NodeId("n002"), NodeOrders.NONE.givenUp()));
        evolve(new TopologyEvent.NodeOrdered(new NodeId("n003"), NodeOrders.NONE.givenUp()));
        assertThat(done(remove("n001", true, true)).getLostList())
                .extracting(PartitionName::getPartition)
                .containsExactly(0);
        var removed = done(remove("n001", true, false));
        assertThat(removed.getEpoch()).isEqualTo(13);
        assertThat(removed.getLostCount()).isEqualTo(1);
        assertThat(ordered).containsExactly(new Order.RemoveNode(N1, true));
    }

    @Test
    void a_dry_run_is_refused_as_the_removal_would_be() {
        assertThat(refusal(remove("n001", false, true))).isEqualTo(Answer.Reason.NODE_NOT_EMPTY);
        assertThat(refusal(remove("n001", true, true))).isEqualTo(Answer.Reason.NODE_IS_UP);
        assertThat(refusal(remove("n009", false, true))).isEqualTo(Answer.Reason.NODE_NOT_FOUND);
        assertThat(ordered).isEmpty();
    }

    @Test
    void a_drain_names_who_is_to_get_all_of_it_or_nobody() {
        done(admin.drainNode(DrainNodeRequest.newBuilder().setNode("n001").build(), soon()));
        done(admin.drainNode(
                DrainNodeRequest.newBuilder()
                        .setNode("n001")
                        .setReplacement("n004")
                        .build(),
                soon()));
        assertThat(ordered)
                .containsExactly(
                        new Order.DrainNode(N1, Optional.empty()),
                        new Order.DrainNode(N1, Optional.of(new NodeId("n004"))));
    }

    private CompletionStage<Answer<RemoveNodeResponse>> remove(String node, boolean force, boolean dryRun) {
        return admin.removeNode(
                RemoveNodeRequest.newBuilder()
                        .setNode(node)
                        .setForce(force)
                        .setDryRun(dryRun)
                        .build(),
                soon());
    }

    private void evolve(TopologyEvent event) {
        TestViews.offer(view, TopologyState.evolve(view.current(), List.of(event)));
    }

    private static long soon() {
        return System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    }

    private static Answer.Reason refusal(CompletionStage<? extends Answer<?>> answer) {
        return ((Answer.Refused<?>) answer.toCompletableFuture().join()).reason();
    }

    private static <T> T done(CompletionStage<Answer<T>> answer) {
        var answered =
                answer.toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
        assertThat(answered).isInstanceOf(Answer.Done.class);
        return ((Answer.Done<T>) answered).response();
    }
}
