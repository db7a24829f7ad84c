package io.aitta;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.core.NodeId;
import io.aitta.metrics.NodeReporter.Figures;
import io.aitta.metrics.NodeReporter.TableTraffic;
import io.aitta.partition.Stewards.NodeReport;
import io.aitta.proto.v1.Node;
import io.aitta.proto.v1.NodeState;
import io.aitta.proto.v1.Partition;
import io.aitta.proto.v1.PartitionState;
import io.aitta.proto.v1.Replica;
import io.aitta.proto.v1.ReplicaState;
import io.aitta.proto.v1.Role;
import io.aitta.proto.v1.Table;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class InfoReportTest {
    private static final NodeId N1 = new NodeId("n1");
    private static final NodeId N2 = new NodeId("n2");
    private static final Table USERS = Table.newBuilder()
            .setName("users")
            .setPartitions(2)
            .setReplicas(2)
            .setUnderReplicated(1)
            .build();

    private static Figures figures(long seconds, long reads, long writes, long failures) {
        var readsByClass = new long[16];
        readsByClass[3] = reads;
        var writesByClass = new long[16];
        writesByClass[6] = writes;
        return new Figures(
                TimeUnit.SECONDS.toNanos(seconds),
                List.of(
                        new TableTraffic("users", readsByClass, writesByClass, failures),
                        new TableTraffic("other", readsByClass, new long[16], 0)),
                Map.of("users", 100L, "other", 7L),
                1_000,
                400,
                5);
    }

    private static Replica replica(String node, Role role, long lag, boolean known) {
        return Replica.newBuilder()
                .setNode(node)
                .setRole(role)
                .setState(ReplicaState.newBuilder().setKnown(known).setLag(lag))
                .build();
    }

    private final List<Partition> partitions = List.of(
            Partition.newBuilder()
                    .setTable("users")
                    .setState(PartitionState.ACTIVE)
                    .addReplicas(replica("n1", Role.PRIMARY, 0, true))
                    .addReplicas(replica("n2", Role.SECONDARY, 42, true))
                    .build(),
            Partition.newBuilder()
                    .setTable("users")
                    .setPartition(1)
                    .setState(PartitionState.NO_PRIMARY)
                    .addReplicas(replica("n2", Role.SECONDARY, 0, false))
                    .build());

    @Test
    void trafficIsAddedUpOverNodesEachByItsOwnWindow() {
        var report =
                new InfoReport("users", partitions, Map.of(N1, figures(10, 100, 50, 20), N2, figures(5, 100, 0, 0)));
        assertThat(report.traffic().getReadsPerSecond()).isEqualTo(30);
        assertThat(report.traffic().getWritesPerSecond()).isEqualTo(5);
        assertThat(report.traffic().getFailuresPerSecond()).isEqualTo(2);
        assertThat(report.traffic().getReadP99Millis()).isBetween(0.5, 1.0);
        assertThat(report.traffic().getWriteP50Millis()).isBetween(5.0, 10.0);
        assertThat(new InfoReport("", partitions, Map.of(N1, figures(10, 100, 0, 0)))
                        .traffic()
                        .getReadsPerSecond())
                .as("of all tables")
                .isEqualTo(20);
    }

    @Test
    void aTableIsToldWithItsTroubles() {
        var table =
                new InfoReport("", partitions, Map.of(N1, figures(10, 1, 1, 0), N2, figures(10, 1, 1, 0))).table(USERS);
        assertThat(table.getStoreBytes()).isEqualTo(200);
        assertThat(table.getWithoutPrimary()).isOne();
        assertThat(table.getUnderReplicated()).isOne();
        assertThat(table.getReplicasDown()).isOne();
        assertThat(table.getMaxLag()).isEqualTo(42);
    }

    @Test
    void aNodeIsToldWithWhatItHolds() {
        var told = new NodeReport(N2, List.of(), 900, 800, 3.5, 4.5, 60_000, List.of());
        var report = new InfoReport("users", partitions, Map.of(N2, figures(10, 10, 0, 0)));
        var node = Node.newBuilder().setId("n2").setState(NodeState.NODE_UP).build();
        var status = report.node(node, Optional.of(told));
        assertThat(status.getAnswered()).isTrue();
        assertThat(status.getSecondaries()).isEqualTo(2);
        assertThat(status.getReplicasDown()).isOne();
        assertThat(status.getMaxLag()).isEqualTo(42);
        assertThat(status.getStoreBytes()).isEqualTo(900);
        assertThat(status.getKeysReadPerSecond()).isEqualTo(4.5);
        assertThat(status.getDiskFreeBytes()).isEqualTo(400);
        assertThat(status.getTablesList()).hasSize(1);
        assertThat(status.getTables(0).getTraffic().getReadsPerSecond()).isOne();
    }

    @Test
    void aNodeThatIsSilentIsSaidToBe() {
        var node = Node.newBuilder().setId("n9").setState(NodeState.NODE_DOWN).build();
        assertThat(new InfoReport("", partitions, Map.of())
                        .node(node, Optional.empty())
                        .getAnswered())
                .isFalse();
    }
}
