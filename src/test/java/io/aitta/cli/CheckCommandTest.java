package io.aitta.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.aitta.client.FakeCluster;
import io.aitta.proto.v1.CheckClusterRequest;
import io.aitta.proto.v1.CheckClusterResponse;
import io.aitta.proto.v1.CheckFinding;
import io.aitta.proto.v1.CheckKind;
import io.aitta.proto.v1.CheckVerdict;
import io.aitta.proto.v1.CompareReplicasRequest;
import io.aitta.proto.v1.CompareReplicasResponse;
import io.aitta.proto.v1.ComparisonResult;
import io.aitta.proto.v1.DiskSpace;
import io.aitta.proto.v1.ListTablesRequest;
import io.aitta.proto.v1.ListTablesResponse;
import io.aitta.proto.v1.NodeVitals;
import io.aitta.proto.v1.ReplicaDigest;
import io.aitta.proto.v1.Table;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CheckCommandTest {
    private static final CheckClusterResponse HEALTHY = CheckClusterResponse.newBuilder()
            .setVerdict(CheckVerdict.VERDICT_HEALTHY)
            .setEpoch(50)
            .setPartitions(2)
            .setReplicas(6)
            .addNodes(NodeVitals.newBuilder()
                    .setNode("n1")
                    .setAnswered(true)
                    .setEpoch(50)
                    .setClockAheadMillis(-3)
                    .setClockUncertaintyMillis(1)
                    .addDisks(DiskSpace.newBuilder()
                            .setPath("/data")
                            .setFreeBytes(5)
                            .setTotalBytes(10)))
            .build();

    private final FakeCluster cluster = new FakeCluster(3);
    private final Shell shell = new Shell(cluster.endpoints());

    @AfterEach
    void stop() {
        cluster.close();
    }

    @Test
    void aHealthyClusterIsOneLineAndExitsWithZero() throws Exception {
        Replies.script(cluster, CheckClusterRequest.class, HEALTHY);
        var result = shell.run("check");
        result.prints("healthy: 1 nodes, 2 partitions, 6 replicas, epoch 50\n");
        assertThat(result.status()).isZero();
        assertThat(shell.run("-o", "json", "check").out())
                .isEqualTo("{\"verdict\":\"healthy\",\"epoch\":50,\"partitions\":2,\"replicas\":6,\"findings\":[],"
                        + "\"findings_left_out\":0,\"nodes\":[{\"node\":\"n1\",\"answered\":true,\"epoch\":50,"
                        + "\"clock_ahead_millis\":-3,\"clock_uncertainty_millis\":1,"
                        + "\"disks\":[{\"path\":\"/data\",\"free_bytes\":5,\"total_bytes\":10}]}]}\n");
    }

    @Test
    void whatIsFoundIsListedTheWorstFirst() throws Exception {
        Replies.script(
                cluster,
                CheckClusterRequest.class,
                HEALTHY.toBuilder()
                        .setVerdict(CheckVerdict.VERDICT_CRITICAL)
                        .addFindings(CheckFinding.newBuilder()
                                .setSeverity(CheckVerdict.VERDICT_CRITICAL)
                                .setKind(CheckKind.CHECK_PARTITION)
                                .setTable("users")
                                .setPartition(0)
                                .setMessage("users/0 has no primary"))
                        .addFindings(CheckFinding.newBuilder()
                                .setSeverity(CheckVerdict.VERDICT_HEALTHY)
                                .setKind(CheckKind.CHECK_MOVE)
                                .setMessage("balancing is paused"))
                        .setFindingsLeftOut(3)
                        .build());
        var result = shell.run("check");
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.out())
                .isEqualTo(
                        """
                critical: 1 nodes, 2 partitions, 6 replicas, epoch 50
                SEVERITY  CHECK      WHAT
                critical  partition  users/0 has no primary
                note      move       balancing is paused
                and 3 more
                """);
        var json = new ObjectMapper().readTree(shell.run("-o", "json", "check").out());
        assertThat(json.at("/findings/0/check").asText()).isEqualTo("partition");
        assertThat(json.at("/findings/0/partition").asInt(-1)).isZero();
        assertThat(json.at("/findings/1").has("partition")).isFalse();
    }

    @Test
    void replicasAreComparedPartitionByPartitionUntilEachIsDone() throws Exception {
        Replies.script(cluster, CheckClusterRequest.class, HEALTHY);
        Replies.script(
                cluster,
                ListTablesRequest.class,
                ListTablesResponse.newBuilder()
                        .addTables(Table.newBuilder().setName("users").setPartitions(2))
                        .addTables(Table.newBuilder().setName("others").setPartitions(7))
                        .build());
        var asked = new ArrayList<CompareReplicasRequest>();
        cluster.script(CompareReplicasRequest.class, request -> {
            asked.add(request);
            return request.getComparison().isEmpty() && request.getPartition() == 0
                    ? CompareReplicasResponse.newBuilder()
                            .setComparison("c1")
                            .setResult(ComparisonResult.COMPARING)
                            .build()
                    : compared(request.getPartition());
        });
        var result = shell.run("-t", "users", "check", "--deep");
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.out())
                .isEqualTo(
                        """
                healthy: 1 nodes, 2 partitions, 6 replicas, epoch 50
                compared the replicas of 2 partitions: 1 equal, 1 different, 0 not compared
                users/1 on node n2 differs at log index 77: its values differ
                users/1 on node n3 was not compared: its node is down
                """);
        assertThat(asked).extracting(CompareReplicasRequest::getComparison).containsExactly("", "c1", "");
        var json = new ObjectMapper()
                .readTree(shell.run("-o", "json", "-t", "users", "check", "--deep")
                        .out());
        assertThat(json.at("/deep/different").asInt()).isEqualTo(1);
        assertThat(json.at("/deep/problems/0/replicas/1/result").asText()).isEqualTo("different");
        assertThat(shell.run("-t", "nosuch", "check", "--deep").status()).isEqualTo(1);
    }

    private static CompareReplicasResponse compared(int partition) {
        var equal = replica("n1", ComparisonResult.REPLICAS_EQUAL, "");
        return partition == 0
                ? CompareReplicasResponse.newBuilder()
                        .setResult(ComparisonResult.REPLICAS_EQUAL)
                        .addReplicas(equal)
                        .build()
                : CompareReplicasResponse.newBuilder()
                        .setResult(ComparisonResult.REPLICAS_DIFFER)
                        .setLogIndex(77)
                        .addAllReplicas(List.of(
                                equal.build(),
                                replica("n2", ComparisonResult.REPLICAS_DIFFER, "its values differ")
                                        .build(),
                                replica("n3", ComparisonResult.NOT_COMPARED, "its node is down")
                                        .build()))
                        .build();
    }

    private static ReplicaDigest.Builder replica(String node, ComparisonResult result, String message) {
        return ReplicaDigest.newBuilder()
                .setNode(node)
                .setResult(result)
                .setLogIndex(77)
                .setMessage(message);
    }
}
