package io.aitta.core.topology;

import static io.aitta.core.topology.TopologyDriver.id;
import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.core.NodeId;
import io.aitta.core.topology.Refusal.Reason;
import io.aitta.core.topology.TopologyCommand.BeginMoves;
import io.aitta.core.topology.TopologyCommand.CreateTable;
import io.aitta.core.topology.TopologyCommand.DrainNode;
import io.aitta.core.topology.TopologyCommand.EndMoves;
import io.aitta.core.topology.TopologyCommand.MoveEnd;
import io.aitta.core.topology.TopologyCommand.RegisterNode;
import io.aitta.core.topology.TopologyCommand.RemoveNode;
import io.aitta.core.topology.TopologyCommand.ReportBalanced;
import io.aitta.core.topology.TopologyCommand.SetLearners;
import io.aitta.core.topology.TopologyCommand.SetNodeWeight;
import io.aitta.core.topology.TopologyCommand.SetNodeZone;
import io.aitta.core.topology.TopologyCommand.SetReplicas;
import io.aitta.core.topology.TopologyCommand.TableDefaults;
import io.aitta.core.topology.TopologyCommand.UndrainNode;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NodeRulesTest {
    private final TopologyDriver cluster = new TopologyDriver("n1", "n2", "n3");

    @Test
    void aNodeThatComesMakesABalanceDueButNotOfMeta() {
        cluster.accept(register("n4"));
        assertThat(cluster.table("default").balanceDue()).isTrue();
        assertThat(cluster.table("_meta").balanceDue()).isFalse();
        cluster.accept(new ReportBalanced(List.of("default", "_meta", "none")));
        assertThat(cluster.table("default").balanceDue()).isFalse();
        cluster.unchangedBy(new ReportBalanced(List.of("default")));
    }

    @Test
    void ordersForANodeOutliveItsOwnSettings() {
        cluster.accept(new SetNodeWeight(id("n1"), 7));
        cluster.accept(new SetNodeZone(id("n1"), "east"));
        cluster.unchangedBy(register("n1"));
        cluster.accept(new RegisterNode(TopologyStateTest.node("n1", 3)));
        assertThat(cluster.node("n1").weight()).isEqualTo(7);
        assertThat(cluster.node("n1").ownWeight()).isEqualTo(3);
        assertThat(cluster.node("n1").zone()).isEqualTo("east");
    }

    @Test
    void onlyWhatCountsOtherwiseThanBeforeMakesABalanceDue() {
        cluster.accept(new SetNodeWeight(id("n1"), 1));
        assertThat(cluster.table("default").balanceDue()).as("it was 1 before").isFalse();
        cluster.accept(new SetNodeWeight(id("n1"), 2));
        assertThat(cluster.table("default").balanceDue()).isTrue();
        cluster.unchangedBy(new SetNodeWeight(id("n1"), 2));
        cluster.accept(new ReportBalanced(List.of("default")));
        cluster.accept(new SetNodeZone(id("n2"), "west"));
        assertThat(cluster.table("default").balanceDue()).isTrue();
    }

    @Test
    void weightsAndZonesOutOfRangeAndUnknownNodesAreRefused() {
        assertThat(cluster.refused(new SetNodeWeight(id("n9"), 1)).reason()).isEqualTo(Reason.NODE_NOT_FOUND);
        assertThat(cluster.refused(new SetNodeWeight(id("n9"), 1)).message()).contains("n1, n2, n3");
        assertThat(cluster.refused(new SetNodeWeight(id("n1"), 10_001)).reason())
                .isEqualTo(Reason.BAD_WEIGHT);
        assertThat(cluster.refused(new SetNodeWeight(id("n1"), -1)).message()).contains("4294967295");
        cluster.accept(new SetNodeWeight(id("n1"), 0));
        cluster.accept(new SetNodeWeight(id("n1"), 10_000));
        assertThat(cluster.refused(new SetNodeZone(id("n9"), "z")).reason()).isEqualTo(Reason.NODE_NOT_FOUND);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "ä", "a/b", "a\n"})
    void aZoneThatIsNotOfTheRightFormIsRefused(String zone) {
        assertThat(cluster.refused(new SetNodeZone(id("n1"), zone)).reason()).isEqualTo(Reason.BAD_ZONE);
        assertThat(cluster.refused(new SetNodeZone(id("n1"), "z".repeat(65))).reason())
                .isEqualTo(Reason.BAD_ZONE);
    }

    @Test
    void aDrainedNodeGetsNothingOfANewTableUntilItIsUndrained() {
        cluster.accept(register("n4"));
        cluster.accept(new ReportBalanced(List.of("default")));
        cluster.accept(drain("n2"));
        assertThat(cluster.node("n2").orders().draining()).isTrue();
        assertThat(cluster.table("default").balanceDue()).isFalse();
        cluster.accept(create("t"));
        assertThat(cluster.partition("t", 0).voters()).containsExactlyInAnyOrder(id("n1"), id("n3"), id("n4"));
        cluster.unchangedBy(drain("n2"));

        cluster.accept(new UndrainNode(id("n2")));
        assertThat(cluster.node("n2").orders()).isEqualTo(NodeOrders.NONE);
        assertThat(cluster.table("default").balanceDue()).isTrue();
        cluster.unchangedBy(new UndrainNode(id("n2")));
        assertThat(cluster.refused(new UndrainNode(id("n9"))).reason()).isEqualTo(Reason.NODE_NOT_FOUND);
    }

    @Test
    void theLastNodeThatCouldHoldAnythingIsNotDrained() {
        assertThat(cluster.refused(drain("n9")).reason()).isEqualTo(Reason.NODE_NOT_FOUND);
        assertThat(cluster.refused(new DrainNode(id("n1"), Optional.empty(), Set.of(id("n1"))))
                        .reason())
                .isEqualTo(Reason.NOT_ENOUGH_NODES);
        cluster.accept(new SetNodeWeight(id("n1"), 0));
        cluster.accept(new SetNodeWeight(id("n2"), 0));
        Refusal last = cluster.refused(drain("n3"));
        assertThat(last.reason()).isEqualTo(Reason.NOT_ENOUGH_NODES);
        assertThat(last.message()).contains("n3").contains("undrain");
    }

    @Test
    void aDrainThatWouldLeaveATableWithTooFewNodesIsRefusedAndSaysWhatHelps() {
        Refusal refusal = cluster.refused(drain("n3"));
        assertThat(refusal.reason()).isEqualTo(Reason.NOT_ENOUGH_NODES);
        assertThat(refusal.message())
                .isEqualTo(
                        "node n3 cannot be drained: table 'default' wants 3 replicas of each partition, and 2 node(s)"
                                + " would be left that can hold them (up, not being drained and with a weight above 0); start"
                                + " another one first, or lower the number: aitta table set-replicas default 2");
        assertThat(cluster.refused(new DrainNode(id("n3"), Optional.of(id("n1")), cluster.up()))
                        .message())
                .contains("table 'default'");
        cluster.accept(new SetReplicas("default", 2, cluster.up()));
        cluster.accept(drain("n3"));
        assertThat(cluster.refused(drain("n2")).message()).contains("1 node(s)").endsWith("set-replicas default 1");
    }

    @Test
    void aNodeThatMakesRoomForADrainMustBeUpAndTakeReplicas() {
        cluster.accept(register("n4"));
        assertThat(cluster.refused(new DrainNode(id("n3"), Optional.empty(), cluster.upBut("n4")))
                        .message())
                .contains("2 node(s)");
        cluster.accept(new SetNodeWeight(id("n4"), 0));
        assertThat(cluster.refused(drain("n3")).message()).contains("2 node(s)");
        cluster.accept(new SetNodeWeight(id("n4"), 1));
        cluster.accept(drain("n3"));
        assertThat(cluster.refused(drain("n4")).message())
                .as("it holds nothing, but what n3 has is to go there")
                .contains("node n4 cannot be drained")
                .contains("table 'default'");
        cluster.unchangedBy(drain("n3"));
    }

    @Test
    void replicasThatStayWhereTheyAreNeedNoRoom() {
        cluster.accept(register("n4"));
        cluster.accept(new SetNodeWeight(id("n1"), 0));
        var n2IsDown = new DrainNode(id("n3"), Optional.empty(), cluster.upBut("n2"));
        assertThat(cluster.events(n2IsDown))
                .as("n1 of weight 0 and n2, which is down, keep theirs")
                .isNotEmpty();
    }

    @Test
    void aTableThatIsShortOfNodesAnywayKeepsOnlyThoseNodesThatItIsOn() {
        var pair = new TopologyDriver("n1", "n2");
        assertThat(pair.table("default").replicas()).isEqualTo(3);
        assertThat(pair.refused(new DrainNode(id("n2"), Optional.empty(), pair.up()))
                        .message())
                .contains("wants 3 replicas")
                .endsWith("set-replicas default 1");
        pair.accept(register("n3"));
        pair.accept(new DrainNode(id("n3"), Optional.empty(), pair.up()));
        pair.accept(new UndrainNode(id("n3")));
        pair.accept(new DrainNode(id("n2"), Optional.empty(), pair.up()));
    }

    @Test
    void theSystemsOwnTableGoesWithFewerReplicasWhereNodesAreFewer() {
        cluster.accept(new SetReplicas("default", 1, cluster.up()));
        cluster.accept(drain("n3"));
        cluster.accept(drain("n2"));
    }

    @Test
    void learnersNeedAnotherNodeOfTheirZone() {
        cluster.accept(register("n4"));
        cluster.accept(new SetNodeZone(id("n4"), "west"));
        cluster.accept(new SetLearners("default", "west", 1));
        var learner = PlannedMove.add(cluster.id("default", 0), id("n4"), ReplicaInfo.Role.LEARNER, Move.Cause.FILL);
        cluster.accept(new BeginMoves(Epoch.ZERO, List.of(learner), 1));
        cluster.accept(new EndMoves(List.of(new MoveEnd(1, EndedMove.Outcome.DONE, "")), 2));
        assertThat(cluster.refused(drain("n4")).message())
                .contains("wants 1 learner(s) of each partition in zone 'west', and 0 node(s) there")
                .endsWith("set-learners default west 0");
        cluster.accept(new SetLearners("default", "west", 0));
        cluster.accept(drain("n4"));
    }

    @Test
    void aReplacementMustBeAnotherNodeThatIsUpAndTakesReplicas() {
        assertThat(replace("n1", "n9", cluster.up())).isEqualTo(Reason.NODE_NOT_FOUND);
        assertThat(replace("n1", "n1", cluster.up())).isEqualTo(Reason.NOT_ENOUGH_NODES);
        assertThat(replace("n1", "n2", cluster.upBut("n2"))).isEqualTo(Reason.NODE_NOT_UP);
        cluster.accept(register("n4"));
        cluster.accept(register("n5"));
        cluster.accept(drain("n2"));
        assertThat(replace("n1", "n2", cluster.up())).isEqualTo(Reason.NODE_NOT_UP);
        cluster.accept(new SetNodeWeight(id("n3"), 0));
        assertThat(replace("n1", "n3", cluster.up())).isEqualTo(Reason.NOT_ENOUGH_NODES);

        cluster.accept(new DrainNode(id("n1"), Optional.of(id("n4")), cluster.up()));
        assertThat(cluster.node("n1").orders().replacedBy()).contains(id("n4"));
        cluster.accept(new RemoveNode(id("n4"), false, cluster.up()));
        assertThat(cluster.node("n1").orders())
                .as("a replacement that is gone is none")
                .isEqualTo(NodeOrders.NONE.drained(Optional.empty()));
    }

    @Test
    void aNodeThatHoldsNothingIsRemovedAndItsDataDirectoryCannotComeBack() {
        cluster.accept(register("n4"));
        cluster.accept(new RemoveNode(id("n4"), false, cluster.up()));
        assertThat(cluster.topology().node(id("n4"))).isEmpty();
        assertThat(cluster.topology().removed())
                .containsExactly(
                        new RemovedNode(id("n4"), "i-n4", cluster.topology().epoch()));
        Refusal back = cluster.refused(register("n4"));
        assertThat(back.reason()).isEqualTo(Reason.NODE_REMOVED);
        assertThat(back.message()).contains("n4").contains("epoch 3").contains("empty data directory");
        assertThat(cluster.refused(drain("n4")).message()).contains("removed in epoch 3");

        cluster.accept(new RegisterNode(NodeInfo.told(id("n4"), "i-new", "n4", 1, 2, 3, "z", 1)));
        cluster.accept(new RemoveNode(id("n4"), false, cluster.up()));
        assertThat(cluster.refused(register("n4")).reason())
                .as("nor after another one had its id")
                .isEqualTo(Reason.NODE_REMOVED);
    }

    @Test
    void aNodeThatHoldsSomethingIsNotRemovedUnlessItIsGoneForGood() {
        Refusal full = cluster.refused(new RemoveNode(id("n1"), false, cluster.upBut("n1")));
        assertThat(full.reason()).isEqualTo(Reason.NODE_NOT_EMPTY);
        assertThat(full.message()).contains("17 replica(s)").contains("drain").contains("--force");
        assertThat(cluster.refused(new RemoveNode(id("n1"), true, cluster.up())).reason())
                .isEqualTo(Reason.NODE_IS_UP);
        assertThat(cluster.refused(new RemoveNode(id("n9"), true, cluster.up())).reason())
                .isEqualTo(Reason.NODE_NOT_FOUND);

        cluster.accept(new RemoveNode(id("n1"), true, cluster.upBut("n1")));
        assertThat(cluster.node("n1").orders()).isEqualTo(NodeOrders.NONE.givenUp());
        cluster.unchangedBy(new RemoveNode(id("n1"), true, cluster.upBut("n1")));
    }

    @Test
    void aNodeThatWasGivenUpIsRemovedWhenAllItHeldIsElsewhere() {
        cluster.accept(new RemoveNode(id("n1"), true, cluster.upBut("n1")));
        for (PartitionInfo held : cluster.topology().partitionsOn(id("n1"))) {
            var away = PlannedMove.remove(held.id(), id("n1"), Move.Cause.REPAIR);
            cluster.accept(new BeginMoves(Epoch.ZERO, List.of(away), 1));
            long move = cluster.topology().moves().begun();
            cluster.accept(new EndMoves(List.of(new MoveEnd(move, EndedMove.Outcome.DONE, "")), 2));
        }
        cluster.accept(new RemoveNode(id("n1"), true, cluster.upBut("n1")));
        assertThat(cluster.topology().node(id("n1"))).isEmpty();
        assertThat(cluster.table("default").balanceDue()).isTrue();
    }

    @Test
    void theLastNodeAndTheLastMemberOfMetaStay() {
        var single = new TopologyDriver("n1");
        assertThat(single.refused(new RemoveNode(id("n1"), true, Set.of())).reason())
                .isEqualTo(Reason.NOT_ENOUGH_NODES);
        single.accept(register("n2"));
        Refusal meta = single.refused(new RemoveNode(id("n1"), true, Set.of(id("n2"))));
        assertThat(meta.reason()).isEqualTo(Reason.NOT_ENOUGH_NODES);
        assertThat(meta.message()).contains("_meta");
    }

    private Reason replace(String node, String replacement, Set<NodeId> up) {
        return cluster.refused(new DrainNode(id(node), Optional.of(id(replacement)), up))
                .reason();
    }

    private DrainNode drain(String node) {
        return new DrainNode(id(node), Optional.empty(), cluster.up());
    }

    private static RegisterNode register(String node) {
        return new RegisterNode(TopologyStateTest.node(node, 1));
    }

    private CreateTable create(String name) {
        return new CreateTable(
                name,
                OptionalInt.of(1),
                OptionalInt.empty(),
                TableOptions.DEFAULT,
                new TableDefaults(16, 3),
                cluster.up());
    }
}
