package io.aitta.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.replication.Term;
import io.aitta.core.topology.Epoch;
import io.aitta.core.topology.Move;
import io.aitta.core.topology.Moves;
import io.aitta.core.topology.NodeInfo;
import io.aitta.core.topology.PartitionInfo;
import io.aitta.core.topology.PartitionReport;
import io.aitta.core.topology.ReplicaInfo;
import io.aitta.core.topology.StepOrder;
import io.aitta.core.topology.TableInfo;
import io.aitta.core.topology.Topology;
import io.aitta.partition.PartitionAccess.ReadLevel;
import io.aitta.partition.Stewards.Role;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two nodes with real binlogs and stores; n1 asks. */
class StewardsTest {
    private static final NodeId N1 = Statuses.N1;
    private static final NodeId N2 = Statuses.N2;
    private static final NodeId N9 = new NodeId("n9");
    private static final TableInfo TABLE = new TableInfo("t", new Epoch(3), 3, 1, false);
    /** Founded by n2 alone. */
    private static final PartitionId P = TABLE.partition(0);
    /** Founded by n1 alone. */
    private static final PartitionId Q = TABLE.partition(1);
    /** Founded by n2 alone, and never moved. */
    private static final PartitionId R = TABLE.partition(2);

    private static final Duration LIMIT = Duration.ofSeconds(10);

    @TempDir
    private static Path dir;

    private static final Assignments ASSIGNMENTS = new Assignments();
    private static LiveNode n1;
    private static LiveNode n2;

    @BeforeAll
    static void start() {
        ASSIGNMENTS.found(P, N2);
        ASSIGNMENTS.found(Q, N1);
        ASSIGNMENTS.found(R, N2);
        ASSIGNMENTS.wants(topology(Moves.NONE, List.of(N2)));
        n1 = new LiveNode("n1", dir.resolve("n1"), ASSIGNMENTS, null);
        n2 = new LiveNode("n2", dir.resolve("n2"), ASSIGNMENTS, n1);
        n1.await("primary", () -> n1.isPrimary(Q));
        n2.await("primaries", () -> n2.isPrimary(P) && n2.isPrimary(R));
        n1.await("the other node", () -> n1.directory.isReachable(N2));
        n2.await("the other node", () -> n2.directory.isReachable(N1));
    }

    @AfterAll
    static void stop() {
        n2.close();
        n1.close();
    }

    @Test
    void primariesReportHowTheirGroupsStandAndOthersAreLeftOut() {
        var reports = join(n1.stewards.reports(N2, List.of(R, Q), LIMIT));
        assertThat(reports).hasSize(1);
        var report = reports.get(0);
        assertThat(report.partition()).isEqualTo(R);
        assertThat(report.primary()).isEqualTo(N2);
        assertThat(report.serving()).isTrue();
        assertThat(report.settled()).isTrue();
        assertThat(report.membership().voters()).containsExactly(N2);
        assertThat(report.peers()).isEmpty();
        assertThat(report.slowedFor()).isNull();
        assertThat(report.epoch()).isEqualTo(ASSIGNMENTS.topology().epoch());
        assertThat(report.last()).isEqualTo(report.commit());
    }

    @Test
    void aNodeAsksItselfWithoutTheNetwork() {
        assertThat(join(n1.stewards.reports(N1, List.of(Q), LIMIT))).hasSize(1);
        assertThat(join(n1.stewards.describe(N1, List.of(), LIMIT))
                        .orElseThrow()
                        .replicas())
                .anyMatch(replica -> replica.partition().equals(Q));
    }

    @Test
    void aNodeThatIsNoMemberGivesAnEmptyAnswer() {
        assertThat(join(n1.stewards.reports(N9, List.of(P), LIMIT))).isEmpty();
        assertThat(join(n1.stewards.describe(N9, List.of(), LIMIT))).isEmpty();
        var order = new StepOrder.Transfer(P, N9, new Term(1), N1);
        assertThat(join(n1.stewards.perform(N9, List.of(order), LIMIT)))
                .extracting(Stewards.Declined::order, Stewards.Declined::reason)
                .containsExactly(org.assertj.core.groups.Tuple.tuple(order, "NO_ANSWER"));
    }

    @Test
    void ordersForAnotherNodeAreAMistakeOfTheCaller() {
        var stray = new StepOrder.Transfer(P, N9, new Term(1), N1);
        assertThatThrownBy(() -> n1.stewards.perform(N2, List.of(stray), LIMIT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("n9");
    }

    @Test
    void eachOrderThatIsDeclinedSaysWhy() {
        var term = report(R).term();
        var declined = join(n1.stewards.perform(
                N2,
                List.of(
                        new StepOrder.Transfer(R, N2, new Term(99), N1),
                        new StepOrder.Transfer(R, N2, term, N1),
                        new StepOrder.Transfer(Q, N2, term, N1),
                        new StepOrder.AddLearner(R, N2, term, N1)),
                LIMIT));
        assertThat(declined)
                .extracting(Stewards.Declined::reason)
                .containsExactly("OTHER_TERM", "NOT_A_MEMBER", "NO_REPLICA", "NOT_WANTED");
        assertThat(declined.get(0).message()).contains("term 99").contains("term " + term);
    }

    @Test
    void moreThanFitsAMessageIsAskedForInSeveral() {
        var many = new ArrayList<PartitionId>();
        for (int i = 0; i < 2 * ReplicaSteward.IN_ONE_MESSAGE; i++) {
            many.add(new PartitionId("nowhere", 1, i));
        }
        many.add(R);
        assertThat(join(n1.stewards.reports(N2, many, LIMIT))).hasSize(1);
        assertThat(join(n1.stewards.describe(N2, many, LIMIT)).orElseThrow().replicas())
                .extracting(Stewards.ReplicaReport::partition)
                .containsExactly(R);
        var orders = many.stream()
                .map(partition -> (StepOrder) new StepOrder.Transfer(partition, N2, new Term(99), N1))
                .toList();
        assertThat(join(n1.stewards.perform(N2, orders, LIMIT)))
                .hasSize(orders.size())
                .last()
                .satisfies(last -> assertThat(last.reason()).isEqualTo("OTHER_TERM"));
    }

    @Test
    void aNodeTellsOfItselfAndItsReplicas() {
        n1.write(R, "k", new byte[100]);
        n2.read(R, "k", ReadLevel.STRONG);
        var described = join(n1.stewards.describe(N2, List.of(), LIMIT)).orElseThrow();
        assertThat(described.node()).isEqualTo(N2);
        assertThat(described.journalBytes()).isPositive();
        assertThat(described.uptimeMillis()).isPositive();
        assertThat(described.handOvers()).isEmpty();
        var replica = described.replicas().stream()
                .filter(one -> one.partition().equals(R))
                .findFirst()
                .orElseThrow();
        assertThat(replica.role()).isEqualTo(Role.PRIMARY);
        assertThat(replica.primary()).contains(N2);
        assertThat(replica.failed()).isFalse();
        assertThat(replica.lastIndex()).isGreaterThan(1);
        n1.await("load", () -> {
            var now = join(n1.stewards.describe(N2, List.of(R), LIMIT)).orElseThrow();
            return now.writesPerSecond() > 0 && now.readsPerSecond() > 0;
        });
    }

    /** From n2 to n1, each step by an order; and again, which does no harm. */
    @Test
    void aReplicaIsMovedByOrders() {
        n2.write(P, "k", new byte[] {7});
        var move =
                new Move(1, P, Optional.of(N1), Optional.of(N2), ReplicaInfo.Role.VOTER, Move.Cause.ORDERED, false, 0);
        ASSIGNMENTS.give(P, N2, N1);
        ASSIGNMENTS.wants(topology(new Moves(1, List.of(move), List.of(), false), List.of(N2, N1)));
        n1.review();
        n2.review();

        ordered(new StepOrder.AddLearner(P, N2, report(P).term(), N1));
        n1.await(
                "caught up",
                () -> report(P).peers().get(N1).caughtUp() && report(P).settled());
        assertThat(join(n1.stewards.perform(
                        N2, List.of(new StepOrder.AddLearner(P, N2, report(P).term(), N1)), LIMIT)))
                .extracting(Stewards.Declined::reason)
                .containsExactly("ALREADY_A_MEMBER");
        ordered(new StepOrder.Promote(P, N2, report(P).term(), N1));
        n1.await(
                "promoted",
                () -> report(P).membership().isVoter(N1) && report(P).settled());
        ordered(new StepOrder.Transfer(P, N2, report(P).term(), N1));
        n1.await("transferred", () -> n1.isPrimary(P));

        var mine = join(n1.stewards.reports(N1, List.of(P), LIMIT)).get(0);
        var remove = new StepOrder.Remove(P, N1, mine.term(), N2);
        assertThat(join(n2.stewards.perform(N1, List.of(remove), LIMIT))).isEmpty();
        n1.await("removed", () -> !n1.status(P).orElseThrow().membership().contains(N2));
        assertThat(n1.read(P, "k", ReadLevel.STRONG)).containsExactly(7);
    }

    private static PartitionReport report(PartitionId partition) {
        return join(n1.stewards.reports(N2, List.of(partition), LIMIT)).get(0);
    }

    private static void ordered(StepOrder order) {
        assertThat(join(n1.stewards.perform(N2, List.of(order), LIMIT))).isEmpty();
    }

    private static Topology topology(Moves moves, List<NodeId> holders) {
        var replicas = new ArrayList<ReplicaInfo>();
        replicas.add(ReplicaInfo.voter(holders.get(0)));
        holders.stream().skip(1).map(ReplicaInfo::learner).forEach(replicas::add);
        return new Topology(
                new Epoch(4 + moves.begun()),
                "c",
                List.of(node(N1), node(N2)),
                Map.of(
                        TABLE,
                        List.of(
                                new PartitionInfo(P, replicas, List.of(N2), Optional.empty(), 0),
                                new PartitionInfo(Q, List.of(ReplicaInfo.voter(N1)), List.of(N1), Optional.empty(), 0),
                                new PartitionInfo(
                                        R, List.of(ReplicaInfo.voter(N2)), List.of(N2), Optional.empty(), 0))),
                moves,
                List.of());
    }

    private static NodeInfo node(NodeId id) {
        return NodeInfo.told(id, "i-" + id, "h", 1, 2, 3, "z", 1);
    }

    private static <T> T join(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
    }
}
