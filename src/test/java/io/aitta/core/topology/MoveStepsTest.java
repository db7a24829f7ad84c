package io.aitta.core.topology;

import static io.aitta.core.topology.Groups.TERM;
import static io.aitta.core.topology.Groups.group;
import static io.aitta.core.topology.Groups.some;
import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.topology.EndedMove.Outcome;
import io.aitta.core.topology.Move.Cause;
import io.aitta.core.topology.MoveSteps.Next;
import io.aitta.core.topology.ReplicaInfo.Role;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class MoveStepsTest {
    private static final PartitionId P = new PartitionId("t", 1, 0);
    private static final Move REPLACE = move(some("n4"), some("n1"), Role.VOTER, Cause.BALANCE);
    private static final Move ADD = move(some("n4"), Optional.empty(), Role.VOTER, Cause.FILL);
    private static final Move ADD_LEARNER = move(some("n4"), Optional.empty(), Role.LEARNER, Cause.FILL);
    private static final Move REMOVE = move(Optional.empty(), some("n3"), Role.VOTER, Cause.EXCESS);

    @Nested
    class Forward {
        @Test
        void theNewReplicaComesAsALearner() {
            assertThat(next(REPLACE, group(P, "n1", "n2", "n3"))).isEqualTo(addLearner("n1", "n4"));
        }

        @Test
        void aLearnerIsPromotedWhenItHasCaughtUpAndNotBefore() {
            var learning = group(P, "n1", "n2", "n3").learners("n4");
            assertThat(next(REPLACE, learning)).isEqualTo(promote("n1", "n4"));
            assertThat(next(REPLACE, group(P, "n1", "n2", "n3").learners("n4").copying("n4")))
                    .isEqualTo(new Next.Wait("copying"));
            assertThat(next(REPLACE, group(P, "n1", "n2", "n3").learners("n4").lagging("n4")))
                    .isEqualTo(new Next.Wait("catching up"));
            assertThat(next(REPLACE, group(P, "n1", "n2", "n3").learners("n4").unreachable("n4")))
                    .isInstanceOf(Next.Wait.class);
        }

        @Test
        void nobodyIsPromotedIntoAGroupThatWouldHaveNoMajority() {
            assertThat(next(ADD, group(P, "n1", "n2").unreachable("n2").learners("n4")))
                    .isEqualTo(promote("n1", "n4"));
            assertThat(next(
                            ADD,
                            group(P, "n1", "n2", "n3").unreachable("n2", "n3").learners("n4")))
                    .isInstanceOf(Next.Wait.class);
        }

        @Test
        void thePrimaryHandsOverBeforeItGoesAndRatherToTheNewOne() {
            assertThat(next(REPLACE, group(P, "n1", "n2", "n3", "n4"))).isEqualTo(transfer("n1", "n4"));
            assertThat(next(REPLACE, group(P, "n1", "n2", "n3", "n4").lagging("n4", "n2")))
                    .isEqualTo(transfer("n1", "n3"));
        }

        @Test
        void aPrimaryStaysWhileNobodyCanTakeOver() {
            assertThat(next(
                            REPLACE,
                            group(P, "n1", "n2", "n3", "n4").lagging("n2", "n3").unreachable("n4")))
                    .isInstanceOf(Next.Wait.class);
        }

        @Test
        void theOldReplicaGoesWhenTheNewOneIsAVoter() {
            assertThat(next(REPLACE, group(P, "n1", "n2", "n3", "n4").primary("n2")))
                    .isEqualTo(remove("n2", "n1"));
        }

        @Test
        void aCopyThatIsThereStaysUntilItsSuccessorIsThereToo() {
            assertThat(next(
                            REPLACE,
                            group(P, "n1", "n2", "n3", "n4").primary("n2").unreachable("n4")))
                    .isInstanceOf(Next.Wait.class);
            assertThat(next(
                            REPLACE,
                            group(P, "n1", "n2", "n3", "n4", "n5").primary("n2").unreachable("n1", "n4")))
                    .isInstanceOf(Next.Wait.class);
        }

        @Test
        void aCopyThatIsAwayGoesAtOnceIfThereIsAMajorityOnlyWithoutIt() {
            assertThat(next(
                            REPLACE,
                            group(P, "n1", "n2", "n3", "n4").primary("n2").unreachable("n1", "n4")))
                    .isEqualTo(remove("n2", "n1"));
        }

        @Test
        void nobodyGoesIfThoseThatStayHadNoMajority() {
            assertThat(next(
                            REPLACE,
                            group(P, "n1", "n2", "n3", "n4").primary("n2").unreachable("n1", "n3", "n4")))
                    .isInstanceOf(Next.Wait.class);
            assertThat(next(REMOVE, group(P, "n1", "n2", "n3").unreachable("n2")))
                    .isInstanceOf(Next.Wait.class);
        }

        @Test
        void itIsDoneWhenTheOldReplicaIsOut() {
            assertThat(next(REPLACE, group(P, "n2", "n3", "n4"))).isEqualTo(end(Outcome.DONE));
            assertThat(next(ADD, group(P, "n1", "n2", "n3", "n4"))).isEqualTo(end(Outcome.DONE));
            assertThat(next(REMOVE, group(P, "n1", "n2"))).isEqualTo(end(Outcome.DONE));
        }

        @Test
        void aLearnerThatIsToRemainOneIsNeverPromoted() {
            assertThat(next(ADD_LEARNER, group(P, "n1").learners("n4").copying("n4")))
                    .isEqualTo(new Next.Wait("copying"));
            assertThat(next(ADD_LEARNER, group(P, "n1").learners("n4"))).isEqualTo(end(Outcome.DONE));
            var replace = move(some("n4"), some("n5"), Role.LEARNER, Cause.ZONE);
            assertThat(next(replace, group(P, "n1", "n2").learners("n4", "n5"))).isEqualTo(remove("n1", "n5"));
            assertThat(next(replace, group(P, "n1", "n2").learners("n4"))).isEqualTo(end(Outcome.DONE));
        }

        @Test
        void aCopyTooManyStaysWhileAnotherIsAwayUnlessItWasOrderedByHand() {
            var oneAway = group(P, "n1", "n2", "n3", "n4", "n5").unreachable("n2");
            assertThat(next(REMOVE, oneAway)).isInstanceOf(Next.Wait.class);
            assertThat(next(move(Optional.empty(), some("n3"), Role.VOTER, Cause.ORDERED), oneAway))
                    .isEqualTo(remove("n1", "n3"));
            assertThat(next(move(Optional.empty(), some("n2"), Role.VOTER, Cause.EXCESS), oneAway))
                    .isEqualTo(remove("n1", "n2"));
        }

        @Test
        void theLastVoterIsNeverRemoved() {
            var last = move(Optional.empty(), some("n1"), Role.VOTER, Cause.ORDERED);
            Next next = next(last, group(P, "n1").learners("n2"));
            assertThat(next).isInstanceOfSatisfying(Next.Write.class, write -> assertThat(
                            ((TopologyCommand.EndMoves) write.command()).ends())
                    .extracting(TopologyCommand.MoveEnd::outcome)
                    .containsExactly(Outcome.FAILED));
        }

        @Test
        void nothingIsDoneWhileThePrimaryIsNotReadyOrTheLastStepIsNotCommitted() {
            for (var group : List.of(
                    group(P, "n1", "n2", "n3").notServing(),
                    group(P, "n1", "n2", "n3").transferring(),
                    group(P, "n1", "n2", "n3").unsettled())) {
                assertThat(next(REPLACE, group)).isInstanceOf(Next.Wait.class);
                assertThat(next(REPLACE.cancelled(), group)).isInstanceOf(Next.Wait.class);
            }
        }
    }

    @Nested
    class TakenBack {
        @Test
        void aCancelledMoveIsOverWhenTheNewReplicaIsNoMember() {
            assertThat(next(REPLACE.cancelled(), group(P, "n1", "n2", "n3"))).isEqualTo(end(Outcome.CANCELLED));
            assertThat(next(REMOVE.cancelled(), group(P, "n1", "n2", "n3"))).isEqualTo(end(Outcome.CANCELLED));
        }

        @Test
        void theNewReplicaGoesAgainBeItLearnerOrVoter() {
            assertThat(next(
                            REPLACE.cancelled(),
                            group(P, "n1", "n2", "n3").learners("n4").copying("n4")))
                    .isEqualTo(remove("n1", "n4"));
            assertThat(next(
                            REPLACE.cancelled(),
                            group(P, "n1", "n2", "n3", "n4").unreachable("n4")))
                    .isEqualTo(remove("n1", "n4"));
        }

        @Test
        void whatHasGoneTooFarIsFinished() {
            assertThat(next(REPLACE.cancelled(), group(P, "n4", "n1", "n2", "n3")))
                    .isEqualTo(remove("n4", "n1"));
            assertThat(next(REPLACE.cancelled(), group(P, "n2", "n3", "n4"))).isEqualTo(end(Outcome.DONE));
            assertThat(next(REMOVE.cancelled(), group(P, "n1", "n2"))).isEqualTo(end(Outcome.DONE));
        }
    }

    @Nested
    class Allowed {
        private final StepOrder.AddLearner add = new StepOrder.AddLearner(P, id("n2"), TERM, id("n4"));
        private final StepOrder.Promote promote = new StepOrder.Promote(P, id("n2"), TERM, id("n4"));
        private final StepOrder.Remove removeOld = new StepOrder.Remove(P, id("n2"), TERM, id("n1"));
        private final StepOrder.Remove removeNew = new StepOrder.Remove(P, id("n2"), TERM, id("n4"));

        @Test
        void theStepsOfTheMoveThatIsUnderWay() {
            Topology moving = topology(Optional.of(REPLACE), "n1", "n2", "n3", "n4");
            assertThat(allowed(moving)).containsExactly(add, promote, removeOld);
        }

        @Test
        void onlyTheWayBackIfItIsCancelled() {
            Topology cancelled = topology(Optional.of(REPLACE.cancelled()), "n1", "n2", "n3", "n4");
            assertThat(allowed(cancelled)).containsExactly(removeNew);
            assertThat(MoveSteps.allows(cancelled, new StepOrder.Remove(P, id("n4"), TERM, id("n1"))))
                    .as("the new one is primary already")
                    .isTrue();
        }

        @Test
        void noStepsOfAMoveThatIsOverOrNotBegun() {
            assertThat(allowed(topology(Optional.empty(), "n1", "n2", "n3", "n4")))
                    .isEmpty();
            assertThat(allowed(topology(
                            Optional.of(move(some("n1"), some("n4"), Role.VOTER, Cause.BALANCE)),
                            "n1",
                            "n2",
                            "n3",
                            "n4")))
                    .containsExactly(removeNew);
        }

        @Test
        void theRemovalOfWhoHoldsNothing() {
            assertThat(allowed(topology(Optional.empty(), "n2", "n3"))).containsExactly(removeOld, removeNew);
        }

        @Test
        void nothingOfAnUnknownPartition() {
            assertThat(allowed(Topology.EMPTY)).isEmpty();
        }

        @Test
        void recoveryOnlyWhileItIsUnderWayAndByTheseSurvivors() {
            var survivors = List.of(id("n1"), id("n2"));
            var recover = new StepOrder.Recover(P, id("n2"), TERM, survivors);
            PartitionInfo calm = PartitionInfo.founded(P, survivors);
            assertThat(MoveSteps.allows(topology(calm, Moves.NONE), recover)).isFalse();
            assertThat(MoveSteps.allows(topology(calm.withRecovering(true), Moves.NONE), recover))
                    .isTrue();
            PartitionInfo others = PartitionInfo.founded(P, List.of(id("n2"), id("n3")));
            assertThat(MoveSteps.allows(topology(others.withRecovering(true), Moves.NONE), recover))
                    .isFalse();
        }

        private List<StepOrder> allowed(Topology topology) {
            return Stream.<StepOrder>of(add, promote, removeOld, removeNew)
                    .filter(order -> MoveSteps.allows(topology, order))
                    .toList();
        }
    }

    private static Topology topology(Optional<Move> move, String... replicas) {
        var partition = PartitionInfo.founded(P, Groups.ids(replicas));
        return topology(partition, new Moves(1, move.stream().toList(), List.of(), false));
    }

    private static Topology topology(PartitionInfo partition, Moves moves) {
        var nodes = Stream.of("n1", "n2", "n3", "n4")
                .map(node -> NodeInfo.told(id(node), "i-" + node, "h", 1, 2, 3, "z", 1))
                .toList();
        var table = new TableInfo("t", new Epoch(1), 1, 3, false);
        return new Topology(new Epoch(5), "c", nodes, Map.of(table, List.of(partition)), moves, List.of());
    }

    private static Next next(Move move, Groups group) {
        return MoveSteps.next(move, group.report());
    }

    private static Move move(Optional<NodeId> to, Optional<NodeId> from, Role role, Cause cause) {
        return new Move(1, P, to, from, role, cause, false, 0);
    }

    private static Next addLearner(String primary, String node) {
        return new Next.Tell(new StepOrder.AddLearner(P, id(primary), TERM, id(node)));
    }

    private static Next promote(String primary, String node) {
        return new Next.Tell(new StepOrder.Promote(P, id(primary), TERM, id(node)));
    }

    private static Next remove(String primary, String node) {
        return new Next.Tell(new StepOrder.Remove(P, id(primary), TERM, id(node)));
    }

    private static Next transfer(String primary, String node) {
        return new Next.Tell(new StepOrder.Transfer(P, id(primary), TERM, id(node)));
    }

    private static Next end(Outcome outcome) {
        return new Next.Write(new TopologyCommand.EndMoves(List.of(new TopologyCommand.MoveEnd(1, outcome, "")), 0));
    }

    private static NodeId id(String node) {
        return new NodeId(node);
    }
}
