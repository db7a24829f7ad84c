package io.aitta.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.topology.Epoch;
import io.aitta.core.topology.Move;
import io.aitta.core.topology.PartitionInfo;
import io.aitta.core.topology.PlannedMove;
import io.aitta.core.topology.Planner;
import io.aitta.core.topology.Refusal.Reason;
import io.aitta.core.topology.ReplicaInfo;
import io.aitta.core.topology.TableInfo;
import io.aitta.core.topology.Topology;
import io.aitta.core.topology.TopologyCommand;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OrdersTest {
    private static final NodeId N1 = new NodeId("n1");
    private static final NodeId N2 = new NodeId("n2");
    private static final NodeId N3 = new NodeId("n3");
    private static final Set<NodeId> UP = Set.of(N1, N2);
    private static final TableInfo TABLE = new TableInfo("t", new Epoch(1), 2, 2, false);
    private static final PartitionId PARTITION = TABLE.partition(1);
    private static final Topology TOPOLOGY = new Topology(
            new Epoch(7),
            "c",
            List.of(OrchestratorTest.node("n1"), OrchestratorTest.node("n2"), OrchestratorTest.node("n3")),
            Map.of(
                    TABLE,
                    List.of(
                            PartitionInfo.founded(TABLE.partition(0), List.of(N1, N3)),
                            PartitionInfo.founded(PARTITION, List.of(N1, N2)))));

    @Test
    void ordersForNodesAndTablesAreHandedOnWithTheNodesThatAreUp() {
        assertThat(meant(new Order.SetNodeWeight(N1, 3))).isEqualTo(new TopologyCommand.SetNodeWeight(N1, 3));
        assertThat(meant(new Order.SetNodeZone(N1, "z"))).isEqualTo(new TopologyCommand.SetNodeZone(N1, "z"));
        assertThat(meant(new Order.DrainNode(N1, Optional.of(N3))))
                .isEqualTo(new TopologyCommand.DrainNode(N1, Optional.of(N3), UP));
        assertThat(meant(new Order.UndrainNode(N1))).isEqualTo(new TopologyCommand.UndrainNode(N1));
        assertThat(meant(new Order.RemoveNode(N1, true))).isEqualTo(new TopologyCommand.RemoveNode(N1, true, UP));
        assertThat(meant(new Order.SetReplicas("t", 3))).isEqualTo(new TopologyCommand.SetReplicas("t", 3, UP));
        assertThat(meant(new Order.SetLearners("t", "z", 2))).isEqualTo(new TopologyCommand.SetLearners("t", "z", 2));
        assertThat(meant(new Order.CancelMove(4))).isEqualTo(new TopologyCommand.CancelMove(4));
        assertThat(meant(new Order.PauseBalancing(true))).isEqualTo(new TopologyCommand.PauseBalancing(true));
        assertThat(meant(new Order.Rebalance(Optional.of("t"), OptionalLong.of(7))))
                .isEqualTo(new TopologyCommand.Rebalance(Optional.of("t")));
    }

    @Test
    void ordersForAPartitionNameItForEver() {
        var planned = new PlannedMove(
                PARTITION, Optional.of(N3), Optional.of(N1), ReplicaInfo.Role.VOTER, Move.Cause.ORDERED);
        assertThat(meant(move(1, Optional.of(N1), Optional.of(N3), OptionalLong.empty())))
                .isEqualTo(new TopologyCommand.OrderMove(Epoch.ZERO, planned, UP, 5));
        assertThat(meant(new Order.PreferPrimary("t", 1, N2)))
                .isEqualTo(new TopologyCommand.PreferPrimaries(List.of(new Planner.Preference(PARTITION, N2))));
        assertThat(meant(new Order.RecoverPartition("t", 1, List.of(N2))))
                .isEqualTo(new TopologyCommand.RecoverPartition(PARTITION, List.of(N2), UP, 5));
    }

    @Test
    void whatIsNotThereIsNamed() {
        assertRefused(new Order.PreferPrimary("u", 0, N1), Reason.TABLE_NOT_FOUND, "'u'");
        assertRefused(new Order.PreferPrimary("t", 2, N1), Reason.PARTITION_NOT_FOUND, "0 to 1, not 2");
        assertRefused(new Order.RecoverPartition("t", -1, List.of(N1)), Reason.PARTITION_NOT_FOUND, "not -1");
        assertRefused(new Order.PreferPrimary("t", 1, N3), Reason.NOT_A_REPLICA, "n3");
        assertRefused(new Order.PreferPrimary("t", 0, N3), Reason.NODE_NOT_UP, "n3");
    }

    @Test
    void anOrderForAnotherEpochAndAMoveThatIsNoneAreRefused() {
        assertRefused(new Order.Rebalance(Optional.empty(), OptionalLong.of(6)), Reason.STALE_EPOCH, "epoch 7");
        assertRefused(move(1, Optional.of(N1), Optional.of(N3), OptionalLong.of(-1)), Reason.STALE_EPOCH, "epoch 7");
        assertRefused(
                move(1, Optional.empty(), Optional.empty(), OptionalLong.empty()), Reason.NODE_NOT_FOUND, "or both");
        assertRefused(
                move(1, Optional.of(N1), Optional.of(N1), OptionalLong.empty()), Reason.ALREADY_A_REPLICA, "itself");
    }

    private static Order move(int partition, Optional<NodeId> from, Optional<NodeId> to, OptionalLong expected) {
        return new Order.MoveReplica("t", partition, from, to, false, expected);
    }

    private static TopologyCommand meant(Order order) {
        return ((Orders.Meant.Command) Orders.meant(order, TOPOLOGY, UP, 5)).command();
    }

    private static void assertRefused(Order order, Reason reason, String said) {
        var refusal = ((Orders.Meant.Refused) Orders.meant(order, TOPOLOGY, UP, 5)).refusal();
        assertThat(refusal.reason()).isEqualTo(reason);
        assertThat(refusal.message()).contains(said);
    }
}
