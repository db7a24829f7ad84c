package io.aitta.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.aitta.cli.Shell;
import io.aitta.client.AittaException;
import io.aitta.client.AittaTable;
import io.aitta.client.Consistency;
import io.aitta.client.VersionedValue;
import io.aitta.core.hash.KeyHash;
import io.aitta.proto.v1.KvGrpc;
import io.aitta.proto.v1.NodeState;
import io.aitta.proto.v1.Partition;
import io.aitta.proto.v1.Replica;
import io.aitta.proto.v1.Role;
import io.aitta.proto.v1.SetRequest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A partition's majority is gone for good, and with it writes that it had acknowledged: docs/ORCHESTRATION.md is followed
 * to the end, where one of the lost nodes comes back all the same and knows more than those that went on without it.
 */
@Timeout(240)
class RecoverIT {
    private static final String TABLE = "t";
    private static final int PARTITIONS = 4;
    private static final int KEYS = 64;
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration PATIENT = Duration.ofSeconds(30);

    /**
     * Who has which part.
     *
     * @param survivor the one of three that has a replica and is left
     * @param spare has no replica; it and the survivor are a majority of {@code _meta}
     * @param back was primary, is lost, and comes back when it is too late
     * @param gone is lost and does not come back
     */
    private record Cast(int partition, NodeProcess survivor, NodeProcess spare, NodeProcess back, NodeProcess gone) {
        boolean hasKey(ByteString key) {
            return KeyHash.partitionOf(key.toByteArray(), PARTITIONS) == partition;
        }
    }

    @RegisterExtension
    final Stage stage = new Stage();

    @Test
    void aPartitionWithoutItsMajorityGoesOnWithWhatTheSurvivorHasAndNobodyWhoComesBackKnowsBetter() {
        var cluster = stage.cluster(Cluster.Plan.of(4).withCuttableLinks().with("aitta.table.default-partitions=1"))
                .start();
        cluster.awaitWhole();
        var client = cluster.client(PATIENT);
        client.admin().blocking().createTable(TABLE, OptionalInt.of(PARTITIONS), OptionalInt.of(3));
        var table = client.table(TABLE);
        var keys = keys("key");
        keys.forEach(key -> table.blocking().set(key, key));
        var orders = new Orders(cluster);
        orders.awaitSettled();
        awaitAllAgree(new Shell(cluster.node(1).endpoint().toString()));
        var cast = cast(cluster, orders);
        var here = keys.stream().filter(cast::hasKey).toList();
        var late = keys("late").stream().filter(cast::hasKey).toList();
        assertThat(here).isNotEmpty();
        assertThat(late).isNotEmpty();
        stage.say("%s, %d keys", cast, here.size());

        loseTheMajority(cluster, cast, late);
        var hasty = cluster.client(Duration.ofSeconds(1)).table(TABLE).blocking();
        var answer = new AtomicReference<>("");
        Await.until(() -> "writes are refused: " + answer.get(), LIMIT, () -> {
            answer.set(answerToAWrite(hasty, here.get(0)));
            return answer.get().equals("NO_QUORUM");
        });
        var eventual = table.withConsistency(Consistency.eventual()).blocking();
        here.forEach(key -> assertThat(valueOf(eventual, key)).contains(key));
        awaitTheyAreMissed(cluster, cast);

        long epoch = cluster.topology().getEpoch();
        var shell = new Shell(cast.survivor.endpoint() + "," + cast.spare.endpoint());
        var recovered = shell.run(
                "--timeout",
                "30s",
                "partition",
                "recover",
                TABLE,
                "" + cast.partition,
                "--unsafe",
                "--yes-i-accept-loss");
        assertThat(recovered.status()).as(recovered.err()).isZero();
        stage.say("%s", recovered.out().strip());
        table.blocking().set(here.get(0), here.get(0));
        here.forEach(key -> assertThat(valueOf(table.blocking(), key)).contains(key));
        late.forEach(key -> assertThat(valueOf(table.blocking(), key)).isEmpty());
        awaitItIsRecorded(shell, epoch, cast);

        cluster.restart(cast.back);
        stage.say("%s is back", cast.back);
        var removed = shell.run("--timeout", "30s", "node", "remove", cast.gone.id, "--force", "--yes");
        assertThat(removed.status()).as(removed.err()).isZero();
        cluster.forget(cast.gone);
        orders.awaitSettled();
        awaitAllAgree(shell);
        assertThat(nodesOf(orders.describe(TABLE, cast.partition)))
                .containsExactlyInAnyOrder(cast.survivor.id, cast.spare.id, cast.back.id);
        here.forEach(key -> assertThat(valueOf(table.blocking(), key)).contains(key));
        late.forEach(key -> assertThat(valueOf(table.blocking(), key)).isEmpty());
    }

    private static List<ByteString> keys(String prefix) {
        return IntStream.range(0, KEYS)
                .mapToObj(i -> Load.bytes(prefix + " " + i))
                .toList();
    }

    private static Cast cast(Cluster cluster, Orders orders) {
        var meta = nodesOf(orders.describe("_meta", 0));
        for (int partition = 0; partition < PARTITIONS; partition++) {
            var holders = nodesOf(orders.describe(TABLE, partition));
            var spare = cluster.nodes().stream()
                    .filter(node -> !holders.contains(node.id) && meta.contains(node.id))
                    .findFirst();
            if (spare.isPresent()) {
                var survivor =
                        holders.stream().filter(meta::contains).findFirst().orElseThrow();
                var lost =
                        holders.stream().filter(node -> !node.equals(survivor)).toList();
                orders.transferPrimary(TABLE, partition, lost.get(0));
                return new Cast(
                        partition,
                        cluster.node(survivor),
                        spare.get(),
                        cluster.node(lost.get(0)),
                        cluster.node(lost.get(1)));
            }
        }
        throw new AssertionError("every partition is on all of " + meta + ", who keep _meta");
    }

    /** What is acknowledged last, the survivor never hears of: not even what was sent to it already gets through. */
    private static void loseTheMajority(Cluster cluster, Cast cast, List<ByteString> late) {
        var lost = List.of(cast.back, cast.gone);
        lost.forEach(node -> cluster.cut(cast.survivor, node));
        var primary = KvGrpc.newBlockingStub(cast.back.channel());
        late.forEach(key -> primary.withDeadlineAfter(PATIENT.toSeconds(), TimeUnit.SECONDS)
                .set(SetRequest.newBuilder()
                        .setTable(TABLE)
                        .setKey(key)
                        .setValue(key)
                        .build()));
        lost.forEach(cluster::kill);
        lost.forEach(node -> cluster.resetConnections(cast.survivor, node));
        cluster.heal();
    }

    private static void awaitTheyAreMissed(Cluster cluster, Cast cast) {
        Await.until("the orchestrator knows that two nodes are away", LIMIT, () -> cluster.topologyOf(
                        cluster.orchestrator())
                .filter(seen -> seen.getNodesList().stream()
                        .filter(node -> node.getState() != NodeState.NODE_UP)
                        .map(node -> node.getId())
                        .toList()
                        .containsAll(List.of(cast.back.id, cast.gone.id)))
                .isPresent());
    }

    private static void awaitItIsRecorded(Shell shell, long epoch, Cast cast) {
        var name = TABLE + "/" + cast.partition;
        var history = new AtomicReference<>("");
        Await.until(() -> "it is recorded: " + history.get(), LIMIT, () -> {
            history.set(shell.run("query", "--diff", "" + epoch).out());
            return history.get()
                            .contains(name + " goes on with node " + cast.survivor
                                    + " alone: what only its other replicas had was given up\n")
                    && history.get().contains(name + " has recovered\n");
        });
    }

    private static void awaitAllAgree(Shell shell) {
        var told = new AtomicReference<>("");
        Await.until(() -> "all replicas agree: " + told.get(), LIMIT, () -> {
            var result = shell.run("-t", TABLE, "check", "--deep");
            told.set(result.out() + result.err());
            return result.status() == 0 && told.get().contains(" equal, 0 different, 0 not compared\n");
        });
    }

    /** The reason it is refused for; empty if it is not. */
    private static String answerToAWrite(AittaTable.BlockingView table, ByteString key) {
        try {
            table.set(key, key);
            return "";
        } catch (AittaException refused) {
            return refused.reason();
        }
    }

    private static Optional<ByteString> valueOf(AittaTable.BlockingView table, ByteString key) {
        return table.get(key).map(VersionedValue::bytes);
    }

    /** The primary's first. */
    private static List<String> nodesOf(Partition partition) {
        return partition.getReplicasList().stream()
                .sorted((a, b) -> Boolean.compare(b.getRole() == Role.PRIMARY, a.getRole() == Role.PRIMARY))
                .map(Replica::getNode)
                .toList();
    }
}
