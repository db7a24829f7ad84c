package io.aitta.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.client.AittaTable;
import io.aitta.proto.v1.MigrationPhase;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Nodes go on from what nodes of the release before have left; {@code previous-release/README.md} tells what that is. */
@Timeout(240)
class PreviousReleaseIT {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @RegisterExtension
    final Stage stage = new Stage();

    @Test
    void whatTheReleaseBeforeHasAcknowledgedIsThereAndCanBeMovedAndOutlivesAKill() throws IOException {
        var cluster = stage.cluster(Cluster.Plan.of(3));
        for (var node : cluster.nodes()) {
            unpack(node.id + "/", node.dataDir());
        }
        cluster.start();
        cluster.awaitWhole();
        stage.say("the nodes are ready");
        var client = cluster.client(PATIENCE);
        var small = client.table("small").blocking();
        for (int i = 0; i < 60; i++) {
            var expected = i % 7 == 0 ? "again-" + i : "x".repeat(i % 50) + i;
            if (i >= 3 && i <= 5) {
                assertThat(small.get(Load.bytes("k" + i))).isEmpty();
            } else {
                assertThat(text(small, "k" + i)).isEqualTo(expected);
            }
        }
        assertThat(text(small, "last")).isEqualTo("before the power went");
        assertThat(text(small, "log")).isEqualTo("one,two");
        assertThat(small.increment(Load.bytes("counter"), 1).value()).isEqualTo(43);
        assertThat(small.get(Load.bytes("gone"))).isEmpty();
        assertThat(small.timeToLive(Load.bytes("forever"))).isPresent();

        var orders = new Orders(cluster);
        var pair = client.table("pair").blocking();
        pair.set(Load.bytes("b"), Load.bytes("3"));
        orders.awaitSettled();
        var holders = cluster.topology().getPartitionsList().stream()
                .filter(partition -> partition.getTable().equals("pair"))
                .flatMap(partition -> partition.getReplicasList().stream())
                .map(replica -> replica.getNode())
                .toList();
        var free = cluster.nodes().stream()
                .filter(node -> !holders.contains(node.id))
                .findFirst()
                .orElseThrow();
        long move = orders.migrate("pair", 0, holders.get(0), free.id).getId();
        Await.until(
                () -> "the move has ended: " + orders.migration(move), Duration.ofSeconds(60), () -> orders.migration(
                                move)
                        .filter(one -> one.getPhase() == MigrationPhase.DONE)
                        .isPresent());
        orders.awaitSettled();
        stage.say("a replica was moved to %s", free);
        cluster.kill(cluster.node(1));
        assertThat(text(small, "k59")).isEqualTo("x".repeat(9) + "59");
    }

    private static String text(AittaTable.BlockingView table, String key) {
        return table.get(Load.bytes(key)).orElseThrow().utf8();
    }

    private static void unpack(String part, Path into) throws IOException {
        try (InputStream data =
                        PreviousReleaseIT.class.getResourceAsStream("/previous-release/data-of-three-nodes.zip");
                var zip = new ZipInputStream(data)) {
            for (var entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (entry.getName().startsWith(part)) {
                    var file = into.resolve(entry.getName().substring(part.length()));
                    Files.createDirectories(file.getParent());
                    Files.copy(zip, file);
                }
            }
        }
    }
}
