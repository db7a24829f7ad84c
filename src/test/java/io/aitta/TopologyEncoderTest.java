package io.aitta;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.replication.Term;
import io.aitta.core.topology.EndedMove;
import io.aitta.core.topology.Epoch;
import io.aitta.core.topology.Move;
import io.aitta.core.topology.NodeInfo;
import io.aitta.core.topology.NodeOrders;
import io.aitta.core.topology.PartitionInfo;
import io.aitta.core.topology.Planner;
import io.aitta.core.topology.Primary;
import io.aitta.core.topology.ReplicaInfo;
import io.aitta.core.topology.TableInfo;
import io.aitta.core.topology.Topology;
import io.aitta.core.topology.TopologyCommand.MoveEnd;
import io.aitta.core.topology.TopologyCommand.PrimaryReport;
import io.aitta.core.topology.TopologyEvent;
import io.aitta.core.topology.TopologyState;
import io.aitta.gateway.TopologyChanges;
import io.aitta.proto.v1.Node;
import io.aitta.proto.v1.NodeState;
import io.aitta.proto.v1.Role;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TopologyEncoderTest {
    private static final PartitionId MOVED = new PartitionId("users", 1, 7);

    private final TopologyEncoder encoder = new TopologyEncoder();

    @Test
    void what_did_not_change_is_the_same_object_and_what_did_is_told() {
        Topology before = cluster(4, Map.of("orders", 8, "users", 16));
        var first = encode(before);
        Topology after = TopologyState.evolve(before, List.of(new TopologyEvent.MovesBegun(List.of(move(before)))));
        var second = encode(after);
        int same = 0;
        for (int i = 0; i < first.getPartitionsCount(); i++) {
            same += first.getPartitions(i) == second.getPartitions(i) ? 1 : 0;
        }
        assertThat(same).isEqualTo(23);
        var moved = second.getPartitionsList().stream()
                .filter(partition -> partition.getMigration() != 0)
                .toList();
        assertThat(moved).singleElement().satisfies(partition -> {
            assertThat(partition.getTable()).isEqualTo("users");
            assertThat(partition.getPartition()).isEqualTo(7);
            assertThat(partition.getMigration()).isEqualTo(1);
            assertThat(partition.getReplicasWanted()).isEqualTo(3);
            assertThat(partition.getReplicas(3).getRole()).isEqualTo(Role.LEARNER);
        });
        assertThat(second.getNodesList().stream().mapToInt(Node::getLearners).sum())
                .isEqualTo(1);
        assertThat(second).isEqualTo(new TopologyEncoder().encode(after, node -> NodeState.NODE_UP, List.of(), "n001"));
    }

    @Test
    void orders_for_nodes_and_partitions_that_lack_replicas_are_told() {
        Topology before = cluster(4, Map.of("users", 16));
        Topology after = TopologyState.evolve(
                before,
                List.of(
                        new TopologyEvent.NodeOrdered(
                                new NodeId("n002"), NodeOrders.NONE.drained(Optional.of(new NodeId("n003")))),
                        new TopologyEvent.ReplicasSet("users", 4)));
        var message = encode(after);
        var drained = message.getNodes(1);
        assertThat(drained.getDraining()).isTrue();
        assertThat(drained.getLost()).isFalse();
        assertThat(drained.getReplacedBy()).isEqualTo("n003");
        assertThat(message.getTables(0).getReplicas()).isEqualTo(4);
        assertThat(message.getTables(0).getUnderReplicated()).isEqualTo(16);
        assertThat(message.getPartitions(0).getReplicasWanted()).isEqualTo(4);
    }

    /** 10,000 partitions over 50 nodes: each step of a move is below 1 KiB. */
    @Test
    void a_step_of_one_partition_among_thousands_is_a_small_message() {
        Topology topology = cluster(50, Map.of("users", 4_096, "orders", 4_096, "carts", 1_808));
        var told = encode(topology);
        int whole = told.getSerializedSize();
        System.out.printf("10,000 partitions over 50 nodes: the whole topology is %,d bytes%n", whole);
        assertThat(whole).isBetween(200_000, 1_500_000);
        Move move = move(topology);
        NodeId to = move.to().orElseThrow();
        var steps = List.<List<TopologyEvent>>of(
                List.of(new TopologyEvent.MovesBegun(List.of(move))),
                List.of(new TopologyEvent.Promoted(List.of(new Planner.Preference(MOVED, to)))),
                List.of(new TopologyEvent.PrimariesReported(
                        List.of(new PrimaryReport(MOVED, new Primary(new Term(9), to))))),
                List.of(new TopologyEvent.MovesEnded(List.of(new MoveEnd(1, EndedMove.Outcome.DONE, "")), 5)));
        for (var step : steps) {
            topology = TopologyState.evolve(topology, step);
            long begun = System.nanoTime();
            var next = encode(topology);
            long encoded = System.nanoTime();
            var changes = TopologyChanges.between(told, next);
            long compared = System.nanoTime();
            System.out.printf(
                    "  %s: %d bytes; encoded in %,d us, compared in %,d us%n",
                    step.get(0).getClass().getSimpleName(),
                    changes.getSerializedSize(),
                    (encoded - begun) / 1_000,
                    (compared - encoded) / 1_000);
            assertThat(changes.getSerializedSize()).isLessThan(1_024);
            assertThat(changes.getPartitionsList()).hasSize(1);
            told = next;
        }
    }

    private io.aitta.proto.v1.Topology encode(Topology topology) {
        return encoder.encode(topology, node -> NodeState.NODE_UP, List.of(), "n001");
    }

    private static Move move(Topology topology) {
        PartitionInfo partition = topology.partition(MOVED).orElseThrow();
        NodeId to = topology.nodes().stream()
                .map(NodeInfo::id)
                .filter(node -> !partition.isHeldBy(node))
                .findFirst()
                .orElseThrow();
        return new Move(
                1,
                MOVED,
                Optional.of(to),
                Optional.of(partition.preferredPrimary()),
                ReplicaInfo.Role.VOTER,
                Move.Cause.BALANCE,
                false,
                1);
    }

    /** Each node in a zone of its own; three replicas of each partition, the first of them primary. */
    static Topology cluster(int nodes, Map<String, Integer> tables) {
        var infos = new ArrayList<NodeInfo>();
        for (int i = 1; i <= nodes; i++) {
            var id = new NodeId(String.format("n%03d", i));
            infos.add(NodeInfo.told(id, "incarnation-" + i, "10.0.0." + i, 7400, 7401, 7402, "z" + i, 1)
                    .withRegisteredEpoch(new Epoch(1)));
        }
        var placed = new HashMap<TableInfo, List<PartitionInfo>>();
        tables.forEach((name, partitions) -> {
            var table = new TableInfo(name, new Epoch(1), partitions, 3, false);
            var held = new ArrayList<PartitionInfo>();
            for (int i = 0; i < partitions; i++) {
                var voters = List.of(
                        infos.get(i % nodes).id(),
                        infos.get((i + 1) % nodes).id(),
                        infos.get((i + 2) % nodes).id());
                held.add(PartitionInfo.founded(table.partition(i), voters)
                        .withPrimary(new Primary(new Term(3), voters.get(0))));
            }
            placed.put(table, held);
        });
        return new Topology(new Epoch(12), "a-cluster", infos, placed);
    }
}
