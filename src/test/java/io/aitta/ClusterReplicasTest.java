package io.aitta;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.replication.LogIndex;
import io.aitta.core.replication.Membership;
import io.aitta.core.replication.Term;
import io.aitta.core.topology.EndedMove;
import io.aitta.core.topology.Epoch;
import io.aitta.core.topology.Move;
import io.aitta.core.topology.PartitionReport;
import io.aitta.core.topology.PartitionReport.Peer;
import io.aitta.core.topology.Primary;
import io.aitta.core.topology.ReplicaInfo;
import io.aitta.core.topology.Topology;
import io.aitta.core.topology.TopologyCommand.MoveEnd;
import io.aitta.core.topology.TopologyCommand.PrimaryReport;
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
import io.aitta.proto.v1.AddReplicaRequest;
import io.aitta.proto.v1.DescribePartitionRequest;
import io.aitta.proto.v1.DescribePartitionResponse;
import io.aitta.proto.v1.ListMigrationsRequest;
import io.aitta.proto.v1.ListPartitionsRequest;
import io.aitta.proto.v1.MigrateRequest;
import io.aitta.proto.v1.Migration;
import io.aitta.proto.v1.MigrationPhase;
import io.aitta.proto.v1.MoveCause;
import io.aitta.proto.v1.PartitionState;
import io.aitta.proto.v1.RebalanceRequest;
import io.aitta.proto.v1.RecoverPartitionRequest;
import io.aitta.proto.v1.TransferPrimaryRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A table "users" of 4 partitions on four nodes; of partition 0 the primary is on n001, the others on n002 and n003. */
class ClusterReplicasTest {
    private static final PartitionId FIRST = new PartitionId("users", 1, 0);
    private static final NodeId N1 = new NodeId("n001");
    private static final NodeId N2 = new NodeId("n002");
    private static final NodeId N3 = new NodeId("n003");
    private static final NodeId N4 = new NodeId("n004");

    private final FakeNodes nodes = new FakeNodes()
            .with("n001", NodeState.UP)
            .with("n002", NodeState.UP)
            .with("n003", NodeState.UP)
            .with("n004", NodeState.UP);
    private final TopologyView view = TestViews.of(TopologyEncoderTest.cluster(4, Map.of("users", 4)));
    private final List<Order> ordered = new ArrayList<>();
    private final LiveState live = new LiveState(nodes, nodes);
    private ChangeAnswer orderAnswer = new ChangeAnswer.Done(new Epoch(13), 0);
    private final ClusterReplicas replicas = new ClusterReplicas(
            (order, deadline) -> {
                ordered.add(order);
                return CompletableFuture.completedFuture(orderAnswer);
            },
            view,
            nodes,
            live,
            new Migrations(live),
            () -> CompletableFuture.completedFuture(OptionalInt.of(5)));

    // ---- how partitions are -------------------------------------------------------------------------------------

    @Test
    void a_partition_is_told_with_what_each_of_its_nodes_says() {
        nodes.replica("n001", report(Role.PRIMARY, 7, 100));
        nodes.replica("n002", report(Role.SECONDARY, 7, 90));
        nodes.silent.add(N3);
        var partition = describe().getPartition();
        assertThat(partition.getState()).isEqualTo(PartitionState.ACTIVE);
        assertThat(partition.getTerm()).isEqualTo(7);
        assertThat(partition.getReplicas(0).getRole()).isEqualTo(io.aitta.proto.v1.Role.PRIMARY);
        assertThat(partition.getReplicas(1).getState().getLag()).isEqualTo(10);
        assertThat(partition.getReplicas(1).getState().getLogIndex()).isEqualTo(90);
        assertThat(partition.getReplicas(2).getState().getKnown()).isFalse();
        assertThat(nodes.asked).doesNotContain(N4);
    }

    @Test
    void a_primary_that_the_topology_does_not_know_yet_is_told() {
        nodes.replica("n001", report(Role.SECONDARY, 9, 100));
        nodes.replica("n002", report(Role.PRIMARY, 9, 100));
        var partition = describe().getPartition();
        assertThat(partition.getTerm()).isEqualTo(9);
        assertThat(partition.getReplicas(0).getRole()).isEqualTo(io.aitta.proto.v1.Role.SECONDARY);
        assertThat(partition.getReplicas(1).getRole()).isEqualTo(io.aitta.proto.v1.Role.PRIMARY);
    }

    @Test
    void a_partition_is_slowed_down_stuck_without_primary_or_not_known() {
        nodes.replica("n001", report(Role.PRIMARY, 7, 100, false, true));
        assertThat(describe().getPartition().getState()).isEqualTo(PartitionState.SLOWDOWN);
        nodes.replicas.clear();
        nodes.replica("n001", report(Role.PRIMARY, 7, 100, true, true));
        assertThat(describe().getPartition().getState()).isEqualTo(PartitionState.STUCK);
        nodes.replicas.clear();
        nodes.replica("n002", report(Role.SECONDARY, 7, 100));
        assertThat(describe().getPartition().getState()).isEqualTo(PartitionState.NO_PRIMARY);
        nodes.silent.add(N1);
        assertThat(describe().getPartition().getState())
                .as("it may be the primary")
                .isEqualTo(PartitionState.PARTITION_STATE_UNSPECIFIED);
        nodes.with("n001", NodeState.DOWN);
        nodes.asked.clear();
        assertThat(describe().getPartition().getState()).isEqualTo(PartitionState.NO_PRIMARY);
        assertThat(nodes.asked).as("who is down is not waited for").doesNotContain(N1);
    }

    @Test
    void all_partitions_of_a_table_are_told_at_once() {
        nodes.replica("n001", report(Role.PRIMARY, 7, 100));
        var listed = done(replicas.listPartitions(
                ListPartitionsRequest.newBuilder().setTable("users").build(), soon()));
        assertThat(listed.getPartitionsList()).hasSize(4);
        assertThat(listed.getPartitions(0).getState()).isEqualTo(PartitionState.ACTIVE);
        assertThat(listed.getPartitions(1).getState()).isEqualTo(PartitionState.NO_PRIMARY);
        assertThat(nodes.asked).containsExactlyInAnyOrder(N1, N2, N3, N4);
    }

    // ---- moves --------------------------------------------------------------------------------------------------

    @Test
    void a_move_that_cannot_go_on_tells_what_it_waits_for() {
        begin(Optional.empty(), Optional.of(N2), ReplicaInfo.Role.VOTER);
        group(
                N1,
                Membership.ofVoters(N1, N2, N3),
                false,
                null,
                Map.of(
                        N2, new Peer(new LogIndex(100), true, false, true),
                        N3, new Peer(new LogIndex(90), false, false, false)));
        assertThat(migration().getPhase()).isEqualTo(MigrationPhase.LEAVING);
        assertThat(migration().getMessage()).isEqualTo("waiting for a majority");
    }

    @Test
    void a_move_is_told_step_by_step_as_the_group_stands() {
        begin(Optional.of(N4), Optional.of(N1), ReplicaInfo.Role.VOTER);
        assertThat(migration().getPhase()).isEqualTo(MigrationPhase.WAITING);
        assertThat(migration().getMessage()).isEqualTo("no primary of the partition answers");

        var three = Membership.ofVoters(N1, N2, N3);
        group(N1, three, false, null, Map.of());
        assertThat(migration().getPhase()).isEqualTo(MigrationPhase.WAITING);
        assertThat(migration().getMessage()).isEmpty();

        group(N1, three.withLearner(N4), false, null, Map.of(N4, new Peer(new LogIndex(0), true, true, false)));
        nodes.replica(
                "n004",
                new ReplicaReport(FIRST, false, Role.LEARNER, Optional.of(N1), 7, 0, 0, 0, 300, 1_000, false, false));
        var copying = migration();
        assertThat(copying.getPhase()).isEqualTo(MigrationPhase.COPYING);
        assertThat(copying.getPercent()).isEqualTo(27);
        assertThat(copying.getCopiedBytes()).isEqualTo(300);
        assertThat(copying.getCopyBytes()).isEqualTo(1_000);
        assertThat(copying.getLag()).isEqualTo(100);

        nodes.replica(
                "n004", new ReplicaReport(FIRST, false, Role.LEARNER, Optional.of(N1), 7, 0, 0, 0, 0, 0, false, false));
        assertThat(migration().getMessage())
                .isEqualTo(
                        "no copy is being fetched: node n004 fetches as many as it may, or its log tells why it cannot");

        nodes.replicas.clear();
        group(N1, three.withLearner(N4), false, null, Map.of(N4, new Peer(new LogIndex(60), true, false, false)));
        assertThat(migration().getPhase()).isEqualTo(MigrationPhase.CATCHING_UP);
        assertThat(migration().getPercent()).isEqualTo(60);
        assertThat(migration().getLag()).isEqualTo(40);
        group(N1, three.withLearner(N4), false, N4, Map.of(N4, new Peer(new LogIndex(99), false, false, false)));
        assertThat(migration().getPhase()).isEqualTo(MigrationPhase.SLOWING_DOWN);
        assertThat(migration().getMessage()).isEqualTo("node n004 does not answer");

        var four = Membership.ofVoters(N1, N2, N3, N4);
        group(N1, four, true, null, Map.of(N4, new Peer(new LogIndex(100), true, false, false)));
        assertThat(migration().getPhase()).isEqualTo(MigrationPhase.HANDING_OVER);
        assertThat(migration().getPercent()).isEqualTo(100);
        group(N4, four, false, null, Map.of());
        assertThat(migration().getPhase()).isEqualTo(MigrationPhase.LEAVING);
        group(N4, Membership.ofVoters(N2, N3, N4), false, null, Map.of());
        assertThat(migration().getPhase()).isEqualTo(MigrationPhase.LEAVING);
        evolve(new TopologyEvent.MoveCancelled(1));
        assertThat(migration().getPhase()).isEqualTo(MigrationPhase.TAKING_BACK);
    }

    @Test
    void a_move_that_is_over_is_told_only_to_who_asks_for_those() {
        begin(Optional.of(N4), Optional.empty(), ReplicaInfo.Role.LEARNER);
        evolve(new TopologyEvent.MovesEnded(
                List.of(new MoveEnd(1, EndedMove.Outcome.FAILED, "node n004 was away for too long")), 77));
        assertThat(list(false)).isEmpty();
        assertThat(list(true)).singleElement().satisfies(ended -> {
            assertThat(ended.getPhase()).isEqualTo(MigrationPhase.FAILED);
            assertThat(ended.getMessage()).isEqualTo("node n004 was away for too long");
            assertThat(ended.getEndedMillis()).isEqualTo(77);
            assertThat(ended.getLearner()).isTrue();
            assertThat(ended.getFrom()).isEmpty();
            assertThat(ended.getCause()).isEqualTo(MoveCause.ORDERED);
        });
    }

    @Test
    void how_many_moves_wait_is_asked_of_the_orchestrator() {
        var listed = done(replicas.listMigrations(ListMigrationsRequest.getDefaultInstance(), soon()));
        assertThat(listed.getPlanned()).isEqualTo(5);
        assertThat(listed.getBalancingPaused()).isFalse();
    }

    // ---- orders -------------------------------------------------------------------------------------------------

    @Test
    void a_move_that_was_ordered_comes_back_with_its_number() {
        begin(Optional.of(N4), Optional.of(N1), ReplicaInfo.Role.VOTER);
        var moved = done(replicas.migrate(
                MigrateRequest.newBuilder()
                        .setTable("users")
                        .setFrom("n001")
                        .setTo("n004")
                        .setExpectedEpoch(12)
                        .build(),
                soon()));
        assertThat(moved.getEpoch()).isEqualTo(13);
        assertThat(moved.getMigration().getId()).isEqualTo(1);
        assertThat(moved.getMigration().getPhase()).isEqualTo(MigrationPhase.WAITING);
        assertThat(ordered)
                .containsExactly(new Order.MoveReplica(
                        "users", 0, Optional.of(N1), Optional.of(N4), false, OptionalLong.of(12)));
    }

    @Test
    void what_the_orchestrator_refuses_is_refused_with_its_words() {
        orderAnswer = new ChangeAnswer.Refused("ALREADY_A_REPLICA", "node n001 holds one");
        var answer = replicas.addReplica(
                        AddReplicaRequest.newBuilder()
                                .setTable("users")
                                .setNode("n001")
                                .build(),
                        soon())
                .toCompletableFuture()
                .join();
        assertThat(answer).isEqualTo(new Answer.Refused<>(Answer.Reason.ALREADY_A_REPLICA, "node n001 holds one"));
    }

    @Test
    void a_transfer_is_answered_when_the_topology_shows_it() {
        var transfer = replicas.transferPrimary(transferTo("n002"), soon()).toCompletableFuture();
        assertThat(ordered).containsExactly(new Order.PreferPrimary("users", 0, N2));
        assertThat(transfer).isNotDone();
        evolve(new TopologyEvent.PrimariesReported(List.of(new PrimaryReport(FIRST, new Primary(new Term(4), N2)))));
        assertThat(done(transfer).getDone()).isTrue();
        assertThat(done(transfer).getEpoch()).isEqualTo(13);
    }

    @Test
    void a_transfer_that_takes_too_long_is_said_to_go_on() {
        var late = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(150);
        assertThat(done(replicas.transferPrimary(transferTo("n002"), late)).getDone())
                .isFalse();
        orderAnswer = new ChangeAnswer.Refused("NOT_A_REPLICA", "n004 holds none");
        assertThat(replicas.transferPrimary(transferTo("n004"), soon())
                        .toCompletableFuture()
                        .join())
                .isEqualTo(new Answer.Refused<>(Answer.Reason.NOT_A_REPLICA, "n004 holds none"));
    }

    @Test
    void a_plan_is_shown_and_bound_to_its_epoch() {
        var dry = done(
                replicas.rebalance(RebalanceRequest.newBuilder().setDryRun(true).build(), soon()));
        assertThat(dry.getEpoch()).isEqualTo(12);
        assertThat(dry.getMovesList()).as("12 replicas on 4 nodes are even").isEmpty();
        assertThat(ordered).isEmpty();
        evolve(new TopologyEvent.BalancingPaused(true));
        var stale = replicas.rebalance(
                        RebalanceRequest.newBuilder().setExpectedEpoch(12).build(), soon())
                .toCompletableFuture()
                .join();
        assertThat(((Answer.Refused<?>) stale).reason()).isEqualTo(Answer.Reason.STALE_EPOCH);
        done(replicas.rebalance(
                RebalanceRequest.newBuilder()
                        .setTable("users")
                        .setExpectedEpoch(13)
                        .build(),
                soon()));
        assertThat(ordered).containsExactly(new Order.Rebalance(Optional.of("users"), OptionalLong.of(13)));
    }

    @Test
    void the_plan_for_a_node_that_came_empty_fills_it() {
        Topology even = TopologyEncoderTest.cluster(4, Map.of("users", 16));
        var crowded = new HashMap<>(Map.of("users", 16));
        var five = TopologyEncoderTest.cluster(5, crowded);
        Topology topology = TopologyState.evolve(
                even,
                List.of(new TopologyEvent.NodeRegistered(
                        five.node(new NodeId("n005")).orElseThrow())));
        TestViews.offer(view, topology);
        nodes.with("n005", NodeState.UP);
        var dry = done(
                replicas.rebalance(RebalanceRequest.newBuilder().setDryRun(true).build(), soon()));
        assertThat(dry.getMovesCount()).isBetween(9, 10);
        assertThat(dry.getMovesList()).allSatisfy(move -> {
            assertThat(move.getTo()).isEqualTo("n005");
            assertThat(move.getCause()).isEqualTo(MoveCause.BALANCE);
        });
    }

    @Test
    void without_a_named_survivor_the_one_whose_log_is_ahead_goes_on() {
        // Was cut off as primary of term 6, and has written much since that nobody else has.
        nodes.replica("n001", report(Role.SECONDARY, 6, 120));
        nodes.replica("n002", report(Role.SECONDARY, 7, 95));
        nodes.replica(
                "n003",
                new ReplicaReport(FIRST, true, Role.SECONDARY, Optional.empty(), 0, 0, 0, 0, 0, 0, false, false));
        var request = RecoverPartitionRequest.newBuilder().setTable("users").setAcceptLoss(true);
        done(replicas.recoverPartition(request.build(), soon()));
        assertThat(ordered).containsExactly(new Order.RecoverPartition("users", 0, List.of(N2)));
        nodes.replicas.clear();
        var nobody = replicas.recoverPartition(request.build(), soon())
                .toCompletableFuture()
                .join();
        assertThat(((Answer.Refused<?>) nobody).reason()).isEqualTo(Answer.Reason.NODE_NOT_UP);
    }

    // ---- the stage ----------------------------------------------------------------------------------------------

    private DescribePartitionResponse describe() {
        return done(replicas.describePartition(
                DescribePartitionRequest.newBuilder().setTable("users").build(), soon()));
    }

    private Migration migration() {
        return list(false).get(0);
    }

    private List<Migration> list(boolean ended) {
        return done(replicas.listMigrations(
                        ListMigrationsRequest.newBuilder()
                                .setTable("users")
                                .setEnded(ended)
                                .build(),
                        soon()))
                .getMigrationsList();
    }

    private void begin(Optional<NodeId> to, Optional<NodeId> from, ReplicaInfo.Role role) {
        evolve(new TopologyEvent.MovesBegun(List.of(new Move(1, FIRST, to, from, role, Move.Cause.ORDERED, false, 5))));
    }

    private void evolve(TopologyEvent event) {
        TestViews.offer(view, TopologyState.evolve(view.current(), List.of(event)));
    }

    private void group(
            NodeId primary, Membership membership, boolean transferring, NodeId slowedFor, Map<NodeId, Peer> peers) {
        nodes.groups.clear();
        nodes.groups.add(new PartitionReport(
                FIRST,
                primary,
                new Term(7),
                true,
                transferring,
                true,
                slowedFor,
                new LogIndex(100),
                new LogIndex(100),
                membership,
                peers));
    }

    private static ReplicaReport report(Role role, long term, long last) {
        return report(role, term, last, false, false);
    }

    private static ReplicaReport report(Role role, long term, long last, boolean transferring, boolean slowed) {
        return new ReplicaReport(
                FIRST, false, role, Optional.of(N1), term, last, term, last - 1, 0, 0, transferring, slowed);
    }

    private static TransferPrimaryRequest transferTo(String node) {
        return TransferPrimaryRequest.newBuilder()
                .setTable("users")
                .setNode(node)
                .build();
    }

    private static long soon() {
        return System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    }

    private static <T> T done(CompletionStage<Answer<T>> answer) {
        var answered =
                answer.toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
        assertThat(answered).isInstanceOf(Answer.Done.class);
        return ((Answer.Done<T>) answered).response();
    }
}
