package io.aitta.cli;

import static io.aitta.cli.Replies.move;
import static io.aitta.cli.Replies.moves;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.aitta.client.FakeCluster;
import io.aitta.proto.v1.AddReplicaRequest;
import io.aitta.proto.v1.DescribeNodeRequest;
import io.aitta.proto.v1.DescribeNodeResponse;
import io.aitta.proto.v1.DescribePartitionRequest;
import io.aitta.proto.v1.DescribePartitionResponse;
import io.aitta.proto.v1.ListMigrationsRequest;
import io.aitta.proto.v1.MigrateRequest;
import io.aitta.proto.v1.MigrationPhase;
import io.aitta.proto.v1.MoveCause;
import io.aitta.proto.v1.Node;
import io.aitta.proto.v1.PartitionName;
import io.aitta.proto.v1.PlannedMove;
import io.aitta.proto.v1.RebalanceRequest;
import io.aitta.proto.v1.RebalanceResponse;
import io.aitta.proto.v1.RecoverPartitionRequest;
import io.aitta.proto.v1.RemoveNodeRequest;
import io.aitta.proto.v1.RemoveNodeResponse;
import io.aitta.proto.v1.RemoveReplicaRequest;
import io.aitta.proto.v1.Role;
import io.aitta.proto.v1.TransferPrimaryRequest;
import io.aitta.proto.v1.TransferPrimaryResponse;
import io.grpc.Status;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Orders: what they send, what they say, and how they wait and ask. */
@Timeout(60)
class OrderCommandsTest {
    private final FakeCluster cluster = new FakeCluster(3);
    private final Shell shell = new Shell(cluster.endpoints());

    @AfterEach
    void stop() {
        cluster.close();
    }

    private JsonNode json(String... words) throws Exception {
        var all = Stream.concat(Stream.of("-o", "json"), Stream.of(words)).toArray(String[]::new);
        var result = shell.run(all);
        assertThat(result.status()).as(result.err()).isZero();
        assertThat(result.out().lines()).hasSize(1);
        return new ObjectMapper().readTree(result.out());
    }

    // ---- plain orders -------------------------------------------------------------------------------------------

    @Test
    void anOrderSaysWhatItCameToAndInWhichEpoch() throws Exception {
        shell.run("node", "drain", "n2").prints("node n2 is being drained, epoch 2\n");
        shell.run("node", "drain", "n2", "--replacement", "n3")
                .prints("node n2 is being drained to node n3, epoch 3\n");
        shell.run("node", "undrain", "n2").prints("node n2 may carry replicas again, epoch 4\n");
        shell.run("node", "replace", "n1", "n3").prints("node n1 is being drained to node n3, epoch 5\n");
        shell.run("node", "set-weight", "n2", "0").prints("node n2 has weight 0, epoch 6\n");
        shell.run("node", "set-zone", "n2", "west").prints("node n2 is in zone west, epoch 7\n");
        shell.run("node", "remove", "n2").prints("node n2 is removed, epoch 8\n");
        shell.run("table", "set-replicas", "users", "5").prints("table users is to have 5 replicas, epoch 9\n");
        shell.run("table", "set-learners", "users", "west", "1")
                .prints("table users is to have 1 learners in zone west, epoch 10\n");
        shell.run("rebalance", "pause").prints("balancing is paused, epoch 11\n");
        shell.run("rebalance", "resume").prints("balancing goes on, epoch 12\n");
        shell.run("migrate", "cancel", "17").prints("move 17 is being taken back, epoch 13\n");
        assertThat(json("node", "drain", "n2")).hasToString("{\"epoch\":14}");
    }

    @Test
    void aMoveIsOrderedByAnyOfItsNames() {
        shell.run("migrate", "users", "3", "n1", "n2").prints("move 7 begun: users/3 n1 -> n2, epoch 2\n");
        shell.run("move", "users", "3", "n1", "n2", "--if-epoch", "41")
                .prints("move 7 begun: users/3 n1 -> n2, epoch 3\n");
        var sent = cluster.received(MigrateRequest.class);
        assertThat(((MigrateRequest) sent.get(0).request()).hasExpectedEpoch()).isFalse();
        assertThat(((MigrateRequest) sent.get(1).request()).getExpectedEpoch()).isEqualTo(41);
        shell.run("migrate", "--", "cancel", "3", "n1", "n2").prints("move 7 begun: cancel/3 n1 -> n2, epoch 4\n");
    }

    @Test
    void replicasComeAndGo() throws Exception {
        shell.run("add-replica", "users", "3", "n2").prints("move 7 begun: users/3 +n2, epoch 2\n");
        shell.run("add-replica", "users", "3", "n2", "--learner")
                .prints("move 7 begun: users/3 +n2 (learner), epoch 3\n");
        shell.run("remove-replica", "users", "3", "n2").prints("move 7 begun: users/3 -n2, epoch 4\n");
        var json = json("add-replica", "users", "3", "n2");
        assertThat(json.at("/migration/phase").asText()).isEqualTo("waiting");
        assertThat(json.at("/migration/cause").asText()).isEqualTo("ordered");
        assertThat(json.get("migration").fieldNames())
                .toIterable()
                .containsExactly(
                        "id",
                        "table",
                        "partition",
                        "from",
                        "to",
                        "learner",
                        "cause",
                        "phase",
                        "percent",
                        "lag",
                        "copied_bytes",
                        "copy_bytes",
                        "message",
                        "begun_millis",
                        "ended_millis");
    }

    @Test
    void theMetaGroupIsThePartitionOfATableOfItsOwn() {
        shell.run("meta", "add", "n3").prints("move 7 begun: _meta/0 +n3, epoch 2\n");
        shell.run("meta", "remove", "n1").prints("move 7 begun: _meta/0 -n1, epoch 3\n");
        assertThat(((AddReplicaRequest)
                                cluster.received(AddReplicaRequest.class).get(0).request())
                        .getLearner())
                .isFalse();
        assertThat(((RemoveReplicaRequest) cluster.received(RemoveReplicaRequest.class)
                                .get(0)
                                .request())
                        .getTable())
                .isEqualTo("_meta");
    }

    @Test
    void aTransferThatTakesTooLongSaysSo() throws Exception {
        shell.run("transfer-primary", "users", "3", "n2").prints("node n2 is primary of users/3, epoch 2\n");
        cluster.script(
                TransferPrimaryRequest.class,
                q -> TransferPrimaryResponse.newBuilder().setEpoch(9).build());
        shell.run("transfer-primary", "users", "3", "n2")
                .fails(1, "not done within 5s, but it goes on; 'aitta partition describe users 3' shows when it is\n");
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "node describe n9",
                "node drain n9",
                "node undrain n9",
                "node remove n9",
                "node remove n9 --force --yes",
                "node remove n9 --force --dry-run",
                "node set-weight n9 5",
                "node set-zone n9 west",
                "node replace n9 n1",
                "partition describe nosuch 0",
                "partition recover nosuch 0 --unsafe --yes-i-accept-loss",
                "partition list nosuch --live",
                "migrate nosuch 0 n1 n2",
                "move nosuch 0 n1 n2",
                "migrate cancel 99",
                "transfer-primary nosuch 0 n1",
                "add-replica nosuch 0 n1",
                "remove-replica nosuch 0 n1",
                "rebalance --table nosuch",
                "migrations --table nosuch",
                "table set-replicas nosuch 3",
                "table set-learners nosuch west 1",
                "leave n9",
                "query 99",
                "query --diff 99",
                "meta list",
                "meta add n9",
                "meta remove n9"
            })
    void whatDoesNotExistIsExitCode1AndWhatIsRefusedIs3(String line) {
        cluster.refuseNext(Status.Code.NOT_FOUND, "NODE_NOT_FOUND", "there is no such thing");
        var missing = shell.runLine(line);
        missing.fails(1, ": there is no such thing (NODE_NOT_FOUND)\n");
        assertThat(missing.out()).isEmpty();
        cluster.refuseNext(Status.Code.FAILED_PRECONDITION, "STALE_EPOCH", "the topology is at epoch 12, not 9");
        shell.runLine(line).fails(3, ": the topology is at epoch 12, not 9 (STALE_EPOCH)\n");
    }

    // ---- waiting ------------------------------------------------------------------------------------------------

    private static DescribeNodeResponse drained(int replicas) {
        return DescribeNodeResponse.newBuilder()
                .setEpoch(50)
                .setNode(Node.newBuilder().setId("n2").setDraining(true).setSecondaries(replicas))
                .build();
    }

    @Test
    void aDrainThatIsWaitedForTellsHowItGoesAndEndsWhenTheNodeIsEmpty() {
        Replies.script(cluster, DescribeNodeRequest.class, drained(2), drained(2), drained(0));
        var underWay =
                moves(move(2, "n2", "n3", MigrationPhase.COPYING, 20), move(3, "n1", "n3", MigrationPhase.COPYING, 20));
        Replies.script(
                cluster,
                ListMigrationsRequest.class,
                underWay,
                underWay,
                moves(move(2, "n2", "n3", MigrationPhase.DONE, 100)));
        var result = shell.run("node", "drain", "n2", "--wait");
        result.prints("node n2 is empty, epoch 2\n");
        assertThat(result.err())
                .startsWith("move 2: users/3 n2 -> n3 (drain) copying, 20 %\nnode n2: 2 replicas left\n")
                .endsWith("node n2: 0 replicas left\n")
                .doesNotContain("move 3");
    }

    @Test
    void aDrainThatSomebodyTakesBackIsNoLongerWaitedFor() {
        Replies.script(
                cluster,
                DescribeNodeRequest.class,
                drained(2),
                drained(2).toBuilder()
                        .setNode(Node.newBuilder().setSecondaries(2))
                        .build());
        shell.run("node", "drain", "n2", "--wait")
                .fails(3, "node n2 is no longer drained: somebody has taken the order back\n");
    }

    @Test
    void waitingEndsAtItsTimeAndSaysWhatIsMissing() {
        Replies.script(cluster, DescribeNodeRequest.class, drained(2));
        shell.run("node", "drain", "n2", "--wait", "--within", "400ms")
                .fails(1, "not done within 400ms, but it goes on: 2 replicas are on node n2 still\n");
        shell.run("leave", "n2", "--within", "400ms").fails(1, "2 replicas are on node n2 still\n");
        assertThat(cluster.received(RemoveNodeRequest.class)).isEmpty();
    }

    @Test
    void aDrainThatCannotEndSaysWhyWhileItIsWaitedFor() throws Exception {
        String why = "2 replicas have nowhere to go: add a node";
        Replies.script(
                cluster,
                DescribeNodeRequest.class,
                drained(2).toBuilder().addStranded(why).build());
        var result = shell.run("leave", "n2", "--within", "400ms");
        result.fails(1, "it goes on: 2 replicas are on node n2 still; " + why + "\n");
        assertThat(result.err()).contains("node n2: 2 replicas left; " + why + "\n");
        assertThat(shell.run("node", "describe", "n2").out()).contains("\n" + why + "\n");
        assertThat(json("node", "describe", "n2").at("/stranded/0").asText()).isEqualTo(why);
    }

    @Test
    void anAnswerFromBeforeTheOrderIsNoAnswer() {
        Replies.script(
                cluster,
                DescribeNodeRequest.class,
                DescribeNodeResponse.newBuilder()
                        .setEpoch(1)
                        .setNode(Node.newBuilder().setId("n2"))
                        .build(),
                drained(0));
        shell.run("node", "drain", "n2", "--wait").prints("node n2 is empty, epoch 2\n");
        assertThat(cluster.received(DescribeNodeRequest.class)).hasSizeGreaterThan(1);
    }

    @Test
    void aNodeThatLeavesIsDrainedAndRemoved() {
        Replies.script(cluster, DescribeNodeRequest.class, drained(0));
        shell.run("leave", "n2").prints("node n2 has left, epoch 4\n");
        assertThat(((RemoveNodeRequest)
                                cluster.received(RemoveNodeRequest.class).get(0).request())
                        .getForce())
                .isFalse();
    }

    @Test
    void aMoveIsWaitedForUntilItIsDone() throws Exception {
        Replies.script(
                cluster,
                ListMigrationsRequest.class,
                moves(move(7, "n1", "n2", MigrationPhase.COPYING, 0)),
                moves(move(7, "n1", "n2", MigrationPhase.DONE, 100)));
        shell.run("migrate", "users", "3", "n1", "n2", "--wait")
                .prints("move 7: users/3 n1 -> n2 (drain) done after 1m5s\n");
        assertThat(json("add-replica", "users", "3", "n2", "--wait")
                        .at("/migration/phase")
                        .asText())
                .isEqualTo("done");
    }

    @Test
    void aMoveThatFailsIsAFailure() {
        Replies.script(
                cluster,
                ListMigrationsRequest.class,
                moves(move(7, "n1", "n2", MigrationPhase.FAILED, 100).setMessage("node n2 is gone")));
        shell.run("migrate", "users", "3", "n1", "n2", "--wait")
                .fails(3, "move 7: users/3 n1 -> n2 (drain) failed after 1m5s: node n2 is gone\n");
        Replies.script(cluster, ListMigrationsRequest.class, moves());
        shell.run("migrate", "users", "3", "n1", "n2", "--wait")
                .fails(4, "'aitta partition describe users 3' shows what it came to\n");
    }

    @Test
    void aBalanceIsPrintedBeforeItIsDoneAndWaitedForUntilThereIsNothingToMove() throws Exception {
        var plan = RebalanceResponse.newBuilder()
                .setEpoch(50)
                .setPrimariesToTransfer(1)
                .addMoves(PlannedMove.newBuilder()
                        .setTable("users")
                        .setPartition(3)
                        .setFrom("n1")
                        .setTo("n4")
                        .setCause(MoveCause.BALANCE))
                .build();
        var nothing = RebalanceResponse.newBuilder().setEpoch(51).build();
        Replies.script(cluster, RebalanceRequest.class, plan);
        shell.run("rebalance", "--dry-run")
                .prints(
                        """
                PARTITION  MOVE      CAUSE
                users/3    n1 -> n4  balance
                1 moves, 1 primaries to transfer, epoch 50; nothing was done
                """);
        assertThat(json("rebalance", "--table", "users"))
                .hasToString(
                        "{\"epoch\":50,\"moves\":[{\"table\":\"users\",\"partition\":3,\"from\":\"n1\",\"to\":\"n4\","
                                + "\"learner\":false,\"cause\":\"balance\"}],\"primaries_to_transfer\":1,\"done\":false}");
        cluster.script(RebalanceRequest.class, q -> q.getDryRun() ? nothing : plan);
        Replies.script(
                cluster,
                ListMigrationsRequest.class,
                moves(move(7, "n1", "n4", MigrationPhase.COPYING, 0)),
                moves(move(7, "n1", "n4", MigrationPhase.COPYING, 0)),
                moves());
        var waited = shell.run("rebalance", "--wait");
        assertThat(waited.status()).as(waited.err()).isZero();
        assertThat(waited.out()).endsWith("1 moves, 1 primaries to transfer, epoch 50\n");
        var asked = cluster.received(RebalanceRequest.class).stream()
                .map(received -> (RebalanceRequest) received.request())
                .toList();
        assertThat(asked)
                .extracting(RebalanceRequest::getDryRun)
                .startsWith(true, false, false)
                .endsWith(true);
        assertThat(asked).extracting(RebalanceRequest::getTable).startsWith("", "users", "");
        Replies.script(cluster, RebalanceRequest.class, nothing);
        shell.run("rebalance").prints("nothing to move, epoch 51\n");
    }

    // ---- what is asked twice ------------------------------------------------------------------------------------

    private void scriptLoss() {
        Replies.script(
                cluster,
                RemoveNodeRequest.class,
                RemoveNodeResponse.newBuilder()
                        .setEpoch(50)
                        .setReplicasToReplace(12)
                        .addWithoutMajority(
                                PartitionName.newBuilder().setTable("users").setPartition(3))
                        .addLost(PartitionName.newBuilder().setTable("cache").setPartition(0))
                        .build());
    }

    @Test
    void givingANodeUpSaysFirstWhatWouldBeLost() throws Exception {
        scriptLoss();
        String loss = "; 12 replicas to be made anew elsewhere; WITHOUT A MAJORITY: users/3;"
                + " LOST, with all their data: cache/0\n";
        shell.run("node", "remove", "n2", "--force", "--dry-run").prints("node n2 would be given up" + loss);
        var nobody = shell.run("node", "remove", "n2", "--force");
        nobody.fails(2, "nobody can be asked here; add --yes if that is what you want\n");
        assertThat(nobody.err()).startsWith("aitta node remove: node n2 would be given up for good" + loss);
        assertThat(orders()).as("nothing was ordered").isEmpty();

        var refused = shell.atTerminal("no").run("node", "remove", "n2", "--force");
        refused.fails(1, "Type n2 to go on: aitta node remove: nothing was done\n");
        assertThat(orders()).isEmpty();
        shell.atTerminal("n2").run("node", "remove", "n2", "--force").prints("node n2 is given up, epoch 50" + loss);
        shell.run("node", "remove", "n2", "--force", "--yes").prints("node n2 is given up, epoch 50" + loss);
        assertThat(orders()).hasSize(2).allMatch(RemoveNodeRequest::getForce);
        assertThat(json("node", "remove", "n2", "--force", "--dry-run"))
                .hasToString("{\"epoch\":50,\"done\":false,\"replicas_to_replace\":12,\"without_majority\":[{\"table\":"
                        + "\"users\",\"partition\":3}],\"lost\":[{\"table\":\"cache\",\"partition\":0}]}");
    }

    private List<RemoveNodeRequest> orders() {
        return cluster.received(RemoveNodeRequest.class).stream()
                .map(received -> (RemoveNodeRequest) received.request())
                .filter(request -> !request.getDryRun())
                .toList();
    }

    @Test
    void anUnsafeRecoveryAsksTwice() {
        Replies.script(
                cluster,
                DescribePartitionRequest.class,
                DescribePartitionResponse.newBuilder()
                        .setEpoch(50)
                        .setPartition(Replies.partition(
                                Replies.replica("n1", Role.SECONDARY, 812, 0),
                                Replies.replica("n2", Role.SECONDARY, 0, 0).clearState()))
                        .build());
        String[] words = {"partition", "recover", "users", "3", "--unsafe"};
        shell.run(words).fails(2, "nobody can be asked here; add --yes-i-accept-loss if that is what you want\n");
        shell.atTerminal("no").run(words).fails(1, "nothing was done\n");
        shell.atTerminal("yes", "yes").run(words).fails(1, "nothing was done\n");
        shell.atTerminal("yes", "").run(words).fails(1, "nothing was done\n");
        assertThat(cluster.received(RecoverPartitionRequest.class)).isEmpty();

        var done = shell.atTerminal("yes", "users/3").run(words);
        done.prints("partition users/3 goes on with the survivors, epoch 2\n");
        assertThat(done.err())
                .contains("n1    secondary  ok         7        812      812    0")
                .contains("users/3 would go on with the replica that has the most of the log alone.")
                .contains("Type yes to go on: ", "Type users/3 to go on: ");
        shell.run("partition", "recover", "users", "3", "--unsafe", "--survivor", "n1", "--yes-i-accept-loss")
                .prints("partition users/3 goes on with the survivors, epoch 3\n");
        var last = (RecoverPartitionRequest)
                cluster.received(RecoverPartitionRequest.class).get(1).request();
        assertThat(last.getAcceptLoss()).isTrue();
        assertThat(last.getSurvivorsList()).containsExactly("n1");
    }
}
