package io.aitta.core.topology;

import static io.aitta.core.topology.Groups.TERM;
import static io.aitta.core.topology.Groups.group;
import static io.aitta.core.topology.Groups.ids;
import static io.aitta.core.topology.Groups.some;
import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.replication.Term;
import io.aitta.core.topology.Conductor.Actions;
import io.aitta.core.topology.EndedMove.Outcome;
import io.aitta.core.topology.Move.Cause;
import io.aitta.core.topology.ReplicaInfo.Role;
import io.aitta.core.topology.TopologyCommand.BeginMoves;
import io.aitta.core.topology.TopologyCommand.CancelMove;
import io.aitta.core.topology.TopologyCommand.EndMoves;
import io.aitta.core.topology.TopologyCommand.MoveEnd;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ConductorTest {
    private static final long S = 1_000_000_000L;
    private static final Conductor.Settings SETTINGS =
            new Conductor.Settings(3, 2, 2, 600 * S, 10 * S, 60 * S, 5 * S, true);

    private Conductor conductor = conductor(SETTINGS);
    private Planner.Plan plan = new Planner.Plan(List.of(), List.of(), Set.of());
    private int plannings;
    private final Map<NodeId, NodeInfo> nodes = new HashMap<>();
    private final Set<NodeId> up = new HashSet<>();
    private List<PartitionInfo> partitions = new ArrayList<>();
    private Moves moves = Moves.NONE;
    private boolean balanceDue;
    private long epoch = 10;
    private long now = 1000 * S;
    private final Map<PartitionId, PartitionReport> reports = new HashMap<>();

    ConductorTest() {
        Stream.of("n1", "n2", "n3", "n4", "n5").map(NodeId::new).forEach(node -> {
            nodes.put(node, NodeInfo.told(node, "i-" + node, "h", 1, 2, 3, "z", 1));
            up.add(node);
        });
        IntStream.range(0, 6).forEach(number -> partitions.add(partition(number, "n1", "n2", "n3")));
    }

    // ---- beginning moves ----------------------------------------------------------------------------------------

    @Test
    void aPlannedMoveIsBegunForTheEpochItWasPlannedIn() {
        plan(replace(0, "n1", "n4", Cause.DRAIN));
        assertThat(decide().writes())
                .containsExactly(new BeginMoves(new Epoch(10), List.of(replace(0, "n1", "n4", Cause.DRAIN)), 42));
    }

    @Test
    void noMoreMovesAreBegunThanTheClusterAndEachNodeMayHave() {
        plan(
                replace(0, "n1", "n4", Cause.DRAIN),
                replace(1, "n1", "n4", Cause.DRAIN),
                replace(2, "n1", "n5", Cause.DRAIN),
                replace(3, "n2", "n5", Cause.DRAIN),
                replace(4, "n2", "n5", Cause.DRAIN));
        Actions actions = decide();
        assertThat(begun(actions))
                .extracting(move -> move.partition().partition())
                .containsExactly(0, 1, 3);
        assertThat(actions.planned()).isEqualTo(5);
        begin(begun(actions));
        assertThat(begun(decide())).isEmpty();
        assertThat(decide().planned()).isEqualTo(2);
    }

    @Test
    void balancingWaitsForRepairs() {
        kill("n3");
        plan(
                replace(0, "n3", "n4", Cause.REPAIR),
                replace(1, "n3", "n4", Cause.REPAIR),
                replace(2, "n3", "n4", Cause.REPAIR),
                replace(3, "n1", "n5", Cause.BALANCE));
        begin(begun(decide()));
        assertThat(moves.underWay()).extracting(Move::cause).containsExactly(Cause.REPAIR, Cause.REPAIR);
        assertThat(begun(decide()))
                .as("n4 has two already, and balancing waits")
                .isEmpty();
        end(0);
        begin(begun(decide()));
        assertThat(begun(decide())).extracting(PlannedMove::cause).containsExactly(Cause.BALANCE);
    }

    @Test
    void nothingIsBegunInAGroupWithoutMajorityNorDoesWhatIsUnderWayThereBlockOthers() {
        begin(List.of(
                replace(0, "n1", "n4", Cause.DRAIN),
                replace(1, "n1", "n4", Cause.DRAIN),
                replace(2, "n1", "n5", Cause.DRAIN)));
        partitions.set(3, partition(3, "n4", "n5"));
        kill("n2");
        kill("n3");
        plan(replace(3, "n4", "n1", Cause.DRAIN), replace(4, "n2", "n4", Cause.REPAIR));
        assertThat(begun(decide()))
                .extracting(move -> move.partition().partition())
                .containsExactly(3);
    }

    @Test
    void aSpareCopyStaysWhileAnotherIsAway() {
        plan(PlannedMove.remove(id(0), new NodeId("n1"), Cause.EXCESS));
        kill("n2");
        assertThat(begun(decide())).isEmpty();
        revive("n2");
        assertThat(begun(decide())).hasSize(1);
    }

    @Test
    void itPlansAnewOnlyWhenWhatThePlanRestsOnHasChanged() {
        plan(
                replace(0, "n1", "n4", Cause.DRAIN),
                replace(1, "n1", "n4", Cause.DRAIN),
                replace(2, "n1", "n4", Cause.DRAIN));
        begin(begun(decide()));
        epoch++;
        decide();
        end(0);
        begin(begun(decide()));
        assertThat(plannings).as("the plan is not used up").isEqualTo(1);
        plan();
        end(1);
        decide();
        assertThat(plannings).as("used up, and a move has ended").isEqualTo(2);
        decide();
        assertThat(plannings).isEqualTo(2);
        kill("n5");
        decide();
        assertThat(plannings).as("a node is away").isEqualTo(3);
    }

    // ---- driving moves ------------------------------------------------------------------------------------------

    @Test
    void aMoveIsDrivenStepByStepAndPromotedInTheTopologyBeforeAnybodyGoes() {
        begin(List.of(replace(0, "n1", "n4", Cause.DRAIN)));
        assertThat(decide().watch()).contains(id(0));
        report(group(id(0), "n1", "n2", "n3"));
        assertThat(decide().orders()).containsExactly(new StepOrder.AddLearner(id(0), node("n1"), TERM, node("n4")));
        report(group(id(0), "n1", "n2", "n3").learners("n4"));
        assertThat(decide().orders()).containsExactly(new StepOrder.Promote(id(0), node("n1"), TERM, node("n4")));
        report(group(id(0), "n1", "n2", "n3", "n4"));
        Actions promoted = decide();
        assertThat(promoted.orders()).isEmpty();
        assertThat(promoted.writes())
                .containsExactly(
                        new TopologyCommand.ReportPromoted(List.of(new Planner.Preference(id(0), node("n4")))));
        promote(0, "n4");
        assertThat(decide().orders()).containsExactly(new StepOrder.Transfer(id(0), node("n1"), TERM, node("n4")));
        report(group(id(0), "n1", "n2", "n3", "n4").primary("n4"));
        assertThat(decide().orders()).containsExactly(new StepOrder.Remove(id(0), node("n4"), TERM, node("n1")));
        report(group(id(0), "n2", "n3", "n4").primary("n4"));
        assertThat(decide().writes()).containsExactly(new EndMoves(List.of(new MoveEnd(1, Outcome.DONE, "")), 42));
    }

    @Test
    void anOrderIsRepeatedOnlyAfterAWhile() {
        begin(List.of(replace(0, "n1", "n4", Cause.DRAIN)));
        report(group(id(0), "n1", "n2", "n3"));
        assertThat(decide().orders()).hasSize(1);
        assertThat(decide().orders()).isEmpty();
        now += S;
        assertThat(decide().orders()).hasSize(1);
    }

    @Test
    void aReportOfANodeThatDoesNotKnowTheMoveYetIsNoGround() {
        begin(List.of(replace(0, "n1", "n4", Cause.DRAIN)));
        report(group(id(0), "n1", "n2", "n3").atEpoch(new Epoch(epoch - 1)));
        assertThat(decide().orders()).isEmpty();
        report(group(id(0), "n1", "n2", "n3").atEpoch(new Epoch(epoch)));
        assertThat(decide().orders()).hasSize(1);
        cancel(1);
        assertThat(decide().writes()).as("a learner may have come since").isEmpty();
        report(group(id(0), "n1", "n2", "n3").atEpoch(new Epoch(epoch)));
        assertThat(decide().writes()).containsExactly(new EndMoves(List.of(new MoveEnd(1, Outcome.CANCELLED, "")), 42));
    }

    @Test
    void aReportOfAnEarlierTermThanTheTopologyKnowsIsNoGround() {
        partitions.set(0, partitions.get(0).withPrimary(new Primary(TERM.next(), node("n2"))));
        begin(List.of(replace(0, "n1", "n4", Cause.DRAIN)));
        report(group(id(0), "n1", "n2", "n3"));
        assertThat(decide().orders()).isEmpty();
    }

    @Test
    void writersAreSlowedDownWhenACompleteCopyDoesNotCatchUp() {
        begin(List.of(replace(0, "n1", "n4", Cause.DRAIN)));
        report(group(id(0), "n1", "n2", "n3").learners("n4").copying("n4"));
        decide();
        now += 100 * S;
        assertThat(decide().orders()).isEmpty();
        report(group(id(0), "n1", "n2", "n3").learners("n4").lagging("n4"));
        assertThat(decide().orders()).isEmpty();
        now += 5 * S;
        var slowDown = new StepOrder.SlowDown(id(0), node("n1"), TERM, node("n4"));
        assertThat(decide().orders()).containsExactly(slowDown);
        now += S;
        assertThat(decide().orders()).containsExactly(slowDown);
        report(group(id(0), "n1", "n2", "n3").learners("n4"));
        assertThat(decide().orders()).doesNotContain(slowDown);
    }

    @Test
    void aMoveWhoseTargetIsAwayForLongIsTakenBackAndSaysWhy() {
        begin(List.of(replace(0, "n1", "n4", Cause.DRAIN)));
        report(group(id(0), "n1", "n2", "n3").learners("n4").unreachable("n4"));
        kill("n4");
        decide();
        now += 60 * S;
        assertThat(decide().writes()).isEmpty();
        now += 1;
        assertThat(decide().writes()).containsExactly(new CancelMove(1, true));
        cancel(1);
        assertThat(decide().orders()).containsExactly(new StepOrder.Remove(id(0), node("n1"), TERM, node("n4")));
        report(group(id(0), "n1", "n2", "n3"));
        assertThat(decide().writes())
                .containsExactly(new EndMoves(
                        List.of(new MoveEnd(1, Outcome.FAILED, "node n4 has been away for too long")), 42));
    }

    @Test
    void aMoveEndsOnlyTogetherWithTheNewsInWhichTermItDid() {
        begin(List.of(replace(0, "n1", "n4", Cause.DRAIN)));
        var founded = PartitionInfo.founded(id(0), ids("n1", "n2", "n3"));
        partitions.set(0, founded.with(ReplicaInfo.learner(node("n4"))).withRole(ReplicaInfo.voter(node("n4"))));
        report(group(id(0), "n2", "n3", "n4"));
        assertThat(decide().writes())
                .containsExactly(
                        new TopologyCommand.ReportPrimaries(
                                List.of(new TopologyCommand.PrimaryReport(id(0), new Primary(TERM, node("n2"))))),
                        new EndMoves(List.of(new MoveEnd(1, Outcome.DONE, "")), 42));
    }

    @Test
    void aMoveIsKeptWhenItsSourceOrThePrimaryIsAway() {
        begin(List.of(replace(0, "n1", "n4", Cause.DRAIN)));
        kill("n1");
        decide();
        now += 10_000 * S;
        assertThat(decide().writes()).noneMatch(CancelMove.class::isInstance);
    }

    @Test
    void aMoveThatHasGoneTooFarIsNotTakenBackAlthoughItsTargetIsAway() {
        begin(List.of(replace(0, "n1", "n4", Cause.DRAIN)));
        promote(0, "n4");
        report(group(id(0), "n2", "n3", "n4").unreachable("n4"));
        kill("n4");
        decide();
        now += 100 * S;
        assertThat(decide().writes()).containsExactly(new EndMoves(List.of(new MoveEnd(1, Outcome.DONE, "")), 42));
    }

    @Test
    void anotherConductorGoesOnWhereTheFirstOneStopped() {
        begin(List.of(replace(0, "n1", "n4", Cause.DRAIN)));
        report(group(id(0), "n1", "n2", "n3").learners("n4"));
        decide();
        conductor = conductor(SETTINGS);
        assertThat(decide().orders()).containsExactly(new StepOrder.Promote(id(0), node("n1"), TERM, node("n4")));
    }

    // ---- primaries ----------------------------------------------------------------------------------------------

    @Test
    void aPreferredPrimaryThatIsBackForLongEnoughGetsItsRoleBackAFewAtATime() {
        kill("n1");
        decide();
        led("n2", 0, 1, 2);
        revive("n1");
        assertThat(decide().orders()).isEmpty();
        now += 9 * S;
        assertThat(decide().orders()).isEmpty();
        now += S;
        assertThat(decide().orders()).containsExactly(transfer(0, "n2", "n1"), transfer(1, "n2", "n1"));
        led("n1", 0);
        assertThat(decide().orders()).containsExactly(transfer(2, "n2", "n1"));
    }

    @Test
    void aTransferThatDoesNotHelpMakesRoomAndIsTriedAgainLater() {
        conductor = conductor(new Conductor.Settings(3, 2, 1, 600 * S, 0, 60 * S, 5 * S, true));
        led("n2", 0, 1);
        assertThat(decide().orders()).containsExactly(transfer(0, "n2", "n1"));
        now += Transfers.TRY_NANOS;
        assertThat(decide().orders()).containsExactly(transfer(1, "n2", "n1"));
        led("n1", 1);
        assertThat(decide().orders()).isEmpty();
        now += 5 * S;
        assertThat(decide().orders()).containsExactly(transfer(0, "n2", "n1"));
    }

    @Test
    void aNodeThatIsDrainedHandsOverItsPrimariesAtOnceAlsoWhileTheirReplicasMove() {
        led("n1", 0, 1);
        order("n1", NodeOrders.NONE.drained(Optional.empty()));
        begin(List.of(replace(0, "n1", "n4", Cause.DRAIN)));
        report(group(id(0), "n1", "n2", "n3").learners("n4").copying("n4"));
        assertThat(decide().orders()).containsExactly(transfer(0, "n1", "n2"), transfer(1, "n1", "n2"));
    }

    @Test
    void aPreferredPrimaryThatLagsOrCannotBeReachedIsLeftInPeace() {
        conductor = conductor(new Conductor.Settings(3, 2, 1, 600 * S, 0, 60 * S, 5 * S, true));
        led("n2", 0);
        report(group(id(0), "n2", "n1", "n3").lagging("n1"));
        assertThat(decide().orders()).isEmpty();
        report(group(id(0), "n2", "n1", "n3").unreachable("n1"));
        assertThat(decide().orders()).isEmpty();
    }

    @Test
    void preferencesOfThePlanAreWrittenOnce() {
        plan = new Planner.Plan(List.of(), List.of(new Planner.Preference(id(0), node("n2"))), Set.of());
        assertThat(decide().writes()).containsExactly(new TopologyCommand.PreferPrimaries(plan.preferences()));
        plan();
        assertThat(decide().writes()).isEmpty();
    }

    // ---- balance, nodes, leftovers ------------------------------------------------------------------------------

    @Test
    void aTableIsBalancedWhenNothingIsPlannedAndNothingUnderWay() {
        balanceDue = true;
        plan(replace(0, "n1", "n4", Cause.BALANCE));
        begin(begun(decide()));
        plan();
        assertThat(decide().writes()).isEmpty();
        end(0);
        assertThat(decide().writes()).containsExactly(new TopologyCommand.ReportBalanced(List.of("t")));
    }

    @Test
    void aTableIsNotBalancedWhileThePlannerSaysSo() {
        balanceDue = true;
        plan = new Planner.Plan(List.of(), List.of(), Set.of("t"));
        assertThat(decide().writes()).isEmpty();
    }

    @Test
    void nodesThatComeSetOffNoBalanceIfThatIsNotWanted() {
        conductor = conductor(new Conductor.Settings(3, 2, 2, 600 * S, 10 * S, 60 * S, 5 * S, false));
        decide();
        nodes.put(node("n6"), NodeInfo.told(node("n6"), "i-n6", "h", 1, 2, 3, "z", 1));
        up.add(node("n6"));
        plan(replace(0, "n1", "n6", Cause.BALANCE));
        balanceDue = true;
        epoch++;
        assertThat(decide().writes()).contains(new TopologyCommand.ReportBalanced(List.of("t")));
    }

    @Test
    void aNodeThatComesBackAfterItsReplicasWereRebuiltElsewhereIsFilledAgain() {
        kill("n5");
        decide();
        now += 600 * S;
        decide();
        revive("n5");
        assertThat(decide().writes()).containsExactly(new TopologyCommand.Rebalance(Optional.empty()));
    }

    @Test
    void aNodeThatWasGivenUpIsRemovedWhenItHoldsNothing() {
        kill("n5");
        order("n5", NodeOrders.NONE.givenUp());
        assertThat(decide().writes()).containsExactly(new TopologyCommand.RemoveNode(node("n5"), true, up));
        kill("n3");
        order("n3", NodeOrders.NONE.givenUp());
        assertThat(decide().writes()).doesNotContain(new TopologyCommand.RemoveNode(node("n3"), true, up));
    }

    @Test
    void nodesThatAreAwayForLongAreLostToThePlanner() {
        var lost = new ArrayList<Set<NodeId>>();
        conductor = new Conductor(SETTINGS, (topology, conditions) -> {
            lost.add(conditions.lost());
            return plan;
        });
        kill("n3");
        assertThat(decide().wakeAtNanos()).isLessThanOrEqualTo(now + 600 * S);
        now += 599 * S;
        decide();
        now += S;
        decide();
        assertThat(lost).containsExactly(Set.of(), Set.of(node("n3")));
    }

    @Test
    void survivorsAreToldThatTheyAreTheGroupUntilItIsSo() {
        partitions.set(0, partition(0, "n1", "n2").withRecovering(true));
        report(group(id(0), "n1", "n2", "n3").primary("n1").notServing());
        var survivors = ids("n1", "n2");
        assertThat(decide().orders())
                .containsExactly(
                        new StepOrder.Recover(id(0), node("n1"), Term.ZERO, survivors),
                        new StepOrder.Recover(id(0), node("n2"), Term.ZERO, survivors));
        report(group(id(0), "n2", "n1"));
        assertThat(decide().writes()).containsExactly(new TopologyCommand.ReportRecovered(List.of(id(0))));
    }

    @Test
    void aMemberThatHoldsNothingIsRemovedFromTheGroup() {
        decide();
        report(group(id(0), "n1", "n2", "n3").learners("n5"));
        report(group(id(1), "n5", "n1", "n2", "n3"));
        assertThat(decide().orders())
                .containsExactly(new StepOrder.Remove(id(0), node("n1"), TERM, node("n5")), transfer(1, "n5", "n1"));
    }

    @Test
    void aReplicaThatIsNoMemberIsTakenOutOfTheTopology() {
        decide();
        report(group(id(0), "n1", "n2"));
        assertThat(begun(decide())).containsExactly(PlannedMove.remove(id(0), node("n3"), Cause.REPAIR));
    }

    @Test
    void aCalmClusterIsLeftAlone() {
        IntStream.range(0, 6).forEach(number -> report(group(id(number), "n1", "n2", "n3")));
        decide();
        Actions calm = decide();
        assertThat(calm.writes()).isEmpty();
        assertThat(calm.orders()).isEmpty();
        assertThat(calm.watch()).isEmpty();
        assertThat(calm.wakeAtNanos()).isEqualTo(Long.MAX_VALUE);
    }

    // ---- the world ----------------------------------------------------------------------------------------------

    private Conductor conductor(Conductor.Settings settings) {
        return new Conductor(settings, (topology, conditions) -> {
            plannings++;
            return plan;
        });
    }

    private Actions decide() {
        var table = new TableInfo(
                "t", new Epoch(1), partitions.size(), 3, false, TableOptions.DEFAULT, new TreeMap<>(), balanceDue);
        var topology = new Topology(new Epoch(epoch), "c", nodes.values(), Map.of(table, partitions), moves, List.of());
        return conductor.decide(topology, new Conductor.Nodes(up, Set.of()), reports, now, 42);
    }

    private void plan(PlannedMove... planned) {
        plan = new Planner.Plan(List.of(planned), List.of(), planned.length > 0 ? Set.of("t") : Set.of());
    }

    private static List<PlannedMove> begun(Actions actions) {
        return actions.writes().stream()
                .filter(BeginMoves.class::isInstance)
                .flatMap(write -> ((BeginMoves) write).moves().stream())
                .toList();
    }

    /** As the topology does it. */
    private void begin(List<PlannedMove> planned) {
        var underWay = new ArrayList<>(moves.underWay());
        long begun = moves.begun();
        for (PlannedMove one : planned) {
            underWay.add(new Move(++begun, one.partition(), one.to(), one.from(), one.role(), one.cause(), false, 0));
            int number = one.partition().partition();
            one.to()
                    .ifPresent(
                            to -> partitions.set(number, partitions.get(number).with(ReplicaInfo.learner(to))));
        }
        moves = new Moves(begun, underWay, moves.ended(), moves.balancingPaused());
        epoch++;
    }

    private void promote(int number, String node) {
        partitions.set(number, partitions.get(number).withRole(ReplicaInfo.voter(node(node))));
        epoch++;
    }

    private void end(int number) {
        Move over = moves.byPartition().get(id(number));
        var underWay = new ArrayList<>(moves.underWay());
        underWay.remove(over);
        promote(number, over.to().orElseThrow().value());
        partitions.set(number, partitions.get(number).without(over.from().orElseThrow()));
        moves = new Moves(
                moves.begun(), underWay, List.of(new EndedMove(over, Outcome.DONE, "", 0)), moves.balancingPaused());
    }

    private void cancel(long move) {
        var underWay = moves.underWay().stream()
                .map(one -> one.id() == move ? one.cancelled() : one)
                .toList();
        moves = new Moves(moves.begun(), underWay, moves.ended(), moves.balancingPaused());
        epoch++;
    }

    private void order(String node, NodeOrders orders) {
        nodes.computeIfPresent(node(node), (id, info) -> info.withOrders(orders));
        epoch++;
    }

    private void kill(String node) {
        up.remove(node(node));
    }

    private void revive(String node) {
        up.add(node(node));
    }

    private void report(Groups group) {
        PartitionReport report = group.report();
        reports.put(report.partition(), report);
    }

    /** That node is primary of these, and all is well there. */
    private void led(String primary, int... numbers) {
        for (int number : numbers) {
            partitions.set(number, partitions.get(number).withPrimary(new Primary(TERM, node(primary))));
            report(group(id(number), "n1", "n2", "n3").primary(primary));
        }
        epoch++;
    }

    private static StepOrder transfer(int number, String from, String to) {
        return new StepOrder.Transfer(id(number), node(from), TERM, node(to));
    }

    private static PlannedMove replace(int number, String from, String to, Cause cause) {
        return new PlannedMove(id(number), some(to), some(from), Role.VOTER, cause);
    }

    private static PartitionInfo partition(int number, String... voters) {
        return PartitionInfo.founded(id(number), ids(voters)).withPrimary(new Primary(TERM, node(voters[0])));
    }

    private static PartitionId id(int number) {
        return new PartitionId("t", 1, number);
    }

    private static NodeId node(String id) {
        return new NodeId(id);
    }
}
