package io.aitta.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.config.DataDirectory;
import io.aitta.core.NodeId;
import io.aitta.proto.v1.NodeState;
import io.aitta.proto.v1.Role;
import io.aitta.proto.v1.Topology;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The life of a node's process: why it does not start, how it stops, and what it says. */
@Timeout(240)
class ServeIT {
    private static final Duration CLIENT_LIMIT = Duration.ofSeconds(30);

    @RegisterExtension
    final Stage stage = new Stage();

    @TempDir
    Path dir;

    // ---- it does not start ---------------------------------------------------------------------------------------

    @Test
    void aDirectoryInUseIsRefusedWithTheProcessThatHasIt() {
        var cluster = stage.cluster(Cluster.Plan.of(1)).start();
        var node = cluster.node(1);
        var second = serve("--data-dir", node.dataDir().toString());
        assertThat(second.err())
                .contains("data directory " + node.dataDir() + " is in use by process " + node.pid(), "--data-dir");
        assertThat(second.status()).isEqualTo(3);
        assertThat(node.isReady()).isTrue();
    }

    @Test
    void anotherNodesDirectoryIsRefusedWithBothNames() throws IOException {
        var data = dir.resolve("data");
        DataDirectory.open(data, Optional.of(new NodeId("n1"))).close();
        var result = serve("--node-id", "n2", "--data-dir", data.toString());
        assertThat(result.err()).contains("data directory " + data + " belongs to node n1, not n2");
        assertThat(result.status()).isEqualTo(2);
    }

    @Test
    void whatIsNoDirectoryOrCannotBeWrittenIsRefused() throws IOException {
        var file = Files.writeString(dir.resolve("file"), "");
        var notADirectory = serve("--data-dir", file.toString());
        assertThat(notADirectory.err()).contains(file + " cannot be used: it is a file, not a directory");
        assertThat(notADirectory.status()).isEqualTo(3);
        var notWritable = serve("--data-dir", "/proc/aitta");
        assertThat(notWritable.err()).contains("data directory /proc/aitta cannot be used", "--data-dir");
        assertThat(notWritable.status()).isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource({"--grpc-port", "--cluster-port", "--http-port"})
    void aTakenPortIsNamedWithTheFlagThatChoosesAnother(String flag) throws IOException {
        try (var other = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            var words = new ArrayList<>(
                    List.of("serve", "--data-dir", dir.resolve("data").toString()));
            for (var each : List.of("--grpc-port", "--cluster-port", "--http-port")) {
                words.addAll(List.of(each, each.equals(flag) ? Integer.toString(other.getLocalPort()) : "0"));
            }
            var result = Program.run(dir, words.toArray(String[]::new));
            assertThat(result.err())
                    .endsWith("aitta: cannot listen on 127.0.0.1:" + other.getLocalPort()
                            + ": another process has this port; stop it, or choose another with " + flag + "\n");
            assertThat(result.status()).isEqualTo(3);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--grpc-prot 1 | unknown option '--grpc-prot'; did you mean '--grpc-port'?",
                "--grpc-port 99999 | --grpc-port must be 0 (any free port) to 65535, not 99999",
                "--weight -1 | aitta.node.weight = -1 (--weight): must be a whole number from 0 to 10,000",
                "--zone a,b | aitta.node.zone = a,b (--zone): must be 1 to 40 letters, digits",
                "--config missing.conf | --config: there is no readable file 'missing.conf'",
                "-D aitta.grpc.prot=1 | unknown key aitta.grpc.prot in the command line; did you mean aitta.grpc.port?",
                "-D aitta.journal.backend=mysql | aitta.journal.backend = mysql (the command line): must be h2 or postgres",
                "-D aitta.store.block-cache=much | aitta.store.block-cache = much (the command line): must be a size",
            })
    void aWrongSettingIsNamed(String words, String sentence) {
        var result = serve(words.split(" "));
        assertThat(result.err()).contains(sentence);
        assertThat(result.err().lines()).hasSize(1);
        assertThat(result.status()).isEqualTo(2);
    }

    @Test
    void aWrongKeyOfAFileIsNamedWithItsLine() throws IOException {
        var file = Files.writeString(dir.resolve("my.conf"), "# mine\naitta {\n  node.wieght = 3\n}\n");
        var result = serve("--config", file.toString());
        assertThat(result.err())
                .isEqualTo("aitta: unknown key aitta.node.wieght in " + file + ":3; did you mean aitta.node.weight?\n");
        assertThat(result.status()).isEqualTo(2);
    }

    @Test
    void damagedFilesAreNamedAndWithTheirCopiesTheNodeServesAgain() throws IOException {
        var cluster = stage.cluster(Cluster.Plan.of(1)).start();
        var node = cluster.node(1);
        cluster.client(CLIENT_LIMIT).table("default").blocking().set(Load.bytes("a"), Load.bytes("b"));
        cluster.stop(node);
        var journal = node.dataDir().resolve("journal").resolve("journal.mv.db");
        damaged(journal, node, "the journal file " + journal + " is damaged");
        var store = node.dataDir().resolve("store");
        var table = only(store, ".sst");
        damaged(table, node, "the store in " + store, table.getFileName().toString());
        var manifest = only(store, "MANIFEST-");
        damaged(manifest, node, "the store in " + store, manifest.getFileName().toString());
        cluster.restart(node);
        var read = cluster.client(CLIENT_LIMIT).table("default").blocking().get(Load.bytes("a"));
        assertThat(read.orElseThrow().utf8()).isEqualTo("b");
    }

    /** Cuts off half of a file, has the node started, and puts the file back. */
    private void damaged(Path file, NodeProcess node, String... sentence) throws IOException {
        var whole = Files.readAllBytes(file);
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(whole.length / 2);
        }
        var result = serve("--data-dir", node.dataDir().toString());
        assertThat(result.err()).contains(sentence);
        assertThat(result.status()).isEqualTo(3);
        Files.write(file, whole);
    }

    private static Path only(Path directory, String part) throws IOException {
        try (var files = Files.list(directory)) {
            return files.filter(file -> file.getFileName().toString().contains(part))
                    .max(Comparator.naturalOrder())
                    .orElseThrow();
        }
    }

    // ---- it may not belong to the cluster ------------------------------------------------------------------------

    @Test
    void aSecondProcessOfARunningNodesNameIsTurnedAwayAndTheFirstServesOn() {
        var cluster = stage.cluster(Cluster.Plan.of(1)).start();
        var node = cluster.node(1);
        var table = cluster.client(Duration.ofSeconds(5)).table("default").blocking();
        var words = new String[] {
            "--node-id", node.id, "--data-dir", dir.resolve("other").toString(), "--seeds", node.seed()
        };
        try (var second = Program.aitta(dir, serveWords(words))) {
            for (int i = 0; second.isAlive(); i++) {
                table.set(Load.bytes("key-" + i % 100), Load.bytes("value"));
            }
            assertThat(second.result().err()).contains("node " + node.id + " is already running at " + node.seed());
            assertThat(second.result().status()).isEqualTo(3);
        }
        table.set(Load.bytes("afterwards"), Load.bytes("too"));
        assertThat(cluster.topology().getNodesCount()).isEqualTo(1);
    }

    @Test
    void aNodeThatLostItsDirectoryIsRefusedUnderItsNameAndJoinsUnderANewOne() throws IOException {
        var cluster = stage.cluster(Cluster.Plan.of(3)).start();
        var lost = cluster.node(3);
        cluster.kill(lost);
        Stage.removeAll(lost.dataDir());
        var seeds = cluster.node(1).seed() + "," + cluster.node(2).seed();
        var again = serve("--node-id", lost.id, "--data-dir", lost.dataDir().toString(), "--seeds", seeds);
        assertThat(again.err()).contains("the cluster knows node n3 with another data directory", "another --node-id");
        assertThat(again.status()).isEqualTo(3);
        var words =
                new String[] {"--node-id", "n4", "--data-dir", dir.resolve("n4").toString(), "--seeds", seeds};
        try (var fresh = Program.aitta(dir, serveWords(words))) {
            Await.until("n4 is up: " + fresh.output(), Cluster.READY_LIMIT, () -> isUp(cluster.topology(), "n4"));
            fresh.terminate();
            fresh.result();
        }
    }

    private static boolean isUp(Topology topology, String node) {
        return topology.getNodesList().stream()
                .anyMatch(one -> one.getId().equals(node) && one.getState() == NodeState.NODE_UP);
    }

    // ---- it stops ------------------------------------------------------------------------------------------------

    @Test
    void onSigtermItHandsItsPrimariesOverBeforeItEndsAndServesAfterARestart() {
        var cluster = stage.shared(Cluster.Plan.of(3));
        var table = stage.ownTable();
        var node = cluster.withMostPrimaries();
        try (var load = Load.on(cluster, table, stage.random())) {
            long begin = System.nanoTime();
            cluster.stop(node);
            var took = Duration.ofNanos(System.nanoTime() - begin);
            stage.say("%s stopped in %d ms", node, took.toMillis());
            assertThat(load.failures()).as("requests that suffered from it").isEmpty();
            assertThat(took).isLessThan(Duration.ofSeconds(15));
            // Were they elected after the node was missed, this would take longer.
            Await.until(
                    () -> "no primary is on " + node + ": " + cluster.topology(),
                    Duration.ofSeconds(1),
                    () -> primariesOn(cluster.topology(), node) == 0);
            load.goesOn();
            cluster.restart(node);
            load.goesOn();
            load.verify();
            stage.say(load.summary());
        }
    }

    private static long primariesOn(Topology topology, NodeProcess node) {
        return topology.getPartitionsList().stream()
                .flatMap(partition -> partition.getReplicasList().stream())
                .filter(replica ->
                        replica.getRole() == Role.PRIMARY && replica.getNode().equals(node.id))
                .count();
    }

    // ---- how -----------------------------------------------------------------------------------------------------

    private Program.Result serve(String... words) {
        return Program.run(dir, serveWords(words).toArray(String[]::new));
    }

    /** On free ports, and on a directory of this test unless another one is said. */
    private List<String> serveWords(String... words) {
        var all = new ArrayList<>(List.of("serve"));
        var said = List.of(words);
        for (var flag : List.of("--grpc-port", "--cluster-port", "--http-port")) {
            if (!said.contains(flag)) {
                all.addAll(List.of(flag, "0"));
            }
        }
        if (!said.contains("--data-dir")) {
            all.addAll(List.of("--data-dir", dir.resolve("data").toString()));
        }
        all.addAll(said);
        return all;
    }
}
