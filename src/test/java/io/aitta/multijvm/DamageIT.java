package io.aitta.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.cli.Shell;
import io.aitta.core.PartitionId;
import io.aitta.journal.OfflineJournal;
import io.aitta.store.Planted;
import io.aitta.store.RocksStore;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Data that is damaged behind the cluster's back is found, named and healed as docs/TROUBLESHOOTING.md says. */
@Timeout(180)
class DamageIT {
    private static final int KEYS = 40;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @RegisterExtension
    final Stage stage = new Stage();

    @Test
    void aPlantedDifferenceAndAPlantedDamagedRowAreFoundNamedAndHealed() {
        var cluster = stage.cluster(Cluster.Plan.of(3)).start();
        cluster.awaitWhole();
        var n1 = cluster.node("n1");
        var n3 = cluster.node("n3");
        var shell = new Shell(n1.endpoint().toString());
        var client = cluster.client(Duration.ofSeconds(30));
        client.admin().blocking().createTable("t", OptionalInt.of(2), OptionalInt.of(3));
        var table = client.table("t").blocking();
        for (int i = 0; i < KEYS; i++) {
            table.set(Load.bytes("key " + i), Load.bytes("value " + i));
        }
        Await.until(
                () -> "the cluster is healthy: " + shell.run("check").out(),
                LIMIT,
                () -> shell.run("check").status() == 0);
        var sound = shell.run("-t", "t", "check", "--deep");
        assertThat(sound.status()).as(sound.out()).isZero();
        assertThat(sound.out()).contains(" equal, 0 different, 0 not compared\n");
        assertThat(shell.run("inspect", "binlog", n1.dataDir().toString()).status())
                .as("a running node's")
                .isEqualTo(3);

        cluster.stop(n3);
        var damagedRow = plant(n3);
        var binlog = shell.run("inspect", "binlog", n3.dataDir().toString());
        assertThat(binlog.status()).as(binlog.out()).isEqualTo(1);
        assertThat(binlog.out()).containsPattern("damaged: t@\\d+/1, row " + damagedRow + ": binlog record of");
        assertThat(shell.run("inspect", "store", n3.dataDir().toString()).status())
                .as("a value that nobody wrote looks like any other")
                .isZero();

        cluster.begin(n3);
        var told = new AtomicReference<>("");
        Await.until(() -> "the difference is found: " + told.get(), LIMIT, () -> {
            told.set(shell.run("-t", "t", "check", "--deep").out());
            return told.get().contains("1 different, 1 not compared");
        });
        assertThat(told.get())
                .contains("the replica of t/1 on node n3 has not been recovered, or its binlog has failed")
                .containsPattern("t/0 on node n3 differs at log index \\d+: its values differ")
                .contains("t/1 on node n3 was not compared: ");
        assertThat(table.get(Load.bytes("key 1"))).as("the others go on").isPresent();

        for (int partition = 0; partition < 2; partition++) {
            var removed = shell.run("--timeout", "60s", "remove-replica", "t", "" + partition, "n3", "--wait");
            assertThat(removed.status()).as(removed.out() + removed.err()).isZero();
            var added = shell.run("--timeout", "60s", "add-replica", "t", "" + partition, "n3", "--wait");
            assertThat(added.status()).as(added.out() + added.err()).isZero();
        }
        Await.until(() -> "all is well again: " + told.get(), LIMIT, () -> {
            var result = shell.run("-t", "t", "check", "--deep");
            told.set(result.out());
            return result.status() == 0;
        });
        stage.say("%s", told.get().strip());
        cluster.stop(n3);
        var healed = shell.run("inspect", "binlog", n3.dataDir().toString());
        assertThat(healed.status()).as(healed.out()).isZero();
    }

    /** Another value in partition 0, and a damaged row in the binlog of partition 1. @return the row's number */
    private static long plant(NodeProcess node) {
        try (var store = RocksStore.open(node.dataDir().resolve("store"), 8 << 20, 4 << 20)) {
            var first = store.partitions().stream()
                    .filter(id -> id.table().equals("t") && id.partition() == 0)
                    .findFirst()
                    .orElseThrow();
            Planted.value(store.replica(first), aKeyOf(store, first), "planted");
        }
        var journal = node.dataDir().resolve("journal");
        var second = OfflineJournal.persistenceIds(journal).stream()
                .filter(id -> id.matches("n3\\|t@\\d+/1"))
                .findFirst()
                .orElseThrow();
        var rows = OfflineJournal.rows(journal, second);
        long row = rows.get(rows.size() - 1);
        OfflineJournal.change(journal, second, row, payload -> {
            var damaged = payload.clone();
            damaged[damaged.length / 2] ^= 1;
            return damaged;
        });
        return row;
    }

    private static String aKeyOf(RocksStore store, PartitionId partition) {
        for (int i = 0; i < KEYS; i++) {
            String key = "key " + i;
            if (store.replica(partition).get(Load.bytes(key).toByteArray(), 0).isPresent()) {
                return key;
            }
        }
        throw new AssertionError(partition + " has none of the keys");
    }
}
