package io.aitta.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.aitta.client.FakeCluster;
import io.aitta.proto.v1.GetInfoRequest;
import io.aitta.proto.v1.GetInfoResponse;
import io.aitta.proto.v1.GetSlowLogRequest;
import io.aitta.proto.v1.GetSlowLogResponse;
import io.aitta.proto.v1.NodeState;
import io.aitta.proto.v1.NodeStatus;
import io.aitta.proto.v1.SlowRequest;
import io.aitta.proto.v1.Stages;
import io.aitta.proto.v1.TableStatus;
import io.aitta.proto.v1.Traffic;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How the cluster fares, and what was slow, as people and programs read it. */
@Timeout(60)
class InfoCommandsTest {
    private static final Traffic TRAFFIC = Traffic.newBuilder()
            .setReadsPerSecond(1_234.4)
            .setWritesPerSecond(2.25)
            .setReadP50Millis(0.4)
            .setReadP99Millis(3.21)
            .build();

    private final FakeCluster cluster = new FakeCluster(3);
    private final Shell shell = new Shell(cluster.endpoints());

    @AfterEach
    void stop() {
        cluster.close();
    }

    private void answerInfo() {
        Replies.script(
                cluster,
                GetInfoRequest.class,
                GetInfoResponse.newBuilder()
                        .setEpoch(9)
                        .setTraffic(TRAFFIC)
                        .addTables(TableStatus.newBuilder()
                                .setTable("users")
                                .setPartitions(16)
                                .setTraffic(TRAFFIC)
                                .setStoreBytes(3 << 20)
                                .setMaxLag(7)
                                .setUnderReplicated(2)
                                .setReplicasDown(1))
                        .addNodes(NodeStatus.newBuilder()
                                .setNode("n1")
                                .setState(NodeState.NODE_UP)
                                .setAnswered(true)
                                .setTraffic(TRAFFIC)
                                .setPrimaries(6)
                                .setSecondaries(10)
                                .setStoreBytes(2 << 20)
                                .setJournalBytes(512)
                                .setDiskBytes(8L << 30)
                                .setDiskFreeBytes(4L << 30)
                                .setUptimeMillis(61_000))
                        .addNodes(NodeStatus.newBuilder()
                                .setNode("n2")
                                .setState(NodeState.NODE_DOWN)
                                .setSecondaries(16))
                        .build());
    }

    @Test
    void infoTellsOfTablesAndNodes() {
        answerInfo();
        shell.run("info")
                .prints(
                        """
                        epoch 9, 1 of 2 nodes answered, 1234 reads/s, 2.3 writes/s, 0 failed/s

                        TABLE  READS/S  P50 P99 MS  WRITES/S  P50 P99 MS  FAILED/S  SIZE     PARTITIONS  MAX LAG  TROUBLE
                        users     1234  0.4 3.2     2.3       -                  0  3.0 MiB          16        7  2 with too few voters, 1 replicas down

                        NODE  STATE  READS/S  WRITES/S  FAILED/S  KEYS READ/S  OPS/S  STORE    BINLOGS  DISK FREE           PRIMARIES  REPLICAS  MAX LAG  UP FOR
                        n1    up     1234     2.3       0         0            0      2.0 MiB  512 B    4.0 GiB of 8.0 GiB          6        16  0        1m1s
                        n2    down   -        -         -         -            -      -        -        -                           0        16  -        -
                        """);
    }

    @Test
    void infoAsJsonHasTheNamesOfTheApi() throws Exception {
        answerInfo();
        var json = new ObjectMapper().readTree(shell.run("-o", "json", "info").out());
        assertThat(json.at("/traffic/reads_per_second").asDouble()).isEqualTo(1_234.4);
        assertThat(json.at("/tables/0/under_replicated").asInt()).isEqualTo(2);
        assertThat(json.at("/nodes/0/disk_free_bytes").asLong()).isEqualTo(4L << 30);
        assertThat(json.at("/nodes/1/state").asText()).isEqualTo("down");
        assertThat(json.at("/nodes/1/answered").asBoolean()).isFalse();
    }

    @Test
    void whatIsNamedIsAskedFor() {
        cluster.script(GetInfoRequest.class, request -> {
            assertThat(request.getTable()).isEqualTo("users");
            assertThat(request.getNode()).isEqualTo("n2");
            return GetInfoResponse.getDefaultInstance();
        });
        assertThat(shell.run("-t", "users", "info", "--node", "n2").status()).isZero();
    }

    @Test
    void slowRequestsAreToldWithWhereTheTimeWent() throws Exception {
        Replies.script(
                cluster,
                GetSlowLogRequest.class,
                GetSlowLogResponse.newBuilder()
                        .setThresholdMillis(100)
                        .addRequests(SlowRequest.newBuilder()
                                .setWallTimeMillis(1_700_000_000_123L)
                                .setNode("n1")
                                .setOperation("set")
                                .setTable("users")
                                .setPartition(3)
                                .setKey("k")
                                .setMillis(123.45)
                                .setOutcome("ok")
                                .setStages(Stages.newBuilder().setQueueMillis(1).setJournalMillis(99.96))
                                .setRequestId("r-1"))
                        .addRequests(SlowRequest.newBuilder()
                                .setWallTimeMillis(1_700_000_000_000L)
                                .setNode("n2")
                                .setOperation("multi_get")
                                .setTable("users")
                                .setMillis(101)
                                .setOutcome("NO_PRIMARY"))
                        .build());
        shell.run("slow-log")
                .prints(
                        """
                        TIME                      NODE  OPERATION  TABLE    KEY  MS     QUEUE  JOURNAL  REPLICATION  APPLY  OUTCOME     REQUEST
                        2023-11-14T22:13:20.123Z  n1    set        users/3  k    123.5  1.0    100.0    0.0          0.0    ok          r-1
                        2023-11-14T22:13:20Z      n2    multi_get  users    -    101.0  -      -        -            -      NO_PRIMARY  -
                        """);
        var json =
                new ObjectMapper().readTree(shell.run("-o", "json", "slow-log").out());
        assertThat(json.at("/requests/0/stages/journal_millis").asDouble()).isEqualTo(99.96);
        assertThat(json.at("/requests/1/stages").isNull()).isTrue();
        assertThat(json.at("/requests/1/partition").isNull()).isTrue();
    }

    @Test
    void nothingSlowIsSaidSo() {
        Replies.script(
                cluster,
                GetSlowLogRequest.class,
                GetSlowLogResponse.newBuilder().setThresholdMillis(100).build());
        shell.run("slow-log").prints("no request took 100 ms or more\n");
    }

    @Test
    void aLimitOutOfRangeIsRefused() {
        shell.run("slow-log", "--limit", "0").fails(2, "--limit is 1 to 1000, not 0\n");
    }
}
