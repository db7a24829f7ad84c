package io.aitta.multijvm;

import static io.aitta.multijvm.Load.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.aitta.backup.BackupCreate;
import io.aitta.backup.BackupDirectory;
import io.aitta.backup.BackupSource;
import io.aitta.cli.Shell;
import io.aitta.client.AittaException;
import io.aitta.client.AittaTable;
import io.aitta.client.ReadOutcome;
import io.aitta.client.SetOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Nothing is left of a cluster but its backups, and that is enough. */
@Timeout(300)
class BackupIT {
    private static final String TABLE = "orders";
    private static final int FILLED = 20_000;
    private static final int WRITERS = 4;
    private static final int READ_AT_ONCE = 500;
    private static final Duration LIFE = Duration.ofHours(1);

    @RegisterExtension
    final Stage stage = new Stage();

    @TempDir
    private Path backups;

    /** Keys that are written once, and counters that are written again and again; the last acknowledged of each. */
    private final Map<String, Integer> acknowledged = new ConcurrentHashMap<>();

    private final AtomicBoolean ended = new AtomicBoolean();
    private final List<Thread> writers = new ArrayList<>();

    @Test
    void afterTheLossOfAllNodesEveryWriteAcknowledgedBeforeTheMarkIsRestored() throws Exception {
        var cluster = stage.cluster(Cluster.Plan.of(3)).start();
        cluster.awaitWhole();
        assertThat(shell(cluster)
                        .runLine("table create " + TABLE + " --partitions 8 --default-ttl 30d")
                        .status())
                .isZero();
        fill(cluster);
        long expiresAtMillis = System.currentTimeMillis() + LIFE.toMillis();
        cluster.client(Duration.ofSeconds(10))
                .table(TABLE)
                .blocking()
                .set(bytes("expiring"), bytes("later"), SetOptions.DEFAULT.expiringAfter(LIFE));
        Map<String, Integer> beforeMark;
        try {
            writeOn(cluster);
            backUpWhileANodeIsKilled(cluster);
            int before = acknowledged.size();
            Await.until("more is written", Duration.ofSeconds(60), () -> acknowledged.size() > before + 200);
            beforeMark = new HashMap<>(acknowledged);
            backUpWhatChanged(cluster);
        } finally {
            ended.set(true);
            for (var writer : writers) {
                writer.join();
            }
        }

        cluster.killAll();
        for (var node : cluster.nodes()) {
            Stage.removeAll(node.dataDir());
        }
        stage.say("nothing is left of the cluster");

        var another = stage.cluster(Cluster.Plan.of(3)).start();
        another.awaitWhole();
        restore(another);
        assertThat(another.partitionsOf(TABLE)).isEqualTo(5);
        findAll(another, beforeMark);
        var table = another.client(Duration.ofSeconds(10)).table(TABLE).blocking();
        long left = table.timeToLive(bytes("expiring"))
                .orElseThrow()
                .remaining()
                .orElseThrow()
                .toMillis();
        assertThat(System.currentTimeMillis() + left).isBetween(expiresAtMillis - 1_000, expiresAtMillis + 10_000);
        assertThat(shell(another).runLine("-o json table describe " + TABLE).out())
                .contains("2592000000");
        refusesToOverwrite(another);
    }

    private static Shell shell(Cluster cluster) {
        return new Shell(
                cluster.nodes().stream().map(node -> node.endpoint().toString()).collect(Collectors.joining(",")));
    }

    private static ByteString value(int number) {
        return bytes(number + ":" + "x".repeat(200));
    }

    private void fill(Cluster cluster) {
        var table = cluster.client(Duration.ofSeconds(20)).table(TABLE).blocking();
        for (int from = 0; from < FILLED; from += READ_AT_ONCE) {
            var some = new ArrayList<Map.Entry<ByteString, ByteString>>();
            for (int i = from; i < from + READ_AT_ONCE; i++) {
                some.add(Map.entry(bytes("filled-" + i), value(i)));
                acknowledged.put("filled-" + i, i);
            }
            assertThat(table.multiSet(some))
                    .hasSize(READ_AT_ONCE)
                    .allMatch(outcome -> outcome instanceof io.aitta.client.WriteOutcome.Written);
        }
    }

    private void writeOn(Cluster cluster) {
        var table = cluster.client(Duration.ofSeconds(5)).table(TABLE);
        for (int i = 0; i < WRITERS; i++) {
            int number = i;
            var thread = new Thread(() -> write(table.blocking(), number), "writer-" + i);
            thread.setDaemon(true);
            writers.add(thread);
            thread.start();
        }
    }

    private void write(AittaTable.BlockingView table, int writer) {
        for (int i = 0; !ended.get(); i++) {
            String key = i % 4 == 0 ? "counter-" + writer : "once-" + writer + "-" + i;
            try {
                table.set(bytes(key), value(i));
                acknowledged.put(key, i);
            } catch (AittaException notAcknowledged) {
                // Of it nothing is promised; the next counts again.
            }
        }
    }

    /** The reading stands still while the node is killed, so that this is in its middle whatever the machine does. */
    private void backUpWhileANodeIsKilled(Cluster cluster) throws IOException {
        var before = new HashMap<>(acknowledged);
        var victim = cluster.withMostPrimaries();
        var killed = new AtomicBoolean();
        var directory = new BackupDirectory(backups.resolve("shop"));
        long begun = System.nanoTime();
        var backup = new BackupCreate(
                directory,
                BackupSource.of(cluster.client(Duration.ofSeconds(10))),
                BackupCreate.Options.DEFAULT,
                now -> {
                    if (now.events() > 1_000 && !killed.getAndSet(true)) {
                        assertThat(now.partitionsDone()).isLessThan(now.partitions());
                        stage.say("kills %s after %d keys of the backup", victim, now.events());
                        cluster.kill(victim);
                    }
                },
                trouble -> stage.say("%s", trouble));
        var manifest = backup.run();
        double seconds = (System.nanoTime() - begun) / 1e9;
        assertThat(killed).isTrue();
        assertThat(manifest.whole()).isTrue();
        assertThat(manifest.events()).isGreaterThanOrEqualTo(before.size());
        stage.say(
                "whole backup under load, with the loss of a node: %,d keys, %,d bytes in %.2f s (%,.0f keys/s)",
                manifest.events(), manifest.bytes(), seconds, manifest.events() / seconds);
    }

    private void backUpWhatChanged(Cluster cluster) {
        var made = shell(cluster).runLine("--timeout 20s backup create " + backups.resolve("shop"));
        assertThat(made.status()).as(made.err()).isZero();
        assertThat(made.out()).contains("backup 2").contains("keys and changes");
        stage.say("%s%s", made.err(), made.out().strip());
        var verified = shell(cluster).runLine("backup verify " + backups.resolve("shop"));
        assertThat(verified.out()).as(verified.err()).contains("2 backups", "all as written");
        assertThat(verified.status()).isZero();
        var described = shell(cluster).runLine("backup describe " + backups.resolve("shop"));
        assertThat(described.out()).contains("backup 2").contains(TABLE);
        assertThat(shell(cluster)
                        .runLine("backup list " + backups.resolve("shop"))
                        .out())
                .contains("changes")
                .contains("whole");
    }

    private void restore(Cluster cluster) {
        var restored = shell(cluster)
                .runLine("--timeout 20s restore " + backups.resolve("shop") + " --table " + TABLE + " --partitions 5");
        assertThat(restored.status()).as(restored.err()).isZero();
        stage.say("%s", restored.out().strip());
    }

    private void findAll(Cluster cluster, Map<String, Integer> expected) {
        var table = cluster.client(Duration.ofSeconds(20)).table(TABLE).blocking();
        var keys = new ArrayList<>(expected.keySet());
        for (int from = 0; from < keys.size(); from += READ_AT_ONCE) {
            var some = keys.subList(from, Math.min(keys.size(), from + READ_AT_ONCE));
            var found = table.multiGet(some.stream().map(Load::bytes).toList());
            for (int i = 0; i < some.size(); i++) {
                String key = some.get(i);
                assertThat(found.get(i)).as("the acknowledged write of %s", key).isInstanceOf(ReadOutcome.Found.class);
                String text = ((ReadOutcome.Found) found.get(i)).value().utf8();
                int number = Integer.parseInt(text.substring(0, text.indexOf(':')));
                // What was written after the mark may be in the backup too.
                assertThat(number).as(key).isGreaterThanOrEqualTo(expected.get(key));
                assertThat(text).isEqualTo(value(number).toStringUtf8());
            }
        }
        stage.say("all %,d keys that were acknowledged before the mark are there", keys.size());
    }

    private void refusesToOverwrite(Cluster cluster) throws IOException {
        var again = shell(cluster).runLine("restore " + backups.resolve("shop") + " --table " + TABLE);
        assertThat(again.status()).isEqualTo(3);
        assertThat(again.err()).contains("has data", "--overwrite");
        Path file;
        try (var files = Files.walk(backups)) {
            file = files.filter(one -> one.toString().endsWith("00003.pieces"))
                    .findFirst()
                    .orElseThrow();
        }
        byte[] content = Files.readAllBytes(file);
        content[content.length / 2] ^= 1;
        Files.write(file, content);
        var damaged = shell(cluster).runLine("backup verify " + backups.resolve("shop"));
        assertThat(damaged.status()).isEqualTo(3);
        assertThat(damaged.err()).contains(file.toString());
    }
}
