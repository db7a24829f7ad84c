package io.aitta.core.topology;

import static io.aitta.core.topology.TopologyDriver.id;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.replication.Term;
import io.aitta.core.topology.EndedMove.Outcome;
import io.aitta.core.topology.Planner.Preference;
import io.aitta.core.topology.Refusal.Reason;
import io.aitta.core.topology.ReplicaInfo.Role;
import io.aitta.core.topology.TopologyCommand.BeginMoves;
import io.aitta.core.topology.TopologyCommand.CancelMove;
import io.aitta.core.topology.TopologyCommand.DrainNode;
import io.aitta.core.topology.TopologyCommand.DropTable;
import io.aitta.core.topology.TopologyCommand.EndMoves;
import io.aitta.core.topology.TopologyCommand.MoveEnd;
import io.aitta.core.topology.TopologyCommand.OrderMove;
import io.aitta.core.topology.TopologyCommand.PreferPrimaries;
import io.aitta.core.topology.TopologyCommand.PrimaryReport;
import io.aitta.core.topology.TopologyCommand.RecoverPartition;
import io.aitta.core.topology.TopologyCommand.RegisterNode;
import io.aitta.core.topology.TopologyCommand.ReportPrimaries;
import io.aitta.core.topology.TopologyCommand.ReportPromoted;
import io.aitta.core.topology.TopologyCommand.ReportRecovered;
import io.aitta.core.topology.TopologyCommand.SetReplicas;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MoveRulesTest {
    private final TopologyDriver cluster = new TopologyDriver("n1", "n2", "n3");

    @BeforeEach
    void twoMoreNodesThatHoldNothing() {
        cluster.accept(new RegisterNode(TopologyStateTest.node("n4", 1)));
        cluster.accept(new RegisterNode(TopologyStateTest.node("n5", 1)));
    }

    // ---- the course of a move -----------------------------------------------------------------------------------

    @Test
    void aMoveGivesTheNewReplicaTheOldOnesPlaceInTheOrder() {
        List<NodeId> before = nodes(0);
        NodeId second = before.get(1);
        cluster.accept(migrate(0, second.value(), "n4"));
        assertThat(nodes(0)).containsExactly(before.get(0), second, before.get(2), id("n4"));
        assertThat(cluster.partition("default", 0).learners()).containsExactly(id("n4"));
        Move move = cluster.topology().moves().underWay(1).orElseThrow();
        assertThat(move.cause()).isEqualTo(Move.Cause.ORDERED);
        assertThat(move.begunMillis()).isEqualTo(77);

        cluster.accept(new ReportPromoted(List.of(new Preference(cluster.id("default", 0), id("n4")))));
        assertThat(cluster.partition("default", 0).learners()).isEmpty();
        cluster.unchangedBy(new ReportPromoted(List.of(new Preference(cluster.id("default", 0), id("n4")))));
        assertThat(cluster.partition("default", 0).founders()).isEqualTo(before);

        cluster.accept(end(1, Outcome.DONE));
        assertThat(nodes(0)).containsExactly(before.get(0), id("n4"), before.get(2));
        assertThat(cluster.partition("default", 0).founders()).isEmpty();
        assertThat(cluster.partition("default", 0).replicasWanted()).isZero();
        assertThat(cluster.topology().moves().underWay()).isEmpty();
        assertThat(cluster.topology().moves().ended(1)).contains(new EndedMove(move, Outcome.DONE, "said", 88));
        cluster.unchangedBy(end(1, Outcome.DONE));
    }

    @Test
    void aNewReplicaThatWasPreferredMeanwhileStaysFirst() {
        String last = nodes(0).get(2).value();
        cluster.accept(migrate(0, last, "n4"));
        cluster.accept(new ReportPromoted(List.of(new Preference(cluster.id("default", 0), id("n4")))));
        cluster.accept(prefer(0, "n4"));
        cluster.accept(end(1, Outcome.DONE));
        assertThat(nodes(0).get(0)).isEqualTo(id("n4"));
    }

    @Test
    void aMoveThatIsTakenBackLeavesNothing() {
        PartitionInfo before = cluster.partition("default", 0);
        cluster.accept(migrate(0, "n1", "n4"));
        cluster.accept(new CancelMove(1));
        assertThat(cluster.topology().moves().underWay(1).orElseThrow().cancelling())
                .isTrue();
        cluster.unchangedBy(new CancelMove(1));
        cluster.accept(end(1, Outcome.CANCELLED));
        assertThat(cluster.partition("default", 0)).isEqualTo(before);
    }

    @Test
    void aMoveThatIsOverOrFarOrUnknownIsNotCancelled() {
        Refusal unknown = cluster.refused(new CancelMove(1));
        assertThat(unknown.reason()).isEqualTo(Reason.MOVE_NOT_FOUND);
        assertThat(cluster.refused(new CancelMove(0)).reason()).isEqualTo(Reason.MOVE_NOT_FOUND);
        cluster.accept(migrate(0, "n1", "n4"));
        cluster.accept(new ReportPromoted(List.of(new Preference(cluster.id("default", 0), id("n4")))));
        assertThat(cluster.refused(new CancelMove(1)).message()).contains("n4 is a voter already");
        cluster.accept(end(1, Outcome.DONE));
        Refusal over = cluster.refused(new CancelMove(1));
        assertThat(over.reason()).isEqualTo(Reason.MOVE_NOT_CANCELLABLE);
        assertThat(over.message()).contains("is over (DONE)");
    }

    @Test
    void endedMovesAreRememberedUpToALimit() {
        for (int i = 0; i < Moves.ENDED_KEPT + 5; i++) {
            cluster.accept(migrate(0, "n1", "n4"));
            cluster.accept(end(i + 1, Outcome.FAILED));
        }
        assertThat(cluster.topology().moves().ended()).hasSize(Moves.ENDED_KEPT);
        assertThat(cluster.refused(new CancelMove(1)).reason()).isEqualTo(Reason.MOVE_NOT_CANCELLABLE);
    }

    @Test
    void aDroppedTableTakesItsMovesWithIt() {
        cluster.accept(migrate(0, "n1", "n4"));
        cluster.accept(new DropTable("default"));
        assertThat(cluster.topology().moves().underWay()).isEmpty();
        cluster.unchangedBy(end(1, Outcome.DONE));
    }

    @Test
    void theReportedPrimaryOfAReplicaThatWentIsForgotten() {
        var primary = new Primary(new Term(3), id("n1"));
        cluster.accept(new ReportPrimaries(List.of(new PrimaryReport(cluster.id("default", 0), primary))));
        cluster.accept(migrate(0, "n1", "n4"));
        assertThat(cluster.partition("default", 0).primary()).contains(primary);
        cluster.accept(end(1, Outcome.DONE));
        assertThat(cluster.partition("default", 0).primary()).isEmpty();
    }

    // ---- by hand ------------------------------------------------------------------------------------------------

    @Test
    void aVoterAddedOrRemovedBeyondWhatIsWantedIsWantedFromThenOn() {
        cluster.accept(add(0, "n4"));
        assertThat(wanted(0)).isEqualTo(4);
        cluster.accept(end(1, Outcome.DONE));
        assertThat(cluster.partition("default", 0).voters()).hasSize(4);
        cluster.accept(remove(0, "n1"));
        assertThat(wanted(0)).as("as the table wants").isZero();
        cluster.accept(end(2, Outcome.DONE));
        cluster.accept(remove(0, "n2"));
        assertThat(wanted(0)).isEqualTo(2);
        cluster.accept(end(3, Outcome.DONE));
        cluster.accept(add(0, "n5"));
        assertThat(wanted(0)).isZero();

        cluster.accept(remove(1, "n1"));
        cluster.accept(new SetReplicas("default", 3, cluster.up()));
        assertThat(wanted(1)).as("forgotten").isZero();
    }

    @Test
    void whatIsTakenBackIsWantedNoMore() {
        cluster.accept(add(0, "n4"));
        cluster.accept(new CancelMove(1));
        assertThat(wanted(0)).isZero();
        cluster.accept(end(1, Outcome.CANCELLED));
        assertThat(wanted(0)).isZero();
        cluster.accept(add(0, "n4"));
        cluster.accept(end(2, Outcome.FAILED));
        assertThat(wanted(0)).isZero();
        cluster.accept(remove(0, "n1"));
        assertThat(wanted(0)).isEqualTo(2);
        cluster.accept(new CancelMove(3));
        assertThat(wanted(0)).isZero();
    }

    @Test
    void aReplicaAddedToOneThatIsNotCompleteIsJustOneOfThoseWanted() {
        var single = new TopologyDriver("n1");
        single.accept(new RegisterNode(TopologyStateTest.node("n2", 1)));
        var move = PlannedMove.add(single.id("default", 0), id("n2"), Role.VOTER, Move.Cause.ORDERED);
        single.accept(new OrderMove(Epoch.ZERO, move, single.up(), 1));
        assertThat(single.partition("default", 0).replicasWanted()).isZero();
    }

    @Test
    void aReplicaThatGoesElsewhereKeepsItsRole() {
        var learner = PlannedMove.add(cluster.id("default", 0), id("n4"), Role.LEARNER, Move.Cause.ORDERED);
        cluster.accept(new OrderMove(Epoch.ZERO, learner, cluster.up(), 1));
        cluster.accept(end(1, Outcome.DONE));
        assertThat(cluster.partition("default", 0).learners()).containsExactly(id("n4"));
        assertThat(wanted(0)).isZero();
        cluster.accept(migrate(0, "n4", "n5"));
        cluster.accept(end(2, Outcome.DONE));
        assertThat(cluster.partition("default", 0).learners()).containsExactly(id("n5"));
        assertThat(cluster.partition("default", 0).founders()).hasSize(3);
    }

    @Test
    void metaIsMovedLikeAnyOther() {
        var move = PlannedMove.replace(PartitionId.META, id("n1"), id("n4"), Move.Cause.ORDERED);
        cluster.accept(new OrderMove(Epoch.ZERO, move, cluster.up(), 1));
        cluster.accept(end(1, Outcome.DONE));
        assertThat(cluster.partition("_meta", 0).voters()).containsExactly(id("n4"), id("n2"), id("n3"));
    }

    @Test
    void nonsenseIsRefusedAndNothingChanges() {
        Topology before = cluster.topology();
        assertThat(reason(migrate(0, "n9", "n4"))).isEqualTo(Reason.NODE_NOT_FOUND);
        assertThat(reason(migrate(0, "n1", "n9"))).isEqualTo(Reason.NODE_NOT_FOUND);
        assertThat(reason(migrate(0, "n5", "n4"))).isEqualTo(Reason.NOT_A_REPLICA);
        assertThat(reason(migrate(0, "n1", "n2"))).isEqualTo(Reason.ALREADY_A_REPLICA);
        assertThat(reason(migrate(0, "n1", "n1"))).isEqualTo(Reason.ALREADY_A_REPLICA);
        assertThat(reason(migrate(16, "n1", "n4"))).isEqualTo(Reason.PARTITION_NOT_FOUND);
        assertThat(cluster.refused(migrate(16, "n1", "n4")).message()).contains("0 to 15, not 16");
        assertThat(reason(new OrderMove(
                        Epoch.ZERO,
                        PlannedMove.remove(new PartitionId("none", 1, 0), id("n1"), Move.Cause.ORDERED),
                        cluster.up(),
                        1)))
                .isEqualTo(Reason.TABLE_NOT_FOUND);
        assertThat(reason(new OrderMove(
                        Epoch.ZERO,
                        PlannedMove.remove(new PartitionId("default", 99, 0), id("n1"), Move.Cause.ORDERED),
                        cluster.up(),
                        1)))
                .isEqualTo(Reason.TABLE_NOT_FOUND);
        assertThat(reason(new OrderMove(
                        Epoch.ZERO,
                        new PlannedMove(
                                cluster.id("default", 0),
                                Optional.empty(),
                                Optional.empty(),
                                Role.VOTER,
                                Move.Cause.ORDERED),
                        cluster.up(),
                        1)))
                .isEqualTo(Reason.NOT_A_REPLICA);
        assertThat(reason(new OrderMove(new Epoch(2), planned(0, "n1", "n4"), cluster.up(), 1)))
                .isEqualTo(Reason.STALE_EPOCH);
        assertThat(cluster.topology()).isSameAs(before);

        cluster.accept(new OrderMove(before.epoch(), planned(0, "n1", "n4"), cluster.up(), 1));
        Refusal second = cluster.refused(migrate(0, "n2", "n5"));
        assertThat(second.reason()).isEqualTo(Reason.MOVE_UNDER_WAY);
        assertThat(second.message()).contains("number 1");
    }

    @Test
    void aTargetMustBeUpAndNotBeDrained() {
        assertThat(reason(new OrderMove(Epoch.ZERO, planned(0, "n1", "n4"), cluster.upBut("n4"), 1)))
                .isEqualTo(Reason.NODE_NOT_UP);
        cluster.accept(new DrainNode(id("n4"), Optional.empty(), cluster.up()));
        assertThat(cluster.refused(migrate(0, "n1", "n4")).message()).contains("drained");
    }

    @Test
    void nothingIsDoneThatWouldMakeThePartitionDependOnNodesThatAreDown() {
        Set<NodeId> withoutOne = cluster.upBut("n3");
        var dependent = new OrderMove(Epoch.ZERO, removal(0, "n2"), withoutOne, 1);
        assertThat(reason(dependent)).isEqualTo(Reason.QUORUM_AT_RISK);
        assertThat(cluster.refused(dependent).message()).contains("1 of 2 voters would be up");
        cluster.accept(new OrderMove(Epoch.ZERO, removal(0, "n3"), withoutOne, 1));
        cluster.accept(new OrderMove(Epoch.ZERO, planned(1, "n2", "n4"), withoutOne, 1));

        Refusal lost = cluster.refused(new OrderMove(Epoch.ZERO, planned(2, "n2", "n4"), cluster.upBut("n2", "n3"), 1));
        assertThat(lost.reason()).isEqualTo(Reason.QUORUM_AT_RISK);
        assertThat(lost.message()).contains("no majority now: 1 of 3");
    }

    @Test
    void theLastVoterStaysAndSevenAreTheMost() {
        cluster.accept(remove(0, "n1"));
        cluster.accept(end(1, Outcome.DONE));
        cluster.accept(remove(0, "n2"));
        cluster.accept(end(2, Outcome.DONE));
        Refusal last = cluster.refused(remove(0, "n3"));
        assertThat(last.reason()).isEqualTo(Reason.QUORUM_AT_RISK);
        assertThat(last.message()).contains("without a voter");

        for (int node = 6; node <= 8; node++) {
            cluster.accept(new RegisterNode(TopologyStateTest.node("n" + node, 1)));
        }
        for (int node = 4; node <= 7; node++) {
            cluster.accept(add(1, "n" + node));
            cluster.accept(end(node - 1, Outcome.DONE));
        }
        assertThat(reason(add(1, "n8"))).isEqualTo(Reason.BAD_REPLICAS);
    }

    // ---- by plan ------------------------------------------------------------------------------------------------

    @Test
    void aPlanIsBegunAsFarAsItFits() {
        cluster.accept(migrate(3, "n1", "n4"));
        cluster.accept(new DrainNode(id("n5"), Optional.empty(), cluster.up()));
        var plan = List.of(
                planned(0, "n1", "n4"),
                planned(0, "n2", "n4"),
                planned(1, "n9", "n4"),
                planned(1, "n1", "n9"),
                planned(1, "n1", "n2"),
                planned(1, "n1", "n5"),
                planned(3, "n2", "n4"),
                planned(99, "n2", "n4"),
                PlannedMove.add(cluster.id("default", 2), id("n4"), Role.LEARNER, Move.Cause.FILL));
        assertThat(reason(new BeginMoves(new Epoch(1), plan, 1))).isEqualTo(Reason.STALE_EPOCH);
        cluster.accept(new BeginMoves(cluster.topology().epoch(), plan, 5));
        assertThat(cluster.topology().moves().underWay())
                .extracting(Move::id, move -> move.partition().partition())
                .containsExactly(tuple(1L, 3), tuple(2L, 0), tuple(3L, 2));
        cluster.unchangedBy(new BeginMoves(Epoch.ZERO, plan, 6));
    }

    @Test
    void eventsThatDoNotFitAreNotTaken() {
        for (TopologyEvent event : List.of(
                new TopologyEvent.MoveCancelled(4),
                new TopologyEvent.NodeRemoved(id("n9")),
                new TopologyEvent.NodeRemoved(id("n1")),
                new TopologyEvent.NodeOrdered(id("n9"), NodeOrders.NONE),
                new TopologyEvent.ReplicasSet("none", 1),
                new TopologyEvent.ReplicasWanted(new PartitionId("default", 1, 16), 1),
                new TopologyEvent.Promoted(List.of(new Preference(cluster.id("default", 0), id("n4")))),
                new TopologyEvent.MovesEnded(List.of(new MoveEnd(1, Outcome.DONE, "")), 1))) {
            assertThatThrownBy(() -> TopologyState.evolve(cluster.topology(), List.of(event)))
                    .as("%s", event)
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    // ---- primaries ----------------------------------------------------------------------------------------------

    @Test
    void aPreferredPrimaryComesFirstInTheOrder() {
        String last = nodes(0).get(2).value();
        cluster.accept(prefer(0, last));
        assertThat(cluster.partition("default", 0).preferredPrimary()).isEqualTo(id(last));
        cluster.unchangedBy(prefer(0, last));
        assertThat(reason(prefer(0, "n4"))).isEqualTo(Reason.NOT_A_REPLICA);
        assertThat(reason(prefer(0, "n9"))).isEqualTo(Reason.NODE_NOT_FOUND);
        assertThat(reason(prefer(16, "n1"))).isEqualTo(Reason.PARTITION_NOT_FOUND);
        cluster.accept(migrate(0, "n1", "n4"));
        assertThat(cluster.refused(prefer(0, "n4")).message()).contains("learner");
    }

    @Test
    void aPartitionWithoutAMajorityGoesOnWithTheSurvivors() {
        cluster.accept(migrate(0, "n1", "n4"));
        Set<NodeId> up = cluster.upBut("n1", "n2");
        assertThat(reason(recover(List.of("n3"), cluster.upBut("n1")))).isEqualTo(Reason.RECOVERY_NOT_NEEDED);
        assertThat(reason(recover(List.of("n5"), up))).isEqualTo(Reason.NOT_A_REPLICA);
        assertThat(reason(recover(List.of("n9"), up))).isEqualTo(Reason.NODE_NOT_FOUND);
        assertThat(reason(recover(List.of("n1"), up))).isEqualTo(Reason.NODE_NOT_UP);
        assertThat(cluster.refused(recover(List.of(), up)).message()).contains("n3, n4");

        cluster.accept(recover(List.of("n3"), up));
        PartitionInfo after = cluster.partition("default", 0);
        assertThat(after.replicas()).containsExactly(ReplicaInfo.voter(id("n3")));
        assertThat(after.founders()).isEmpty();
        assertThat(after.recovering()).isTrue();
        assertThat(cluster.topology().moves().underWay()).isEmpty();
        assertThat(cluster.topology().moves().ended(1).orElseThrow().outcome()).isEqualTo(Outcome.FAILED);

        cluster.accept(new ReportRecovered(List.of(after.id(), cluster.id("default", 1))));
        assertThat(cluster.partition("default", 0).recovering()).isFalse();
        cluster.unchangedBy(new ReportRecovered(List.of(after.id())));
    }

    // ---- in short -----------------------------------------------------------------------------------------------

    private List<NodeId> nodes(int partition) {
        return cluster.partition("default", partition).replicas().stream()
                .map(ReplicaInfo::node)
                .toList();
    }

    private int wanted(int partition) {
        return cluster.partition("default", partition).replicasWanted();
    }

    private Reason reason(TopologyCommand command) {
        return cluster.refused(command).reason();
    }

    private PlannedMove planned(int partition, String from, String to) {
        return PlannedMove.replace(cluster.id("default", partition), id(from), id(to), Move.Cause.ORDERED);
    }

    private PlannedMove removal(int partition, String from) {
        return PlannedMove.remove(cluster.id("default", partition), id(from), Move.Cause.ORDERED);
    }

    private OrderMove migrate(int partition, String from, String to) {
        return new OrderMove(Epoch.ZERO, planned(partition, from, to), cluster.up(), 77);
    }

    private OrderMove add(int partition, String to) {
        var move = PlannedMove.add(cluster.id("default", partition), id(to), Role.VOTER, Move.Cause.ORDERED);
        return new OrderMove(Epoch.ZERO, move, cluster.up(), 77);
    }

    private OrderMove remove(int partition, String from) {
        return new OrderMove(Epoch.ZERO, removal(partition, from), cluster.up(), 77);
    }

    private PreferPrimaries prefer(int partition, String node) {
        return new PreferPrimaries(List.of(new Preference(cluster.id("default", partition), id(node))));
    }

    private RecoverPartition recover(List<String> survivors, Set<NodeId> up) {
        return new RecoverPartition(
                cluster.id("default", 0), survivors.stream().map(NodeId::new).toList(), up, 9);
    }

    private static EndMoves end(long id, Outcome outcome) {
        return new EndMoves(List.of(new MoveEnd(id, outcome, "said")), 88);
    }
}
