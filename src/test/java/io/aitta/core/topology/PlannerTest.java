package io.aitta.core.topology;

import static io.aitta.core.topology.PlanWorld.id;
import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.topology.Move.Cause;
import io.aitta.core.topology.ReplicaInfo.Role;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class PlannerTest {
    private static final PartitionId FIRST = new PartitionId("t", 1, 0);

    // ---- repair ---------------------------------------------------------------------------------------------------

    @Test
    void nothingIsPlannedForATableAsItWasMade() {
        PlanWorld world =
                new PlanWorld().nodes("n1", "n2", "n3", "n4").placed("t", 3, 50).balance("t");
        assertThat(world.plan()).isEqualTo(new Planner.Plan(List.of(), List.of(), tables()));
    }

    @Test
    void aLostReplicaIsReplacedByTheLeastLoadedNodeOfTheBestZone() {
        var world = new PlanWorld()
                .node("a1", "a", 1)
                .node("b1", "b", 1)
                .node("b2", "b", 1)
                .node("b3", "b", 1)
                .node("c1", "c", 1)
                .table("t", 3, "a1 b1 c1", "a1 b2 c1", "a1 b2 c1")
                .lost("b1");
        assertThat(world.planned()).containsExactly(PlannedMove.replace(FIRST, id("b1"), id("b3"), Cause.REPAIR));
    }

    @Test
    void theLoadCountsForTheWeight() {
        var world = new PlanWorld()
                .nodes("n1", "n2")
                .node("big", "z", 4)
                .table("t", 1, "n1", "n2", "big", "big")
                .table("u", 2, "n1 big", "n1 n2")
                .change("t", 0, partition -> partition.withReplicasWanted(2));
        assertThat(world.planned()).containsExactly(PlannedMove.add(FIRST, id("big"), Role.VOTER, Cause.FILL));
    }

    @Test
    void aNodeGoneAndBackBeforeItIsLostChangesNothing() {
        PlanWorld world =
                new PlanWorld().nodes("n1", "n2", "n3", "n4").placed("t", 3, 20).down("n2");
        assertThat(world.planned()).isEmpty();
        assertThat(world.back("n2").planned()).isEmpty();
    }

    @Test
    void aNodeThatIsBackAfterItWasReplacedGetsItsShareWhenBalanced() {
        PlanWorld world =
                new PlanWorld().nodes("n1", "n2", "n3", "n4").placed("t", 3, 20).lost("n2");
        world.settle();
        assertThat(world.voters("t")).containsOnlyKeys("n1", "n3", "n4");
        assertThat(world.back("n2").planned()).isEmpty();
        world.balance("t").settle();
        assertThat(world.voters("t").values()).containsOnly(15);
    }

    @Test
    void withNowhereToGoTheSeatOfALostNodeIsKeptUntilItIsGoneForGood() {
        PlanWorld world = new PlanWorld()
                .nodes("n1", "n2", "n3")
                .table("t", 3, "n1 n2 n3")
                .lost("n3");
        assertThat(world.planned()).isEmpty();
        world.order("n3", NodeOrders::givenUp);
        assertThat(world.planned()).containsExactly(PlannedMove.remove(FIRST, id("n3"), Cause.REPAIR));
    }

    @Test
    void aLostReplicaBeyondTheWantedNumberIsJustRemoved() {
        var world = new PlanWorld()
                .nodes("n1", "n2", "n3", "n4", "n5")
                .table("t", 3, "n1 n2 n3 n4")
                .lost("n2");
        assertThat(world.planned()).containsExactly(PlannedMove.remove(FIRST, id("n2"), Cause.REPAIR));
    }

    @Test
    void nothingIsPlannedWhereTheMajorityIsGoneForNothingCanBeDone() {
        var world = new PlanWorld().nodes("n1", "n2", "n3", "n4", "n5").table("t", 3, "n1 n2 n3");
        world.lost("n2").lost("n3").balance("t");
        assertThat(world.planned()).isEmpty();
    }

    @Test
    void aReplacementTakesThePlaceOfTheMostUrgentMoveFirst() {
        var world = new PlanWorld()
                .nodes("n1", "n2", "n3", "n4")
                .table("t", 3, "n1 n2", "n1 n3 n4", "n1 n2 n3")
                .lost("n3");
        assertThat(world.planned())
                .extracting(PlannedMove::cause)
                .containsExactly(Cause.REPAIR, Cause.REPAIR, Cause.FILL);
    }

    // ---- filling up -----------------------------------------------------------------------------------------------

    @Test
    void aSingleNodesTableIsCompletedAsNodesCome() {
        PlanWorld world = new PlanWorld()
                .nodes("n1")
                .table("t", 3, "n1", "n1", "n1", "n1")
                .balance("t");
        assertThat(world.planned()).isEmpty();
        world.nodes("n2").settle();
        assertThat(world.voters("t")).isEqualTo(Map.of("n1", 4, "n2", 4));
        world.nodes("n3").settle();
        assertThat(world.voters("t")).isEqualTo(Map.of("n1", 4, "n2", 4, "n3", 4));
        world.nodes("n4").settle();
        assertThat(world.voters("t")).isEqualTo(Map.of("n1", 3, "n2", 3, "n3", 3, "n4", 3));
        assertThat(world.primaries("t").values()).containsOnly(1);
    }

    @Test
    void fromThreeReplicasToFiveAndBackLeavesEveryNodeItsShare() {
        PlanWorld world =
                new PlanWorld().nodes("n1", "n2", "n3", "n4", "n5", "n6").placed("t", 3, 24);
        world.change("t", table -> table.withReplicas(5)).settle();
        assertThat(world.voters("t").values()).containsOnly(20);
        assertThat(world.done)
                .extracting(PlannedMove::cause)
                .containsOnly(Cause.FILL)
                .hasSize(48);
        world.change("t", table -> table.withReplicas(3)).settle();
        assertThat(world.voters("t").values()).containsOnly(12);
        assertThat(world.done).hasSize(96);
    }

    @Test
    void whatWasOrderedForAPartitionHoldsInThePlaceOfTheTablesNumber() {
        var world = new PlanWorld().nodes("n1", "n2", "n3", "n4").table("t", 2, "n1 n2", "n3 n4");
        world.change("t", 0, partition -> partition.withReplicasWanted(4)).settle();
        assertThat(world.partition("t", 0).voters()).hasSize(4);
        assertThat(world.partition("t", 1).voters()).hasSize(2);
    }

    @Test
    void anExcessGoesFromDrainingNodesFirstAndNeverCostsTheMajority() {
        var world = new PlanWorld()
                .nodes("n1", "n2", "n3", "n4", "n5")
                .table("t", 3, "n1 n2 n3 n4 n5")
                .drain("n3");
        assertThat(world.planned()).containsExactly(PlannedMove.remove(FIRST, id("n3"), Cause.EXCESS));
        world = new PlanWorld()
                .nodes("n1", "n2", "n3", "n4", "n5")
                .table("t", 3, "n1 n2 n3 n4 n5")
                .drain("n3");
        world.down("n1").down("n2").settle();
        assertThat(world.partition("t", 0).voters())
                .contains(id("n4"), id("n5"))
                .hasSize(3);
    }

    // ---- draining -------------------------------------------------------------------------------------------------

    @Test
    void aDrainedNodeGivesEverythingAwayAndItsPrimariesAtOnce() {
        PlanWorld world =
                new PlanWorld().nodes("n1", "n2", "n3", "n4").placed("t", 3, 20).drain("n2");
        Planner.Plan plan = world.plan();
        assertThat(plan.preferences()).hasSize(5);
        assertThat(plan.moves()).hasSize(15).extracting(PlannedMove::cause).containsOnly(Cause.DRAIN);
        world.settle();
        assertThat(world.voters("t")).isEqualTo(Map.of("n1", 20, "n3", 20, "n4", 20));
        assertThat(world.primaries("t")).doesNotContainKey("n2");
    }

    @Test
    void aReplacementGetsAllThatItsNodeHeldAsFarAsZonesAllow() {
        var world = new PlanWorld()
                .node("a1", "a", 1)
                .node("a2", "a", 1)
                .node("b1", "b", 1)
                .node("b2", "b", 1)
                .table("t", 2, "a1 b1", "a1 b2", "a2 b1")
                .order("a1", orders -> orders.drained(Optional.of(id("b2"))));
        assertThat(world.planned())
                .as("b2 would put both replicas in one zone")
                .extracting(PlannedMove::to)
                .containsOnly(Optional.of(id("a2")));
        world.node("a3", "a", 1).order("a1", orders -> orders.drained(Optional.of(id("a3"))));
        assertThat(world.planned()).extracting(PlannedMove::to).containsOnly(Optional.of(id("a3")));
    }

    @Test
    void whereNothingCanGoDrainedReplicasStay() {
        PlanWorld world =
                new PlanWorld().nodes("n1", "n2", "n3").placed("t", 3, 10).balance("t");
        world.drain("n1").settle();
        assertThat(world.done).isEmpty();
        assertThat(world.primaries("t")).doesNotContainKey("n1");
        assertThat(Stranded.on(
                        world.topology(), PlanWorld.id("n1"), world.conditions().up()))
                .extracting(Stranded::sentence)
                .containsExactly(
                        "10 replicas have nowhere to go: table 't' wants 3 of each partition, and 2 nodes can hold"
                                + " them; add a node or lower the replicas of table 't'");
        world.drain("n2").drain("n3");
        assertThat(world.planned()).as("all are drained").isEmpty();
    }

    // ---- balance --------------------------------------------------------------------------------------------------

    @Test
    void aNewNodeIsFilledOnlyWhenBalanceIsDueAndNotPaused() {
        PlanWorld world =
                new PlanWorld().nodes("n1", "n2", "n3").placed("t", 3, 40).nodes("n4");
        assertThat(world.plan()).isEqualTo(new Planner.Plan(List.of(), List.of(), tables()));
        world.balance("t");
        assertThat(world.planned()).hasSize(30).extracting(PlannedMove::cause).containsOnly(Cause.BALANCE);
        world.pauseBalancing();
        assertThat(world.plan()).isEqualTo(new Planner.Plan(List.of(), List.of(), tables("t")));
    }

    @Test
    void weightsOneTwoSevenAreSharedOutInThatProportion() {
        PlanWorld world = new PlanWorld().node("n1", "z", 1).placed("t", 1, 100);
        world.node("n2", "z", 2).node("n3", "z", 7).balance("t").settle();
        assertThat(world.voters("t")).isEqualTo(Map.of("n1", 10, "n2", 20, "n3", 70));
        assertThat(world.done).hasSize(90);
    }

    @Test
    void threeReplicasInTwoZonesAreTwoAndOne() {
        PlanWorld world = new PlanWorld()
                .node("a1", "a", 1)
                .node("a2", "a", 1)
                .node("a3", "a", 1)
                .placed("t", 3, 30);
        world.node("b1", "b", 1).node("b2", "b", 1).node("b3", "b", 1).balance("t");
        assertThat(world.planned()).hasSize(30).extracting(PlannedMove::cause).containsOnly(Cause.ZONE);
        world.settle();
        assertThat(world.voters("t").values()).containsOnly(15);
        assertThat(world.done).as("the fewest there can be").hasSize(45);
        for (PartitionInfo partition : world.partitions("t")) {
            var zones = new HashSet<String>();
            partition.voters().forEach(node -> zones.add(world.info(node).zone()));
            assertThat(zones).hasSize(2);
        }
    }

    @Test
    void weightNothingGivesAllAwayWhenBalancedAndGetsNothing() {
        PlanWorld world =
                new PlanWorld().nodes("n1", "n2", "n3").placed("t", 2, 30).node("n3", "z", 0);
        assertThat(world.planned()).isEmpty();
        world.balance("t").settle();
        assertThat(world.voters("t")).isEqualTo(Map.of("n1", 30, "n2", 30));
        world.change("t", table -> table.withReplicas(3));
        assertThat(world.planned()).isEmpty();
    }

    @Test
    void weightNothingKeepsWhatNobodyElseCanTake() {
        PlanWorld world = new PlanWorld()
                .nodes("n1", "n2", "n3")
                .placed("t", 3, 10)
                .node("n3", "z", 0)
                .balance("t");
        world.settle();
        assertThat(world.voters("t").values()).containsOnly(10);
        assertThat(world.primaries("t")).isEqualTo(Map.of("n1", 5, "n2", 5));
        assertThat(world.plan().unbalanced()).isEmpty();
    }

    @Test
    void aMoveUnderWayCountsAsDoneAndItsPartitionIsLetAlone() {
        PlanWorld world =
                new PlanWorld().nodes("n1", "n2").table("t", 1, "n1", "n1").balance("t");
        assertThat(world.planned()).hasSize(1);
        world.begin(PlannedMove.replace(FIRST, id("n1"), id("n2"), Cause.BALANCE));
        assertThat(world.plan()).isEqualTo(new Planner.Plan(List.of(), List.of(), tables("t")));
        assertThat(world.lost("n2").planned()).isEmpty();
    }

    @Test
    void aNodeThatIsDownForAWhileKeepsItsShareAndIsWaitedFor() {
        PlanWorld world =
                new PlanWorld().nodes("n1", "n2", "n3").placed("t", 1, 30).nodes("n4", "n5");
        world.balance("t").down("n5");
        world.settle();
        assertThat(world.voters("t").getOrDefault("n4", 0)).isEqualTo(6);
        assertThat(world.plan().unbalanced()).containsExactly("t");
        world.back("n5").settle();
        assertThat(world.voters("t").values()).containsOnly(6);
        assertThat(world.plan().unbalanced()).isEmpty();
        assertThat(world.done).hasSize(12);
    }

    @Test
    void aChainOfMovesIsFoundWhereNoDirectOneIsPossible() {
        // n1 has two too many for n3's sake, but n3 holds the same partitions: they go by way of n2.
        var world = new PlanWorld()
                .nodes("n1", "n2", "n3")
                .table("t", 2, "n1 n3", "n1 n3", "n1 n2", "n1 n2", "n1 n2", "n1 n2")
                .balance("t");
        world.settle();
        assertThat(world.voters("t").values()).containsOnly(4);
        assertThat(world.done).hasSize(2);
    }

    @Test
    void aNewNodeGetsItsPartOfManySmallTablesToo() {
        PlanWorld world = new PlanWorld().nodes("n1", "n2", "n3");
        for (int table = 0; table < 40; table++) {
            world.table("small-" + table, 3, "n1 n2 n3");
        }
        world.nodes("n4");
        assertThat(world.planned()).isEmpty();
        List.copyOf(world.tables()).forEach(world::balance);
        world.settle();
        assertThat(world.done).as("as few as will do").hasSize(30);
        int held = 0;
        int led = 0;
        for (String table : world.tables()) {
            held += world.voters(table).getOrDefault("n4", 0);
            led += world.primaries(table).getOrDefault("n4", 0);
        }
        assertThat(held).isEqualTo(30);
        assertThat(led).isBetween(9, 11);
    }

    @Test
    void preferredPrimariesAreEvenedOutOverChainsWithoutAnyMove() {
        var world = new PlanWorld()
                .nodes("n1", "n2", "n3")
                .table("t", 2, "n1 n2", "n1 n2", "n1 n2", "n1 n2", "n2 n3", "n2 n3", "n3 n1", "n3 n1")
                .change("t", table -> table.withReplicas(2));
        assertThat(world.plan().preferences()).isEmpty();
        world.balance("t").settle();
        assertThat(world.done.stream().filter(move -> move.cause() != Cause.BALANCE))
                .isEmpty();
        assertThat(world.primaries("t").values()).allMatch(count -> count == 2 || count == 3);
    }

    // ---- learners -------------------------------------------------------------------------------------------------

    @Test
    void learnersAreKeptInTheZoneTheyAreWantedInAsFarAsItHasNodes() {
        var world = new PlanWorld()
                .node("a1", "a", 1)
                .node("a2", "a", 1)
                .table("t", 1, "a1", "a2")
                .change("t", table -> table.withLearners("far", 2));
        assertThat(world.planned()).as("no node there").isEmpty();
        world.node("f1", "far", 1).settle();
        assertThat(world.learners("t")).isEqualTo(Map.of("f1", 2));
        world.node("f2", "far", 1).node("f3", "far", 1).settle();
        assertThat(world.learners("t")).isEqualTo(Map.of("f1", 2, "f2", 1, "f3", 1));
        world.lost("f1").settle();
        assertThat(world.learners("t")).isEqualTo(Map.of("f2", 2, "f3", 2));
        world.change("t", table -> table.withLearners("far", 1)).settle();
        assertThat(world.learners("t")).isEqualTo(Map.of("f2", 1, "f3", 1));
        world.node("f4", "far", 1).drain("f2").settle();
        assertThat(world.learners("t")).isEqualTo(Map.of("f3", 1, "f4", 1));
        world.change("t", table -> table.withLearners("far", 0)).settle();
        assertThat(world.learners("t")).isEmpty();
        assertThat(world.voters("t")).isEqualTo(Map.of("a1", 1, "a2", 1));
    }

    @Test
    void learnersAreBalancedWithinTheirZone() {
        String[] places = new String[12];
        java.util.Arrays.fill(places, "a1 +f1");
        var world = new PlanWorld()
                .node("a1", "a", 1)
                .node("f1", "far", 0 + 1)
                .table("t", 1, places)
                .change("t", table -> table.withLearners("far", 1))
                .node("f2", "far", 1)
                .node("f3", "far", 1);
        assertThat(world.planned()).isEmpty();
        world.balance("t").settle();
        var voters = world.voters("t");
        var learners = world.learners("t");
        for (String node : List.of("f1", "f2", "f3")) {
            assertThat(voters.getOrDefault(node, 0) + learners.getOrDefault(node, 0))
                    .isBetween(6, 8);
        }
    }

    @Test
    void aLearnerMakesWayForAVoterThatHasNoOtherNode() {
        var world = new PlanWorld()
                .nodes("n1", "n2", "n3")
                .table("t", 3, "n1 n2 +n3")
                .change("t", table -> table.withLearners("z", 1));
        world.settle();
        assertThat(world.partition("t", 0).voters()).hasSize(3);
        assertThat(world.done).hasSize(2);
    }

    // ---- _meta ----------------------------------------------------------------------------------------------------

    @Test
    void metaGrowsByTwoOrNotAtAll() {
        PlanWorld world = new PlanWorld().nodes("n1").table("_meta", 5, "n1");
        assertThat(world.nodes("n2").planned()).isEmpty();
        world.nodes("n3").settle();
        assertThat(meta(world)).hasSize(3);
        assertThat(world.nodes("n4").planned()).isEmpty();
        world.nodes("n5").settle();
        assertThat(meta(world)).hasSize(5);
    }

    @Test
    void metaShrinksToTheNextOddNumberWhenItsNodesAreDrainedAwayButNotToASingleDisk() {
        PlanWorld world = new PlanWorld().nodes("n1", "n2", "n3", "n4", "n5").table("_meta", 5, "n1 n2 n3 n4 n5");
        world.drain("n1").settle();
        assertThat(meta(world)).hasSize(3).doesNotContain(id("n1"));
        world.drain("n2").settle();
        assertThat(meta(world)).containsExactlyInAnyOrder(id("n3"), id("n4"), id("n5"));
        world.drain("n3").settle();
        assertThat(meta(world)).containsExactlyInAnyOrder(id("n4"), id("n5"));
        world.nodes("n6").settle();
        assertThat(meta(world)).containsExactlyInAnyOrder(id("n4"), id("n5"), id("n6"));
    }

    @Test
    void aLostMemberOfMetaIsReplacedAndOneGoneForGoodGivenUp() {
        PlanWorld world = new PlanWorld()
                .nodes("n1", "n2", "n3", "n4")
                .table("_meta", 3, "n1 n2 n3")
                .lost("n2");
        world.settle();
        assertThat(meta(world)).containsExactly(id("n1"), id("n4"), id("n3"));
        world.lost("n3");
        assertThat(world.planned()).isEmpty();
        world.order("n3", NodeOrders::givenUp).settle();
        assertThat(meta(world)).containsExactly(id("n1"), id("n4"));
    }

    @Test
    void metaIsSpreadOverZonesWhenBalancedAndStaysOnNodesWithoutWeight() {
        var world = new PlanWorld()
                .node("n1", "a", 0)
                .node("n2", "a", 1)
                .node("n3", "a", 1)
                .table("_meta", 3, "n1 n2 n3")
                .node("n4", "b", 1)
                .node("n5", "c", 1)
                .node("n6", "d", 0)
                .balance("_meta");
        world.settle();
        assertThat(meta(world)).contains(id("n4"), id("n5")).hasSize(3).doesNotContain(id("n6"));
        assertThat(world.done).extracting(PlannedMove::cause).containsExactly(Cause.ZONE, Cause.ZONE);
    }

    private static SortedSet<String> tables(String... names) {
        return new TreeSet<>(List.of(names));
    }

    private static List<NodeId> meta(PlanWorld world) {
        return world.partition("_meta", 0).voters();
    }
}
