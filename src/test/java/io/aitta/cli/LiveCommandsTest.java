package io.aitta.cli;

import static io.aitta.cli.Replies.move;
import static io.aitta.cli.Replies.moves;
import static io.aitta.cli.Replies.partition;
import static io.aitta.cli.Replies.replica;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.Message;
import io.aitta.client.FakeCluster;
import io.aitta.proto.v1.DescribeNodeRequest;
import io.aitta.proto.v1.DescribeNodeResponse;
import io.aitta.proto.v1.DescribePartitionRequest;
import io.aitta.proto.v1.DescribePartitionResponse;
import io.aitta.proto.v1.DiffTopologyRequest;
import io.aitta.proto.v1.DiffTopologyResponse;
import io.aitta.proto.v1.ListMigrationsRequest;
import io.aitta.proto.v1.ListNodesRequest;
import io.aitta.proto.v1.ListNodesResponse;
import io.aitta.proto.v1.ListPartitionsRequest;
import io.aitta.proto.v1.ListPartitionsResponse;
import io.aitta.proto.v1.MigrationPhase;
import io.aitta.proto.v1.Node;
import io.aitta.proto.v1.NodeLoad;
import io.aitta.proto.v1.NodeState;
import io.aitta.proto.v1.Partition;
import io.aitta.proto.v1.PartitionState;
import io.aitta.proto.v1.Role;
import io.aitta.proto.v1.Topology;
import io.aitta.proto.v1.TopologyHistory;
import io.grpc.Status;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is shown of nodes, partitions and moves as they are now, and waiting for a cluster that is whole. */
@Timeout(60)
class LiveCommandsTest {
    private final FakeCluster cluster = new FakeCluster(3);
    private final Shell shell = new Shell(cluster.endpoints());

    @AfterEach
    void stop() {
        cluster.close();
    }

    private static Node node(String id, NodeState state) {
        return Node.newBuilder()
                .setId(id)
                .setState(state)
                .setZone("west")
                .setWeight(100)
                .setGrpcEndpoint("192.168.100.101:7400")
                .setClusterEndpoint("192.168.100.101:7401")
                .setHttpEndpoint("192.168.100.101:7402")
                .setPrimaries(16)
                .setSecondaries(32)
                .build();
    }

    @Test
    void nodesFitTheTerminalWhateverTheirState() {
        Replies.script(
                cluster,
                ListNodesRequest.class,
                ListNodesResponse.newBuilder()
                        .addNodes(node("n1", NodeState.NODE_UP))
                        .addNodes(node("n2", NodeState.NODE_DRAINING).toBuilder()
                                .setDraining(true)
                                .setReplacedBy("n4"))
                        .addNodes(node("n3", NodeState.NODE_UNREACHABLE).toBuilder()
                                .setDraining(true))
                        .addNodes(node("n4", NodeState.NODE_JOINING))
                        .addNodes(node("n5", NodeState.NODE_DOWN).toBuilder().setLost(true))
                        .build());
        shell.run("node", "list")
                .prints(
                        """
                NODE  STATE        ZONE  WEIGHT  GRPC                  PRIMARIES  SECONDARIES  LEARNERS  NOTE
                n1    up           west     100  192.168.100.101:7400         16           32         0  -
                n2    draining     west     100  192.168.100.101:7400         16           32         0  to n4
                n3    unreachable  west     100  192.168.100.101:7400         16           32         0  draining
                n4    joining      west     100  192.168.100.101:7400         16           32         0  -
                n5    down         west     100  192.168.100.101:7400         16           32         0  given up
                """);
    }

    @Test
    void nodesWithTheLongNamesOfKubernetesFitTheTerminalToo() {
        var answer = ListNodesResponse.newBuilder();
        for (int i = 0; i < 2; i++) {
            String host = "aitta-" + i + ".aitta-nodes.granary.svc.cluster.local:7400";
            answer.addNodes(node("aitta-" + i, NodeState.NODE_UNREACHABLE).toBuilder()
                    .setDraining(true)
                    .setGrpcEndpoint(host));
        }
        Replies.script(cluster, ListNodesRequest.class, answer.build());
        var result = shell.run("node", "list");
        result.prints(
                """
                NODE     STATE        ZONE  WEIGHT  GRPC           PRIMARIES  SECONDARIES  LEARNERS  NOTE
                aitta-0  unreachable  west     100  aitta-0…:7400         16           32         0  draining
                aitta-1  unreachable  west     100  aitta-1…:7400         16           32         0  draining
                """);
        assertThat(result.out().lines()).allMatch(line -> line.length() <= 100);
        assertThat(shell.run("-o", "json", "node", "list").out())
                .contains("\"grpc_endpoint\":\"aitta-0.aitta-nodes.granary.svc.cluster.local:7400\"");
        assertThat(TopologyReport.shortened("[2001:db8:1111:2222:3333:4444:5555:6666]:7400"))
                .isEqualTo("[2001:db8:…6666]:7400");
        assertThat(TopologyReport.shortened("a-very-long-first-name-indeed.example.org:7400"))
                .isEqualTo("a-very-long-fi…:7400");
        assertThat(TopologyReport.shortened("255.255.255.255:65535")).isEqualTo("255.255.255.255:65535");
    }

    @Test
    void aNodeIsDescribedWithItsLoadAndWhatItHolds() throws Exception {
        Replies.script(
                cluster,
                DescribeNodeRequest.class,
                DescribeNodeResponse.newBuilder()
                        .setEpoch(50)
                        .setNode(node("n1", NodeState.NODE_UP).toBuilder()
                                .setLoad(NodeLoad.newBuilder()
                                        .setStoreBytes(5_000_000_000L)
                                        .setJournalBytes(12_345)
                                        .setWritesPerSecond(1234.4)
                                        .setReadsPerSecond(0.2)
                                        .setUptimeMillis(90_061_500)))
                        .addPartitions(whole().setMigration(2))
                        .addMigrations(move(2, "n1", "n4", MigrationPhase.COPYING, 50))
                        .build());
        shell.run("node", "describe", "n1")
                .prints(
                        """
                node      n1
                state     up
                zone      west
                weight    100
                clients   192.168.100.101:7400
                nodes     192.168.100.101:7401
                http      192.168.100.101:7402
                replicas  16 primaries, 32 secondaries, 0 learners
                load      1,234 writes/s, 0 reads/s
                on disk   4.7 GiB store, 12.1 KiB binlogs
                up for    1d1h1m1s

                TABLE  PARTITION  ROLE     STATE  LOG INDEX  LAG  MOVE
                users          3  primary  ok           100    0  #2

                ID  PARTITION  MOVE      CAUSE  PHASE    DONE                     LAG  COPIED
                 2  users/3    n1 -> n4  drain  copying  [========        ] 50 %    0  -
                """);
        var json = new ObjectMapper()
                .readTree(shell.run("-o", "json", "node", "describe", "n1").out());
        assertThat(json.at("/node/load/store_bytes").asLong()).isEqualTo(5_000_000_000L);
        assertThat(json.at("/partitions/0/replicas/1/lag").asLong()).isEqualTo(12);
        assertThat(json.at("/migrations/0/percent").asInt()).isEqualTo(50);
    }

    private static Partition.Builder whole() {
        return partition(
                replica("n1", Role.PRIMARY, 100, 0),
                replica("n2", Role.SECONDARY, 88, 12),
                replica("n3", Role.SECONDARY, 100, 0));
    }

    private void partitionsAre(Partition.Builder... partitions) {
        var answer = ListPartitionsResponse.newBuilder().setEpoch(50);
        for (Partition.Builder partition : partitions) {
            answer.addPartitions(partition);
        }
        Replies.script(cluster, ListPartitionsRequest.class, answer.build());
    }

    @Test
    void partitionsAreListedAsTheyAreNow() throws Exception {
        var away = partition(
                        replica("n1", Role.PRIMARY, 1_000_000_000, 0),
                        replica("n2", Role.SECONDARY, 0, 0),
                        replica("n3", Role.SECONDARY, 0, 0),
                        replica("n4", Role.LEARNER, 5, 0))
                .setState(PartitionState.SLOWDOWN)
                .setMigration(12);
        away.getReplicasBuilder(1).clearState();
        away.getReplicasBuilder(2).getStateBuilder().setFailed(true);
        away.getReplicasBuilder(3).getStateBuilder().setCopying(true);
        partitionsAre(whole(), away);
        shell.run("partition", "list", "--live")
                .prints(
                        """
                TABLE  PARTITION  STATE     TERM  PRIMARY       INDEX  OTHERS                              MOVE
                users          3  active       7  n1              100  n2 -12, n3                          -
                users          3  slowdown     7  n1       1000000000  n2 silent, n3 failed, (n4) copying  #12
                """);
        var json = new ObjectMapper()
                .readTree(shell.run("-o", "json", "partition", "list", "--live").out());
        assertThat(json.at("/partitions/1/state").asText()).isEqualTo("slowdown");
        assertThat(json.at("/partitions/1/replicas/1").toString())
                .isEqualTo("{\"node\":\"n2\",\"role\":\"secondary\",\"known\":false,\"term\":0,\"log_index\":0,"
                        + "\"applied_index\":0,\"lag\":0,\"failed\":false,\"copying\":false}");
        shell.run("partition", "list", "--table", "users");
        assertThat(cluster.received(ListPartitionsRequest.class))
                .extracting(received -> ((ListPartitionsRequest) received.request()).getTable())
                .containsExactly("", "", "users");
    }

    @Test
    void aPartitionIsDescribedWithEachReplicaAndWhatIsInProgress() throws Exception {
        var answer = DescribePartitionResponse.newBuilder()
                .setEpoch(50)
                .setPartition(whole())
                .setMigration(move(2, "n1", "n4", MigrationPhase.SLOWING_DOWN, 97)
                        .setLag(1_204)
                        .setMessage("writers are throttled"))
                .build();
        Replies.script(cluster, DescribePartitionRequest.class, answer);
        String text =
                """
                users/3: active, term 7, 3 voters wanted, epoch 50

                NODE  ROLE       STATE  TERM  LOG INDEX  APPLIED  LAG
                n1    primary    ok        7        100      100    0
                n2    secondary  ok        7         88       88   12
                n3    secondary  ok        7        100      100    0

                ID  PARTITION  MOVE      CAUSE  PHASE         DONE                      LAG  COPIED
                 2  users/3    n1 -> n4  drain  slowing down  [=============== ] 97 %  1204  -
                2: writers are throttled
                """;
        shell.run("partition", "describe", "users", "3").prints(text);
        shell.run("meta", "list").prints(text);
        var json = new ObjectMapper()
                .readTree(shell.run("-o", "json", "meta", "list").out());
        assertThat(json.at("/migration/phase").asText()).isEqualTo("slowing_down");
        assertThat(json.at("/partition/state").asText()).isEqualTo("active");
    }

    // ---- moves --------------------------------------------------------------------------------------------------

    @Test
    void movesAreListedWithHowFarTheyAre() throws Exception {
        var answer = moves(
                        move(1, "n1", "n4", MigrationPhase.CANCELLED, 100).setMessage("asked for"),
                        move(2, "n1", "n4", MigrationPhase.COPYING, 52)
                                .setCopiedBytes(12_900_000)
                                .setCopyBytes(24_000_000),
                        move(31, "", "n5", MigrationPhase.CATCHING_UP, 90)
                                .setLearner(true)
                                .setLag(1_204))
                .toBuilder()
                .setPlanned(4)
                .setBalancingPaused(true)
                .build();
        Replies.script(cluster, ListMigrationsRequest.class, answer);
        shell.run("migrations", "--all")
                .prints(
                        """
                ID  PARTITION  MOVE      CAUSE  RESULT     BEGUN (UTC)          TOOK
                 1  users/3    n1 -> n4  drain  cancelled  2023-11-14 22:13:20  1m5s
                1: asked for

                ID  PARTITION  MOVE           CAUSE  PHASE        DONE                      LAG  COPIED
                 2  users/3    n1 -> n4       drain  copying      [========        ] 52 %     0  12.3 MiB of 22.9 MiB
                31  users/3    +n5 (learner)  drain  catching up  [==============  ] 90 %  1204  -
                2 moves under way, 4 more planned; balancing is paused
                """);
        var json = new ObjectMapper()
                .readTree(shell.run("-o", "json", "migrations", "--all").out());
        assertThat(json.fieldNames())
                .toIterable()
                .containsExactly("epoch", "migrations", "planned", "balancing_paused");
        Replies.script(cluster, ListMigrationsRequest.class, moves());
        shell.run("migrations").prints("nothing is being moved\n");
    }

    /** How it is told is tested with {@link MovesProgressTest}. */
    @Test
    void movesAreFollowedUntilNoneIsLeft() {
        Replies.script(
                cluster,
                ListMigrationsRequest.class,
                moves(move(2, "n1", "n4", MigrationPhase.COPYING, 50)),
                moves(move(2, "n1", "n4", MigrationPhase.COPYING, 50)),
                moves(move(2, "n1", "n4", MigrationPhase.DONE, 100)));
        shell.run("migrations", "--follow", "--until-done")
                .prints(
                        """
                move 2: users/3 n1 -> n4 (drain) copying, 50 %
                1 move under way
                move 2: users/3 n1 -> n4 (drain) done after 1m5s
                nothing is being moved
                """);
    }

    @Test
    void followingMovesInJsonPrintsALineForEachChange() {
        Replies.script(
                cluster,
                ListMigrationsRequest.class,
                moves(move(2, "n1", "n4", MigrationPhase.COPYING, 50)),
                moves(move(2, "n1", "n4", MigrationPhase.COPYING, 50)),
                moves(move(2, "n1", "n4", MigrationPhase.DONE, 100)));
        var result = shell.run("-o", "json", "migrations", "--follow", "--all", "--until-done");
        assertThat(result.out().lines()).hasSize(2).allMatch(line -> line.startsWith("{\"epoch\":50,\"migrations\":["));
    }

    /** The cluster's last word ends it here, as Ctrl-C would. */
    @Test
    void whatIsListedCanBeFollowedAndIsPaintedOverOnATerminal() {
        Deque<ListNodesResponse> answers = new ArrayDeque<>(List.of(
                ListNodesResponse.newBuilder()
                        .addNodes(node("n1", NodeState.NODE_UP))
                        .build(),
                ListNodesResponse.newBuilder()
                        .addNodes(node("n1", NodeState.NODE_DOWN))
                        .build()));
        cluster.script(ListNodesRequest.class, request -> {
            if (answers.size() == 1) {
                cluster.refuseNext(Status.Code.PERMISSION_DENIED, "NOT_ALLOWED", "enough seen");
            }
            return answers.poll();
        });
        var result = shell.atTerminal().run("node", "list", "--follow");
        assertThat(result.out()).startsWith("\r\u001b[J\u001b[?7lNODE").contains("\u001b[2A\r\u001b[J\u001b[?7lNODE");
        assertThat(result.out().split("NODE", -1)).hasSize(3);
        result.fails(3, "enough seen (NOT_ALLOWED)\n");
    }

    @Test
    void whatIsFollowedElsewhereIsPrintedWhenItHasChanged() {
        var answer = ListPartitionsResponse.newBuilder().setEpoch(50).addPartitions(whole());
        var asked = new AtomicInteger();
        cluster.script(ListPartitionsRequest.class, request -> {
            if (asked.incrementAndGet() == 3) {
                cluster.refuseNext(Status.Code.PERMISSION_DENIED, "NOT_ALLOWED", "enough seen");
            }
            return answer.setEpoch(asked.get() < 3 ? 50 : 51).build();
        });
        var result = shell.run("-o", "json", "partition", "list", "--live", "--follow");
        assertThat(result.out().lines()).hasSize(2).first().asString().startsWith("{\"epoch\":50,\"partitions\":[");
        assertThat(asked).hasValue(3);
    }

    @Test
    void aClusterThatIsAwayForAMomentIsFollowedFurther() {
        for (int i = 0; i < 6; i++) {
            cluster.refuseNext(Status.Code.UNAVAILABLE, "NO_ORCHESTRATOR", "it is just moving");
        }
        // Too short for the client to try so often within one call.
        shell.run("--timeout", "60ms", "migrations", "--follow", "--until-done").prints("nothing is being moved\n");
    }

    // ---- the past -----------------------------------------------------------------------------------------------

    @Test
    void anyEpochIsShownAndWhatHappenedBetweenTwo() throws Exception {
        assertThat(shell.run("query", "1").out()).startsWith("epoch 1, cluster c-1, ");
        assertThat(shell.run("query").out()).isEqualTo(shell.run("topology").out());
        Replies.script(
                cluster,
                DiffTopologyRequest.class,
                DiffTopologyResponse.newBuilder()
                        .setChanges(Topology.newBuilder()
                                .setEpoch(19)
                                .setBaseEpoch(17)
                                .addPartitions(partition(replica("n1", Role.PRIMARY, 0, 0)))
                                .addRemovedNodes("n2")
                                .addRemovedTables("cache"))
                        .addHistory(TopologyHistory.newBuilder()
                                .setEpoch(18)
                                .setWallTimeMillis(1_700_000_000_000L)
                                .addChanges("node n2 is removed")
                                .addChanges("table cache is dropped"))
                        .build());
        shell.run("query", "19", "--diff", "17")
                .prints(
                        """
                from epoch 17 to 19

                epoch 18  2023-11-14 22:13:20 UTC
                  node n2 is removed
                  table cache is dropped

                node n2 is gone

                table cache is gone

                TABLE  PARTITION  TERM  PRIMARY  SECONDARIES  LEARNERS  MOVE
                users          3     7  n1       -            -         -
                """);
        var json = new ObjectMapper()
                .readTree(shell.run("-o", "json", "query", "--diff", "17").out());
        assertThat(json.fieldNames())
                .toIterable()
                .containsExactly(
                        "from_epoch",
                        "to_epoch",
                        "history",
                        "nodes",
                        "tables",
                        "partitions",
                        "removed_nodes",
                        "removed_tables");
        assertThat(json.at("/history/0/changes/1").asText()).isEqualTo("table cache is dropped");
        assertThat(cluster.received(DiffTopologyRequest.class))
                .extracting(Object::toString)
                .hasSize(2);
    }

    // ---- joining ------------------------------------------------------------------------------------------------

    @Test
    void joinPrintsTheCommandThatStartsANode() throws Exception {
        Replies.script(
                cluster,
                ListNodesRequest.class,
                ListNodesResponse.newBuilder()
                        .addNodes(node("n1", NodeState.NODE_UP))
                        .addNodes(node("n2", NodeState.NODE_DOWN))
                        .build());
        assertThat(shell.run("join", "--host", "10.0.0.4", "--data-dir", "/var/lib/aitta", "--zone", "east")
                        .out())
                .contains(
                        """
                  aitta serve --node-id n3 \\
                      --data-dir /var/lib/aitta \\
                      --host 10.0.0.4 \\
                      --zone east \\
                      --seeds 192.168.100.101:7401

                """);
        var json = new ObjectMapper().readTree(shell.run("-o", "json", "join").out());
        assertThat(json.get("seeds").toString()).isEqualTo("[\"192.168.100.101:7401\"]");
        assertThat(json.get("node_id").asText()).isEqualTo("n3");
        Replies.script(
                cluster,
                ListNodesRequest.class,
                ListNodesResponse.newBuilder()
                        .addNodes(node("n1", NodeState.NODE_DOWN))
                        .build());
        shell.run("join").fails(3, "no node is up that one could join; see 'aitta node list'\n");
    }

    @Test
    void aNodeOnTheSameMachineGetsPortsOfItsOwn() {
        var here = shell.run("join").out();
        assertThat(here)
                .contains("--host 127.0.0.1")
                .contains("--grpc-port 7410 --cluster-port 7411 --http-port 7412")
                .contains("--node-id n4");
        String command = here.lines()
                .filter(line -> line.startsWith("  "))
                .map(String::strip)
                .reduce("", (a, b) -> (a + " " + b).replace("\\", ""));
        assertThat(new Shell("127.0.0.1:1")
                        .runLine(command.replace("aitta", "") + " --help")
                        .status())
                .isZero();
    }

    @Test
    void joinLooksPastNodesThatWereRemoved() {
        Replies.script(
                cluster,
                ListNodesRequest.class,
                ListNodesResponse.newBuilder()
                        .addNodes(local("n1", 7401))
                        .addNodes(local("n2", 7404))
                        .addNodes(Node.newBuilder().setId("n3").setState(NodeState.NODE_REMOVED))
                        .build());
        assertThat(shell.run("join").out())
                .contains("--node-id n4 ")
                .contains("--host 127.0.0.1 ")
                .contains("--grpc-port 7413 --cluster-port 7414 --http-port 7415")
                .contains("--seeds 127.0.0.1:7401,127.0.0.1:7404\n");
    }

    private static Node local(String id, int clusterPort) {
        return node(id, NodeState.NODE_UP).toBuilder()
                .setClusterEndpoint("127.0.0.1:" + clusterPort)
                .build();
    }

    // ---- waiting for all to be well -----------------------------------------------------------------------------

    @Test
    void aWholeClusterIsNotWaitedFor() {
        partitionsAre(whole());
        shell.run("wait-healthy").prints("healthy: 1 partitions, epoch 2\n");
    }

    @Test
    void waitingEndsOnceWhatWasMissingIsThere() {
        var short1 = partition(replica("n1", Role.PRIMARY, 100, 0));
        Message shortAnswer =
                ListPartitionsResponse.newBuilder().addPartitions(short1).build();
        Message wholeAnswer =
                ListPartitionsResponse.newBuilder().addPartitions(whole()).build();
        Replies.script(cluster, ListPartitionsRequest.class, shortAnswer, shortAnswer, wholeAnswer);
        var result = shell.run("wait-healthy");
        assertThat(result.status()).isZero();
        assertThat(result.err()).isEqualTo("aitta wait-healthy: waiting: users/3 has 1 of 3 voters\n");
    }

    @Test
    void whatIsWrongIsSaidAndIsExitCode1() throws Exception {
        unhealthy("users/3 has no primary", whole().setState(PartitionState.NO_PRIMARY));
        unhealthy("users/3 is in state slowdown", whole().setState(PartitionState.SLOWDOWN));
        unhealthy("users/3 is in state stuck", whole().setState(PartitionState.STUCK));
        unhealthy("users/3 has 3 of 5 voters", whole().setReplicasWanted(5));
        var silent = whole();
        silent.getReplicasBuilder(2).clearState();
        unhealthy("users/3 on node n3 is silent", silent);
        var failed = whole();
        failed.getReplicasBuilder(2).getStateBuilder().setFailed(true);
        unhealthy("users/3 on node n3 is failed", failed);
        var late = whole();
        late.getReplicasBuilder(1).getStateBuilder().setLag(1_001);
        unhealthy("users/3 on node n2 lacks 1001 entries", late);
        Replies.script(cluster, ListMigrationsRequest.class, moves(move(2, "n1", "n4", MigrationPhase.COPYING, 50)));
        unhealthy("1 move under way", whole());
        Replies.script(
                cluster,
                ListMigrationsRequest.class,
                moves().toBuilder().setPlanned(2).build());
        unhealthy("nothing is being moved, 2 more planned", whole());
        Replies.script(
                cluster,
                ListMigrationsRequest.class,
                moves().toBuilder().clearPlanned().build());
        unhealthy("nothing is being moved, and the orchestrator does not tell what is planned", whole());
        var json = new ObjectMapper()
                .readTree(shell.run("-o", "json", "wait-healthy", "--timeout", "10ms")
                        .out());
        assertThat(json.get("healthy").asBoolean()).isFalse();
        assertThat(json.get("problems").toString())
                .isEqualTo("[\"nothing is being moved, and the orchestrator does not tell what is planned\"]");
    }

    private void unhealthy(String problem, Partition.Builder partition) {
        partitionsAre(partition);
        shell.run("wait-healthy", "--timeout", "10ms").fails(1, "not healthy within 10ms: " + problem + "\n");
    }

    @Test
    void aClusterThatCannotBeReachedIsNotHealthy() {
        var nobody = new Shell("127.0.0.1:1").run("wait-healthy", "--timeout", "300ms");
        assertThat(nobody.status()).isEqualTo(1);
        assertThat(nobody.err()).contains("not healthy within 300ms: unavailable: ");
    }

    @Test
    void onlyAFewOfManyProblemsAreNamed() {
        var broken = partition(replica("n1", Role.PRIMARY, 100, 0));
        partitionsAre(broken, broken, broken, broken, broken);
        var result = shell.run("wait-healthy", "--timeout", "10ms");
        assertThat(result.err()).endsWith("users/3 has 1 of 3 voters; and 2 more\n");
    }

    @Test
    void nothingIsWiderThanATerminal() {
        partitionsAre(whole());
        for (String line : List.of("partition list --live", "partition list", "topology", "node list", "table list")) {
            assertThat(shell.runLine(line).out().lines()).as(line).allMatch(one -> one.length() <= 100);
        }
    }
}
