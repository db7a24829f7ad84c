package io.aitta.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.replication.Term;
import io.aitta.core.topology.Epoch;
import io.aitta.core.topology.EpochChange;
import io.aitta.core.topology.NodeInfo;
import io.aitta.core.topology.PartitionInfo;
import io.aitta.core.topology.Placement;
import io.aitta.core.topology.Primary;
import io.aitta.core.topology.ReplicaInfo;
import io.aitta.core.topology.TableInfo;
import io.aitta.core.topology.TableOptions;
import io.aitta.core.topology.Topology;
import io.aitta.core.topology.TopologyCommand.PrimaryReport;
import io.aitta.core.topology.TopologyEvent;
import io.aitta.core.topology.TopologyState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

    private static NodeInfo node(String id, int weight) {
        return NodeInfo.told(new NodeId(id), "i-" + id, "h", 7400, 7401, 7402, "z", weight)
                .withRegisteredEpoch(new Epoch(3));
    }
}
