package io.aitta;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.topology.Move;
import io.aitta.core.topology.NodeOrders;
import io.aitta.core.topology.ReplicaInfo;
import io.aitta.core.topology.TopologyEvent;
import io.aitta.core.topology.TopologyState;
import io.aitta.gateway.Answer;
import io.aitta.orchestrator.NodeStates.NodeState;
import io.aitta.orchestrator.TestViews;
import io.aitta.orchestrator.TopologyView;
import io.aitta.partition.Stewards.Disk;
import io.aitta.partition.Stewards.ReplicaReport;
import io.aitta.partition.Stewards.Role;
import io.aitta.partition.Stewards.Vitals;
import io.aitta.proto.v1.CheckClusterRequest;
import io.aitta.proto.v1.CheckClusterResponse;
import io.aitta.proto.v1.CheckFinding;
import io.aitta.proto.v1.CheckKind;
import io.aitta.proto.v1.CheckVerdict;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Three nodes that carry a table of three partitions, all well unless a test says otherwise. */
class ClusterChecksTest {
    private static final long GIB = 1L << 30;
    private static final List<String> NODES = List.of("n001", "n002", "n003");
    /** Too little for a second look. */
    private static final long ONE_LOOK_MILLIS = 1_000;

    private final FakeNodes nodes = new FakeNodes();
    private final TopologyView view = TestViews.of(TopologyEncoderTest.cluster(3, Map.of("users", 3)));
    private final LiveState live = new LiveState(nodes, nodes);
    private OptionalInt planned = OptionalInt.of(0);

    @BeforeEach
    void allIsWell() {
        for (int i = 0; i < 3; i++) {
            nodes.with(NODES.get(i), NodeState.UP);
            vitals(NODES.get(i), 12, 0, 50 * GIB);
            for (int k = 0; k < 3; k++) {
                nodes.replica(NODES.get((i + k) % 3), replica(i, k == 0 ? Role.PRIMARY : Role.SECONDARY, 100));
            }
        }
    }

    private void vitals(String node, long epoch, long clockAheadMillis, long freeBytes) {
        nodes.vitals.put(
                new NodeId(node),
                new Vitals(
                        new NodeId(node),
                        epoch,
                        clockAheadMillis,
                        10,
                        List.of(new Disk("/data", freeBytes, 100 * GIB))));
    }

    private static ReplicaReport replica(int partition, Role role, long last) {
        return new ReplicaReport(
                new PartitionId("users", 1, partition),
                false,
                role,
                Optional.of(new NodeId(NODES.get(partition))),
                3,
                last,
                3,
                last,
                0,
                0,
                false,
                false);
    }

    private void instead(int partition, String node, ReplicaReport report) {
        nodes.replicas.removeIf(one -> one.partition().partition() == partition
                && nodes.places.get(one).equals(new NodeId(node)));
        if (report != null) {
            nodes.replica(node, report);
        }
    }

    private CheckClusterResponse check(long withinMillis) {
        try (var messages = new TopologyMessages(view, nodes)) {
            var answer = new ClusterChecks(
                            view,
                            messages,
                            nodes,
                            nodes,
                            live,
                            new Migrations(live),
                            () -> CompletableFuture.completedFuture(planned),
                            new ReplicaComparison(view, nodes, nodes, null))
                    .checkCluster(
                            CheckClusterRequest.getDefaultInstance(),
                            System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(withinMillis))
                    .toCompletableFuture()
                    .orTimeout(20, TimeUnit.SECONDS)
                    .join();
            return ((Answer.Done<CheckClusterResponse>) answer).response();
        } catch (Exception cannotBeClosed) {
            throw new AssertionError(cannotBeClosed);
        }
    }

    private CheckFinding onlyFinding() {
        var findings = check(ONE_LOOK_MILLIS).getFindingsList();
        assertThat(findings).hasSize(1);
        return findings.get(0);
    }

    private void finds(CheckVerdict severity, CheckKind kind, String message) {
        var finding = onlyFinding();
        assertThat(finding.getMessage()).isEqualTo(message);
        assertThat(finding.getSeverity()).isEqualTo(severity);
        assertThat(finding.getKind()).isEqualTo(kind);
    }

    @Test
    void aClusterThatIsWellIsHealthy() {
        var check = check(ONE_LOOK_MILLIS);
        assertThat(check.getFindingsList()).isEmpty();
        assertThat(check.getVerdict()).isEqualTo(CheckVerdict.VERDICT_HEALTHY);
        assertThat(check.getEpoch()).isEqualTo(12);
        assertThat(check.getPartitions()).isEqualTo(3);
        assertThat(check.getReplicas()).isEqualTo(9);
        assertThat(check.getNodesList()).hasSize(3).allSatisfy(node -> {
            assertThat(node.getAnswered()).isTrue();
            assertThat(node.getDisks(0).getFreeBytes()).isEqualTo(50 * GIB);
        });
    }

    @Test
    void aNodeThatIsAwayIsToldOfOnce() {
        nodes.with("n002", NodeState.DOWN);
        nodes.with("n003", NodeState.UNREACHABLE);
        nodes.silent.add(new NodeId("n003"));
        var check = check(ONE_LOOK_MILLIS);
        assertThat(check.getVerdict()).isEqualTo(CheckVerdict.VERDICT_CRITICAL);
        assertThat(check.getFindingsList())
                .extracting(CheckFinding::getMessage)
                .containsExactly(
                        "users/1 has no primary: it takes no writes and no strong reads",
                        "users/2 has no primary: it takes no writes and no strong reads",
                        "node n002 is down; it holds 3 replicas",
                        "node n003 cannot be reached; it holds 3 replicas");
    }

    @Test
    void aNodeThatIsUpAndSaysNothingIsTold() {
        nodes.silent.add(new NodeId("n002"));
        assertThat(check(ONE_LOOK_MILLIS).getFindingsList())
                .extracting(CheckFinding::getMessage)
                .containsExactly(
                        "node n002 is up and does not answer; it holds 3 replicas",
                        "users/1 may have no primary: nodes that could hold it do not answer");
    }

    @Test
    void aDrainThatCannotEndIsTold() {
        var two = new NodeId("n002");
        var drained = new TopologyEvent.NodeOrdered(two, NodeOrders.NONE.drained(Optional.empty()));
        TestViews.offer(view, TopologyState.evolve(view.current(), List.of(drained)));
        NODES.forEach(node -> vitals(node, 13, 0, 50 * GIB));
        finds(
                CheckVerdict.VERDICT_DEGRADED,
                CheckKind.CHECK_NODE,
                "node n002 is being drained; 3 replicas have nowhere to go: table 'users' wants 3 of each partition, and"
                        + " 2 nodes can hold them; add a node or lower the replicas of table 'users'");
        TestViews.offer(view, TopologyState.evolve(view.current(), List.of(new TopologyEvent.ReplicasSet("users", 2))));
        NODES.forEach(node -> vitals(node, 14, 0, 50 * GIB));
        assertThat(check(ONE_LOOK_MILLIS).getFindingsList())
                .extracting(CheckFinding::getMessage)
                .contains("node n002 is being drained");
    }

    @Test
    void aNodeThatLagsBehindInTheTopologyIsTold() {
        vitals("n002", 11, 0, 50 * GIB);
        finds(
                CheckVerdict.VERDICT_DEGRADED,
                CheckKind.CHECK_EPOCH,
                "node n002 knows the topology of epoch 11, and there is one of epoch 12");
    }

    @Test
    void aClockThatGoesWrongIsFoundAmongThose() {
        vitals("n001", 12, -400, 50 * GIB);
        assertThat(check(ONE_LOOK_MILLIS).getFindingsList()).isEmpty();
        vitals("n001", 12, -40_000, 50 * GIB);
        finds(
                CheckVerdict.VERDICT_DEGRADED,
                CheckKind.CHECK_CLOCK,
                "node n001 has a clock that is 40000 ms behind the others'");
        vitals("n001", 12, 70_000, 50 * GIB);
        finds(
                CheckVerdict.VERDICT_CRITICAL,
                CheckKind.CHECK_CLOCK,
                "node n001 has a clock that is 70000 ms ahead of the others'");
    }

    @Test
    void aDiskThatFillsUpIsTold() {
        vitals("n003", 12, 0, 4 * GIB);
        finds(
                CheckVerdict.VERDICT_DEGRADED,
                CheckKind.CHECK_DISK,
                "node n003 has 4,096 MiB of 102,400 MiB left on the disk of /data");
        vitals("n003", 12, 0, GIB / 2);
        assertThat(onlyFinding().getSeverity()).isEqualTo(CheckVerdict.VERDICT_CRITICAL);
    }

    @Test
    void replicasThatFailedLagOrAreNotThereAreTold() {
        instead(0, "n002", replica(0, Role.SECONDARY, 100));
        instead(0, "n001", replica(0, Role.PRIMARY, 5_000));
        instead(0, "n003", replica(0, Role.SECONDARY, 4_990));
        finds(
                CheckVerdict.VERDICT_DEGRADED,
                CheckKind.CHECK_LAG,
                "the replica of users/0 on node n002 lacks 4900 log entries");
        instead(
                0,
                "n002",
                new ReplicaReport(
                        new PartitionId("users", 1, 0),
                        true,
                        Role.SECONDARY,
                        Optional.empty(),
                        0,
                        0,
                        0,
                        0,
                        0,
                        0,
                        false,
                        false));
        finds(
                CheckVerdict.VERDICT_DEGRADED,
                CheckKind.CHECK_REPLICA,
                "the replica of users/0 on node n002 has not been recovered, or its binlog has failed");
        instead(0, "n002", null);
        finds(
                CheckVerdict.VERDICT_DEGRADED,
                CheckKind.CHECK_REPLICA,
                "the replica of users/0 on node n002 is not there");
    }

    @Test
    void anOrchestratorThatDoesNotAnswerIsToldAndWhatItHasToDoIsNoHarm() {
        planned = OptionalInt.empty();
        assertThat(onlyFinding().getKind()).isEqualTo(CheckKind.CHECK_ORCHESTRATOR);
        planned = OptionalInt.of(4);
        finds(CheckVerdict.VERDICT_HEALTHY, CheckKind.CHECK_MOVE, "4 moves are planned and wait for their turn");
        assertThat(check(ONE_LOOK_MILLIS).getVerdict()).isEqualTo(CheckVerdict.VERDICT_HEALTHY);
    }

    @Test
    void aMoveThatHasWaitedForLongIsTold() {
        var move = new Move(
                7,
                new PartitionId("users", 1, 0),
                Optional.empty(),
                Optional.of(new NodeId("n003")),
                ReplicaInfo.Role.VOTER,
                Move.Cause.ORDERED,
                false,
                System.currentTimeMillis() - 90_000);
        TestViews.offer(
                view, TopologyState.evolve(view.current(), List.of(new TopologyEvent.MovesBegun(List.of(move)))));
        NODES.forEach(node -> vitals(node, 13, 0, 50 * GIB));
        finds(
                CheckVerdict.VERDICT_DEGRADED,
                CheckKind.CHECK_MOVE,
                "migration 7 does not move on: no primary of the partition answers");
    }

    @Test
    void whatIsSoForAMomentOnlyIsNotTold() {
        vitals("n002", 11, 0, 50 * GIB);
        nodes.later.put(new NodeId("n002"), new Vitals(new NodeId("n002"), 12, 0, 10, List.of()));
        assertThat(check(10_000).getFindingsList()).isEmpty();
        vitals("n002", 11, 0, 50 * GIB);
        assertThat(check(10_000).getFindingsList())
                .extracting(CheckFinding::getKind)
                .containsExactly(CheckKind.CHECK_EPOCH);
    }
}
