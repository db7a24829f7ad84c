package io.aitta.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Message;
import io.aitta.client.AittaException.OutcomeUnknown;
import io.aitta.client.AittaException.Refused;
import io.aitta.proto.v1.AddReplicaRequest;
import io.aitta.proto.v1.CancelMigrationRequest;
import io.aitta.proto.v1.DescribeNodeRequest;
import io.aitta.proto.v1.DescribePartitionRequest;
import io.aitta.proto.v1.DiffTopologyRequest;
import io.aitta.proto.v1.DrainNodeRequest;
import io.aitta.proto.v1.ListMigrationsRequest;
import io.aitta.proto.v1.ListPartitionsRequest;
import io.aitta.proto.v1.MigrateRequest;
import io.aitta.proto.v1.PauseBalancingRequest;
import io.aitta.proto.v1.RebalanceRequest;
import io.aitta.proto.v1.RecoverPartitionRequest;
import io.aitta.proto.v1.RemoveNodeRequest;
import io.aitta.proto.v1.RemoveReplicaRequest;
import io.aitta.proto.v1.SetNodeWeightRequest;
import io.aitta.proto.v1.SetNodeZoneRequest;
import io.aitta.proto.v1.SetTableLearnersRequest;
import io.aitta.proto.v1.SetTableReplicasRequest;
import io.aitta.proto.v1.TransferPrimaryRequest;
import io.aitta.proto.v1.UndrainNodeRequest;
import io.grpc.Status;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is ordered for nodes, partitions and moves: as what it is sent, and what becomes of it when an answer is lost. */
@Timeout(30)
class AdminOrdersTest {
    private static final OptionalLong ANY = OptionalLong.empty();

    private final FakeCluster cluster = new FakeCluster(3);
    private final AittaClient client =
            AittaClient.builder().endpoints(cluster.endpoints()).build();
    private final AittaAdmin.BlockingView admin = client.admin().blocking();

    @AfterEach
    void close() {
        client.close();
        cluster.close();
    }

    private static Arguments order(Message request, Consumer<AittaAdmin.BlockingView> order) {
        return Arguments.of(request.getClass().getSimpleName(), request, order);
    }

    /** Those that may be sent again. */
    static Stream<Arguments> repeatable() {
        return Stream.of(
                order(DescribeNodeRequest.newBuilder().setNode("n1").build(), a -> a.nodes()
                        .describe("n1")),
                order(
                        DrainNodeRequest.newBuilder()
                                .setNode("n1")
                                .setReplacement("n2")
                                .build(),
                        a -> a.nodes().drain("n1", Optional.of("n2"))),
                order(UndrainNodeRequest.newBuilder().setNode("n1").build(), a -> a.nodes()
                        .undrain("n1")),
                order(
                        RemoveNodeRequest.newBuilder()
                                .setNode("n1")
                                .setForce(true)
                                .setDryRun(true)
                                .build(),
                        a -> a.nodes().planRemoval("n1", true)),
                order(
                        SetNodeWeightRequest.newBuilder()
                                .setNode("n1")
                                .setWeight(NodeAdmin.MAX_WEIGHT)
                                .build(),
                        a -> a.nodes().setWeight("n1", 10_000)),
                order(
                        SetNodeZoneRequest.newBuilder()
                                .setNode("n1")
                                .setZone("west")
                                .build(),
                        a -> a.nodes().setZone("n1", "west")),
                order(
                        ListPartitionsRequest.newBuilder()
                                .setTable("default")
                                .setLive(true)
                                .build(),
                        a -> a.partitions().listLive("default")),
                order(
                        DescribePartitionRequest.newBuilder()
                                .setTable("default")
                                .setPartition(3)
                                .build(),
                        a -> a.partitions().describe("default", 3)),
                order(
                        ListMigrationsRequest.newBuilder()
                                .setTable("default")
                                .setEnded(true)
                                .build(),
                        a -> a.migrations().list("default", true)),
                order(CancelMigrationRequest.newBuilder().setId(9).build(), a -> a.migrations()
                        .cancel(9)),
                order(RebalanceRequest.newBuilder().setDryRun(true).build(), a -> a.migrations()
                        .planBalance("")),
                order(
                        RebalanceRequest.newBuilder()
                                .setTable("t")
                                .setExpectedEpoch(4)
                                .build(),
                        a -> a.migrations().rebalance("t", OptionalLong.of(4))),
                order(PauseBalancingRequest.newBuilder().setPaused(true).build(), a -> a.migrations()
                        .pauseBalancing(true)),
                order(
                        SetTableReplicasRequest.newBuilder()
                                .setTable("t")
                                .setReplicas(5)
                                .build(),
                        a -> a.setTableReplicas("t", 5)),
                order(
                        SetTableLearnersRequest.newBuilder()
                                .setTable("t")
                                .setZone("west")
                                .setCount(2)
                                .build(),
                        a -> a.setTableLearners("t", "west", 2)),
                order(DiffTopologyRequest.newBuilder().setFromEpoch(3).build(), a -> a.topologyChanges(3, ANY)));
    }

    /** Those that would do something else, or be refused, if they were done already. */
    static Stream<Arguments> once() {
        return Stream.of(
                order(RemoveNodeRequest.newBuilder().setNode("n1").build(), a -> a.nodes()
                        .remove("n1")),
                order(
                        RemoveNodeRequest.newBuilder()
                                .setNode("n1")
                                .setForce(true)
                                .build(),
                        a -> a.nodes().giveUp("n1")),
                order(
                        MigrateRequest.newBuilder()
                                .setTable("t")
                                .setPartition(1)
                                .setFrom("n1")
                                .setTo("n2")
                                .setExpectedEpoch(8)
                                .build(),
                        a -> a.migrations().migrate("t", 1, "n1", "n2", OptionalLong.of(8))),
                order(
                        AddReplicaRequest.newBuilder()
                                .setTable("t")
                                .setPartition(1)
                                .setNode("n2")
                                .setLearner(true)
                                .build(),
                        a -> a.migrations().addReplica("t", 1, "n2", true, ANY)),
                order(
                        RemoveReplicaRequest.newBuilder()
                                .setTable("t")
                                .setPartition(1)
                                .setNode("n2")
                                .build(),
                        a -> a.migrations().removeReplica("t", 1, "n2", ANY)),
                order(
                        TransferPrimaryRequest.newBuilder()
                                .setTable("t")
                                .setPartition(1)
                                .setNode("n2")
                                .build(),
                        a -> a.partitions().transferPrimary("t", 1, "n2")),
                order(
                        RecoverPartitionRequest.newBuilder()
                                .setTable("t")
                                .setPartition(1)
                                .addSurvivors("n2")
                                .setAcceptLoss(true)
                                .build(),
                        a -> a.partitions().recoverAcceptingLoss("t", 1, List.of("n2"))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("repeatable")
    void whatComesToTheSameTwiceIsSentAgainWhenItsAnswerWasLost(
            String name, Message request, Consumer<AittaAdmin.BlockingView> order) {
        cluster.loseNextReply();
        order.accept(admin);
        assertThat(cluster.received()).extracting(FakeCluster.Received::request).containsExactly(request, request);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("once")
    void whatDoesNotIsSentOnceAndItsOutcomeUnknownWhenItsAnswerWasLost(
            String name, Message request, Consumer<AittaAdmin.BlockingView> order) {
        cluster.loseNextReply();
        assertThatThrownBy(() -> order.accept(admin)).isInstanceOf(OutcomeUnknown.class);
        assertThat(cluster.received()).extracting(FakeCluster.Received::request).containsExactly(request);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("once")
    void whatWasNotBegunIsAlwaysTriedAgain(String name, Message request, Consumer<AittaAdmin.BlockingView> order) {
        cluster.refuseNext(Status.Code.UNAVAILABLE, "NO_ORCHESTRATOR", "it is just moving");
        order.accept(admin);
        assertThat(cluster.received()).hasSize(2);
    }

    @Test
    void whatCannotBeRightIsRefusedBeforeItIsSent() {
        refused("BAD_WEIGHT", () -> admin.nodes().setWeight("n1", 10_001));
        refused("BAD_WEIGHT", () -> admin.nodes().setWeight("n1", -1));
        refused("BAD_REPLICAS", () -> admin.setTableReplicas("t", 0));
        refused("BAD_REPLICAS", () -> admin.setTableReplicas("t", 8));
        refused("BAD_REPLICAS", () -> admin.setTableLearners("t", "z", -1));
        refused("PARTITION_NOT_FOUND", () -> admin.partitions().describe("t", -1));
        refused("PARTITION_NOT_FOUND", () -> admin.partitions().transferPrimary("t", 4_096, "n1"));
        refused("PARTITION_NOT_FOUND", () -> admin.partitions().recoverAcceptingLoss("t", -1, List.of()));
        refused("PARTITION_NOT_FOUND", () -> admin.migrations().migrate("t", -1, "n1", "n2", ANY));
        refused("PARTITION_NOT_FOUND", () -> admin.migrations().addReplica("t", -1, "n1", false, ANY));
        refused("PARTITION_NOT_FOUND", () -> admin.migrations().removeReplica("t", -1, "n1", ANY));
        assertThat(cluster.received()).isEmpty();
    }

    private static void refused(String reason, Runnable order) {
        assertThatThrownBy(order::run).isInstanceOfSatisfying(Refused.class, e -> {
            assertThat(e.reason()).isEqualTo(reason);
            assertThat(e.kind()).isEqualTo(Refused.Kind.BAD_INPUT);
        });
    }

    @Test
    void aRefusalByTheClusterAfterALostAnswerMayMeanThatItWasDone() {
        cluster.loseNextReply();
        cluster.refuseNext(Status.Code.FAILED_PRECONDITION, "MOVE_NOT_CANCELLABLE", "it is over");
        assertThatThrownBy(() -> admin.migrations().cancel(3)).isInstanceOf(OutcomeUnknown.class);
    }

    @Test
    void thePastIsAskedForByItsEpoch() {
        assertThat(admin.topologyAt(1).getClusterId()).isEqualTo("c-1");
        assertThatThrownBy(() -> {
                    cluster.refuseNext(Status.Code.NOT_FOUND, "EPOCH_NOT_FOUND", "there is no epoch 99");
                    admin.topologyAt(99);
                })
                .isInstanceOf(Refused.class);
    }
}
