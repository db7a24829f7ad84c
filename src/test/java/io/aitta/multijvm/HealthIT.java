package io.aitta.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.client.AittaException;
import io.aitta.client.AittaTable;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What {@code /startup}, {@code /ready} and {@code /alive} say of a node that is in trouble, while it is. */
@Timeout(240)
class HealthIT {
    private static final Duration LIMIT = Duration.ofSeconds(40);
    private static final Cluster.Plan PLAN =
            Cluster.Plan.of(3).withTroubledDisks().with("aitta.health.slow-after=500ms", "aitta.health.hung-after=5s");

    @RegisterExtension
    private final Stage stage = new Stage();

    @Test
    void aNodeWhoseJournalHangsIsNotReadyAndAfterLongNotAliveAndRecoversWhenItIsAnswered() {
        var cluster = stage.shared(PLAN);
        var node = cluster.node(1);
        var table = table(cluster);
        var disk = TroubledDisk.of(node);
        disk.writesHang();
        try {
            Await.until(() -> node + " is not ready: " + ready(node), LIMIT, () -> {
                tryToWrite(table);
                return says(node, "/ready", 500, "the journal has not answered a write for");
            });
            assertThat(says(node, "/startup", 200, "")).isTrue();
            Await.until("the others serve without it", LIMIT, () -> cluster.allBut(node).stream()
                    .allMatch(other -> says(other, "/ready", 200, "")));
            Await.until(node + " is not alive", LIMIT, () -> says(node, "/alive", 500, "has not answered a write for"));
        } finally {
            disk.isWell();
        }
        Await.until(() -> node + " is well: " + ready(node), LIMIT, () -> isWell(node));
    }

    @Test
    void aNodeWhoseDiskIsFullIsNotReadyAndAliveAndReadyWhenThereIsRoom() {
        var cluster = stage.shared(PLAN);
        var node = cluster.node(2);
        var table = table(cluster);
        var disk = TroubledDisk.of(node);
        disk.isFull();
        try {
            Await.until(() -> node + " is not ready: " + ready(node), LIMIT, () -> {
                tryToWrite(table);
                return says(node, "/ready", 500, "the journal cannot be written: No space left on device");
            });
            assertThat(says(node, "/alive", 200, "")).isTrue();
            assertThat(says(node, "/startup", 200, "")).isTrue();
        } finally {
            disk.isWell();
        }
        Await.until(() -> node + " is well: " + ready(node), LIMIT, () -> isWell(node));
    }

    @Test
    void aNodeThatHasLostItsMajorityIsNotReadyAndAlive() {
        var cluster = stage.shared(PLAN);
        var left = cluster.node(1);
        var gone = cluster.allBut(left);
        gone.forEach(cluster::kill);
        Await.until(() -> left + " is not ready: " + ready(left), LIMIT, () -> says(left, "/ready", 500, "partition"));
        assertThat(left.get("/ready").orElseThrow().body())
                .containsAnyOf("has no primary", "no majority can be reached");
        assertThat(says(left, "/alive", 200, "")).isTrue();
        assertThat(says(left, "/startup", 200, "")).isTrue();
        gone.forEach(cluster::begin);
        Await.until(() -> left + " is well: " + ready(left), LIMIT, () -> isWell(left));
    }

    @Test
    void aNodeThatReplaysItsBinlogsHasNotStartedAndIsAlive() {
        var cluster = stage.shared(PLAN);
        var table = table(cluster);
        for (int i = 0; i < 200; i++) {
            table.set(Load.bytes("key-" + i), Load.bytes("value"));
        }
        var node = cluster.node(3);
        cluster.kill(node);
        var disk = TroubledDisk.of(node);
        disk.replaysHang();
        try {
            cluster.begin(node);
            Await.until(
                    () -> node + " replays: " + node.get("/startup"),
                    LIMIT,
                    () -> says(node, "/startup", 500, "the binlogs are being replayed: "));
            assertThat(says(node, "/alive", 200, "")).isTrue();
            assertThat(says(node, "/ready", 500, "has not been recovered")).isTrue();
        } finally {
            disk.isWell();
        }
        Await.until(() -> node + " is well: " + ready(node), LIMIT, () -> isWell(node));
    }

    private static AittaTable.BlockingView table(Cluster cluster) {
        return cluster.client(Duration.ofSeconds(1)).table("default").blocking();
    }

    /** It may fail: what is of interest is what it leads to. */
    private static void tryToWrite(AittaTable.BlockingView table) {
        for (String key : List.of("a", "b", "c")) {
            try {
                table.set(Load.bytes(key), Load.bytes("value"));
            } catch (AittaException expected) {
                return;
            }
        }
    }

    private static boolean isWell(NodeProcess node) {
        return says(node, "/startup", 200, "") && says(node, "/ready", 200, "") && says(node, "/alive", 200, "");
    }

    private static String ready(NodeProcess node) {
        return node.get("/ready")
                .map(answer -> answer.statusCode() + " " + answer.body())
                .orElse("nothing");
    }

    private static boolean says(NodeProcess node, String path, int status, String text) {
        return node.get(path)
                .filter(answer -> answer.statusCode() == status && answer.body().contains(text))
                .isPresent();
    }
}
