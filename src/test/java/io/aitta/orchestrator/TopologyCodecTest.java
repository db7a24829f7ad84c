package io.aitta.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.replication.Term;
import io.aitta.core.topology.EndedMove;
import io.aitta.core.topology.EndedMove.Outcome;
import io.aitta.core.topology.Epoch;
import io.aitta.core.topology.EpochChange;
import io.aitta.core.topology.Move;
import io.aitta.core.topology.Moves;
import io.aitta.core.topology.NodeInfo;
import io.aitta.core.topology.NodeOrders;
import io.aitta.core.topology.PartitionInfo;
import io.aitta.core.topology.Placement;
import io.aitta.core.topology.Planner.Preference;
import io.aitta.core.topology.Primary;
import io.aitta.core.topology.RemovedNode;
import io.aitta.core.topology.ReplicaInfo;
import io.aitta.core.topology.ReplicaInfo.Role;
import io.aitta.core.topology.TableInfo;
import io.aitta.core.topology.TableOptions;
import io.aitta.core.topology.Topology;
import io.aitta.core.topology.TopologyCommand.MoveEnd;
import io.aitta.core.topology.TopologyCommand.PrimaryReport;
import io.aitta.core.topology.TopologyEvent;
import io.aitta.core.topology.TopologyState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TopologyCodecTest {
    private static final NodeId N1 = new NodeId("n1");
    private static final NodeId N2 = new NodeId("n2");
    private static final TableInfo TABLE = new TableInfo("t", new Epoch(5), 2, 2, false);

    @Test
    void aTopologyHasTheseBytes() {
        Topology topology = topology();
        assertThat(HexFormat.of().formatHex(TopologyCodec.encode(topology)))
                .isEqualTo(
                        "080110091a026331221d0a026e311204692d6e311a016820e83928e93930ea393a017a40014803221d0a026e32120469"
                                + "2d6e321a016820e83928e93930ea393a017a400748032a100a055f6d657461180120012a030a01002a1a0a0174100518"
                                + "022a040a0202002a0b0a0200031202000118ac02");
        assertThat(TopologyCodec.decode(TopologyCodec.encode(topology))).isEqualTo(topology);
    }

    @Test
    void anEpochRecordHasTheseBytes() {
        EpochChange change = change();
        assertThat(HexFormat.of().formatHex(EpochCodec.encode(change)))
                .isEqualTo(
                        "080110091880d095ffbc31220269642a060a040a0263312a1f121d0a026e311204692d6e311a016820e83928e93930ea"
                                + "393a017a400148032a1f1a1d0a026e321204692d6e321a016820e83928e93930ea393a017a400748032a1d221b0a0174"
                                + "100518022a026e322a026e3132040a02000132040a0201002a0d3a0b0a017412060801100218022a072a050a036f6c642a30322e0a026e310a026e3212100a"
                                + "055f6d6574611a01002201012a010012120a017410051a0200012203ac02022a020100");
        assertThat(EpochCodec.decode(EpochCodec.encode(change))).isEqualTo(change);
    }

    @Test
    void aTopologyInWhichThingsWereMovedHasTheseBytes() {
        Topology topology = movedTopology();
        assertThat(HexFormat.of().formatHex(TopologyCodec.encode(topology)))
                .isEqualTo(
                        "080110091a02633122240a026e311204692d6e311a016820e83928e93930ea393a017a40014803520508001201792227"
                                + "0a026e321204692d6e321a016820e83928e93930ea393a017a400748035208180120012a026e312a2f0a017410051802"
                                + "2a070a0100280138012a0d0a0200031202000118ac0230043a050a017810013a050a01791002400132490804121e0804"
                                + "12070a0174100518011a026e3222026e31300238014080d095ffbc311a230a180803120a0a04676f6e65100218012202"
                                + "6e3028013005402810031a03776879203220013a0c0a026e301204692d6e301808");
        assertThat(TopologyCodec.decode(TopologyCodec.encode(topology))).isEqualTo(topology);
    }

    @Test
    void anEpochRecordOfMovesHasTheseBytes() {
        EpochChange change = new EpochChange(new Epoch(9), 1, "id", eventsOfMoving());
        assertThat(HexFormat.of().formatHex(EpochCodec.encode(change)))
                .isEqualTo(
                        "080110091801220269642a0842060a026e3112002a0e420c0a026e32120618012a026e312a064a040a026e322a075205"
                                + "0a017410052a0c5a0a0a017412050a017910022a2262200a1e080412070a0174100518011a026e3222026e3130023801"
                                + "4080d095ffbc312a0d6a0b0a070a01741005180110042a04720208042a137a110a026e32120b0a017410051a01012201"
                                + "002a1082010d0a09080410021a0377687910322a298a01260a026e310a026e32120d0a055f6d6574611a010022010012"
                                + "0d0a017410051a020001220201002a089201050a017410012a059a010208012a12a2010f0a070a01741005180112026e"
                                + "31183c2a0caa01090a070a017410051801");
        assertThat(EpochCodec.decode(EpochCodec.encode(change))).isEqualTo(change);
    }

    @Test
    void everyKindOfEventIsInTheRecordsAbove() {
        var kinds = Stream.concat(change().events().stream(), eventsOfMoving().stream())
                .<Class<?>>map(Object::getClass)
                .collect(Collectors.toSet());
        assertThat(kinds).containsExactlyInAnyOrder(TopologyEvent.class.getPermittedSubclasses());
    }

    @Test
    void aPartitionThatMustNotBeFoundedAgainStaysOne() {
        var lost = PartitionInfo.founded(PartitionId.META, List.of(N1, N2)).without(N2);
        assertThat(lost.founders()).isEmpty();
        var meta = new TableInfo("_meta", Epoch.ZERO, 1, 3, true);
        var topology = new Topology(new Epoch(1), "c", List.of(node("n1", 1)), Map.of(meta, List.of(lost)));
        assertThat(TopologyCodec.decode(TopologyCodec.encode(topology))
                        .partition(PartitionId.META)
                        .orElseThrow()
                        .founders())
                .isEmpty();
    }

    @Test
    void everyCauseAndOutcomeOfAMoveSurvives() {
        for (Move.Cause cause : Move.Cause.values()) {
            for (Outcome outcome : Outcome.values()) {
                var move = new Move(1, PartitionId.META, Optional.empty(), Optional.of(N1), Role.VOTER, cause, true, 5);
                var moves = new Moves(1, List.of(), List.of(new EndedMove(move, outcome, "why", 6)), true);
                assertThat(MoveCodec.decode(MoveCodec.encode(moves))).isEqualTo(moves);
            }
        }
    }

    @Test
    void aLargeTopologyIsSmallAndWhatChangesInItIsTiny() {
        Topology topology = largeTopology();
        byte[] whole = TopologyCodec.encode(topology);
        PartitionInfo first = topology.partitionsOf("table-0").get(0);
        var move = new Move(
                2_001,
                first.id(),
                Optional.of(new NodeId("node-49")),
                Optional.of(first.preferredPrimary()),
                Role.VOTER,
                Move.Cause.BALANCE,
                false,
                1_700_000_000_000L);
        List<TopologyEvent> steps = List.of(
                new TopologyEvent.MovesBegun(List.of(move)),
                new TopologyEvent.Promoted(List.of(new Preference(first.id(), new NodeId("node-49")))),
                new TopologyEvent.PrimariesReported(
                        List.of(new PrimaryReport(first.id(), new Primary(new Term(300), new NodeId("node-49"))))),
                new TopologyEvent.MovesEnded(List.of(new MoveEnd(2_001, Outcome.DONE, "")), 1_700_000_060_000L));
        System.out.println("10,000 partitions of 3 replicas on 50 nodes, 10 moves under way and 100 remembered: "
                + whole.length + " bytes");
        assertThat(whole).hasSizeLessThan(200_000);
        assertThat(TopologyCodec.decode(whole)).isEqualTo(topology);
        for (TopologyEvent step : steps) {
            topology = TopologyState.evolve(topology, List.of(step));
            byte[] change = EpochCodec.encode(new EpochChange(
                    topology.epoch(), 1_700_000_000_000L, "6fd52a45-3f8c-4a30-9d31-0c8c2b1d7c11", List.of(step)));
            System.out.println(step.getClass().getSimpleName() + ": " + change.length + " bytes");
            assertThat(change).hasSizeLessThan(200);
        }
    }

    private static Topology largeTopology() {
        var nodes = new ArrayList<NodeInfo>();
        for (int number = 0; number < 50; number++) {
            nodes.add(NodeInfo.told(
                    new NodeId("node-" + number),
                    "6fd52a45-3f8c-4a30-9d31-0c8c2b1d7c" + (10 + number),
                    "node-" + number + ".example.org",
                    7400,
                    7401,
                    7402,
                    "zone-" + number % 3,
                    100));
        }
        // The last node has come just now, and the moves to it begin.
        var candidates = nodes.subList(0, 49).stream()
                .map(node -> new Placement.Candidate(node.id(), node.zone(), node.weight(), 0, 0))
                .toList();
        var tables = new HashMap<TableInfo, List<PartitionInfo>>();
        for (int number = 0; number < 5; number++) {
            var table = new TableInfo("table-" + number, new Epoch(2 + number), 2_000, 3, false).withBalanceDue(true);
            var partitions = new ArrayList<PartitionInfo>();
            for (List<NodeId> place : Placement.place(candidates, 3, 2_000).orElseThrow()) {
                partitions.add(PartitionInfo.founded(table.partition(partitions.size()), place)
                        .withPrimary(new Primary(new Term(200), place.get(0))));
            }
            tables.put(table, partitions);
        }
        var to = new NodeId("node-49");
        var underWay = new ArrayList<Move>();
        var ended = new ArrayList<EndedMove>();
        for (List<PartitionInfo> partitions : tables.values()) {
            for (int i = 10; i < 32; i++) {
                PartitionInfo partition = partitions.get(i);
                var move = new Move(
                        underWay.size() + ended.size() + 1,
                        partition.id(),
                        Optional.of(to),
                        Optional.of(partition.preferredPrimary()),
                        Role.VOTER,
                        Move.Cause.BALANCE,
                        false,
                        1_700_000_000_000L);
                if (i < 12) {
                    underWay.add(move);
                    partitions.set(i, partition.with(ReplicaInfo.learner(to)));
                } else {
                    ended.add(new EndedMove(move, Outcome.DONE, "", 1_700_000_030_000L));
                }
            }
        }
        return new Topology(
                new Epoch(5_000),
                "6fd52a45-3f8c-4a30-9d31-0c8c2b1d7c11",
                nodes,
                tables,
                new Moves(2_000, underWay, ended, false),
                List.of());
    }

    @Test
    void theOptionsOfATableSurvive() {
        for (var consistency : TableOptions.Consistency.values()) {
            var altered = new TopologyEvent.TableAltered("t", new TableOptions(5, consistency, 6));
            var topology = TopologyState.evolve(topology(), List.of(altered));
            assertThat(topology.table("t").orElseThrow().options()).isEqualTo(altered.options());
            assertThat(TopologyCodec.decode(TopologyCodec.encode(topology))).isEqualTo(topology);
        }
    }

    @Test
    void theLargestTableFitsIntoOneRecordWithEase() {
        var nodes = new ArrayList<Placement.Candidate>();
        for (int node = 0; node < 200; node++) {
            nodes.add(new Placement.Candidate(new NodeId("a-node-with-a-long-name-" + node), "z" + node % 5, 1, 0, 0));
        }
        var table = new TableInfo("t".repeat(64), new Epoch(7), 4096, 7, false);
        var created = new TopologyEvent.TableCreated(
                table, Placement.place(nodes, 7, 4096).orElseThrow());
        var change = new EpochChange(new Epoch(7), 0, "id", List.of(created));
        assertThat(EpochCodec.encode(change)).hasSizeLessThan(100_000);
    }

    @Test
    void theLargestTopologyFitsIntoOneRecord() {
        List<NodeInfo> nodes = new ArrayList<>();
        for (int node = 0; node < 300; node++) {
            nodes.add(node("node-" + node, 1));
        }
        var tables = new HashMap<TableInfo, List<PartitionInfo>>();
        for (int number = 0; number < TopologyState.MAX_PARTITIONS_OF_CLUSTER / 4096; number++) {
            var table = new TableInfo("table-" + number, new Epoch(9), 4096, 4, false);
            var partitions = new ArrayList<PartitionInfo>();
            for (int partition = 0; partition < 4096; partition++) {
                int at = 100 + partition % 190;
                List<NodeId> ids = List.of(
                        nodes.get(at).id(),
                        nodes.get(at + 1).id(),
                        nodes.get(at + 2).id(),
                        nodes.get(at + 3).id());
                partitions.add(PartitionInfo.founded(table.partition(partition), ids)
                        .withPrimary(new Primary(new Term(2_000_000), ids.get(1))));
            }
            tables.put(table, partitions);
        }
        assertThat(TopologyCodec.encode(new Topology(new Epoch(9), "c", nodes, tables)))
                .hasSizeLessThan(700_000);
    }

    @Test
    void theTermOfAPrimaryThatIsNoneAnyMoreIsKept() {
        Topology plain = topology();
        var left = plain.partitionsOf("t")
                .get(1)
                .withPrimary(new Primary(new Term(301), N2))
                .without(N2);
        assertThat(left.primary()).isEmpty();
        var tables = Map.of(TABLE, List.of(plain.partitionsOf("t").get(0), left));
        var topology = new Topology(plain.epoch(), plain.clusterId(), plain.nodes(), tables);
        assertThat(TopologyCodec.decode(TopologyCodec.encode(topology))).isEqualTo(topology);
    }

    @Test
    void whatIsNoTopologyOrOfAnotherVersionIsRefused() {
        assertThatThrownBy(() -> TopologyCodec.decode(new byte[] {1, 2, 3}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not a topology");
        assertThatThrownBy(() -> TopologyCodec.decode(new byte[] {8, 2}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("record version 2");
        assertThatThrownBy(() -> EpochCodec.decode(new byte[] {8, 9})).hasMessageContaining("record version 9");
    }

    private static Topology topology() {
        var founded = PartitionInfo.founded(TABLE.partition(0), List.of(N2, N1));
        var moved = new PartitionInfo(
                TABLE.partition(1),
                List.of(ReplicaInfo.voter(N1), ReplicaInfo.learner(N2)),
                List.of(N1, N2),
                Optional.of(new Primary(new Term(300), N1)),
                0);
        var meta = new TableInfo("_meta", Epoch.ZERO, 1, 1, true);
        return new Topology(
                new Epoch(9),
                "c1",
                List.of(node("n1", 1), node("n2", 7)),
                Map.of(
                        TABLE,
                        List.of(founded, moved),
                        meta,
                        List.of(PartitionInfo.founded(PartitionId.META, List.of(N1)))));
    }

    private static EpochChange change() {
        return new EpochChange(
                new Epoch(9),
                1_700_000_000_000L,
                "id",
                List.of(
                        new TopologyEvent.ClusterFounded("c1"),
                        new TopologyEvent.NodeRegistered(node("n1", 1)),
                        new TopologyEvent.NodeChanged(node("n2", 7)),
                        new TopologyEvent.TableCreated(TABLE, List.of(List.of(N2, N1), List.of(N1, N2))),
                        new TopologyEvent.TableAltered("t", new TableOptions(1, TableOptions.Consistency.EVENTUAL, 2)),
                        new TopologyEvent.TableDropped("old"),
                        new TopologyEvent.PrimariesReported(List.of(
                                new PrimaryReport(PartitionId.META, new Primary(new Term(1), N1)),
                                new PrimaryReport(TABLE.partition(0), new Primary(new Term(300), N2)),
                                new PrimaryReport(TABLE.partition(1), new Primary(new Term(2), N1))))));
    }

    /** With all that an older topology does not have. */
    private static Topology movedTopology() {
        Topology plain = topology();
        var table = plain.table("t").orElseThrow();
        var done = new Move(
                3,
                new PartitionId("gone", 2, 1),
                Optional.empty(),
                Optional.of(new NodeId("n0")),
                Role.LEARNER,
                Move.Cause.EXCESS,
                false,
                40);
        var partitions = List.of(
                new PartitionInfo(TABLE.partition(0), List.of(ReplicaInfo.voter(N1)), List.of(), Optional.empty(), 0)
                        .withRecovering(true),
                plain.partitionsOf("t").get(1).withReplicasWanted(4));
        return new Topology(
                new Epoch(9),
                "c1",
                List.of(
                        node("n1", 1).withOrders(NodeOrders.NONE.withWeight(0).withZone("y")),
                        node("n2", 7).withOrders(NodeOrders.NONE.givenUp().drained(Optional.of(N1)))),
                Map.of(table.withLearners("y", 2).withLearners("x", 1).withBalanceDue(true), partitions),
                new Moves(4, List.of(moveToN2()), List.of(new EndedMove(done, Outcome.FAILED, "why", 50)), true),
                List.of(new RemovedNode(new NodeId("n0"), "i-n0", new Epoch(8))));
    }

    private static Move moveToN2() {
        return new Move(
                4,
                TABLE.partition(1),
                Optional.of(N2),
                Optional.of(N1),
                Role.VOTER,
                Move.Cause.ORDERED,
                true,
                1_700_000_000_000L);
    }

    private static List<TopologyEvent> eventsOfMoving() {
        return List.of(
                new TopologyEvent.NodeOrdered(N1, NodeOrders.NONE),
                new TopologyEvent.NodeOrdered(N2, NodeOrders.NONE.drained(Optional.of(N1))),
                new TopologyEvent.NodeRemoved(N2),
                new TopologyEvent.ReplicasSet("t", 5),
                new TopologyEvent.LearnersSet("t", "y", 2),
                new TopologyEvent.MovesBegun(List.of(moveToN2())),
                new TopologyEvent.ReplicasWanted(TABLE.partition(1), 4),
                new TopologyEvent.MoveCancelled(4),
                new TopologyEvent.Promoted(List.of(new Preference(TABLE.partition(1), N2))),
                new TopologyEvent.MovesEnded(List.of(new MoveEnd(4, Outcome.CANCELLED, "why")), 50),
                new TopologyEvent.PrimariesPreferred(List.of(
                        new Preference(PartitionId.META, N1),
                        new Preference(TABLE.partition(0), N2),
                        new Preference(TABLE.partition(1), N1))),
                new TopologyEvent.BalanceDue(List.of("t"), true),
                new TopologyEvent.BalancingPaused(true),
                new TopologyEvent.PartitionRecovered(TABLE.partition(1), List.of(N1), 60),
                new TopologyEvent.RecoveriesDone(List.of(TABLE.partition(1))));
    }

    private static NodeInfo node(String id, int weight) {
        return NodeInfo.told(new NodeId(id), "i-" + id, "h", 7400, 7401, 7402, "z", weight)
                .withRegisteredEpoch(new Epoch(3));
    }
}
