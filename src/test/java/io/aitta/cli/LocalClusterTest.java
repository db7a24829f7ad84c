package io.aitta.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LocalClusterTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir
    Path dir;

    private final AtomicInteger ended = new AtomicInteger();

    @Test
    void nodesAreReadyWhenTheySayThatTheyServeAndNoneIsLeftAtTheEnd() throws Exception {
        List<NodePlan> plans = plans(2);
        try (var cluster = new LocalCluster(plans, ended::incrementAndGet)) {
            cluster.start(fakeNode("serves"));
            cluster.awaitReady(LIMIT);
            assertThat(alive(plans)).hasSize(2);
            assertThat(cluster.endpoints())
                    .containsExactly(plans.get(0).endpoint(), plans.get(1).endpoint());
        }
        assertThat(alive(plans)).isEmpty();
        assertThat(ended).hasValue(1);
        String seeds = "127.0.0.1:" + plans.get(0).clusterPort() + ",127.0.0.1:"
                + plans.get(1).clusterPort();
        assertThat(Files.readString(dir.resolve("n2/log/node.log")))
                .contains("serve, --node-id, n2, --data-dir, " + dir.resolve("n2"))
                .contains("--grpc-port, " + (plans.get(0).grpcPort() + 10))
                .contains("--seeds, " + seeds)
                .contains("-D, aitta.bootstrap.expect-nodes=2");
    }

    @Test
    void whenANodeStopsItsLogIsShownAndTheOthersAreStopped() throws Exception {
        List<NodePlan> plans = plans(2);
        assertThatThrownBy(() -> {
                    try (var cluster = new LocalCluster(plans, ended::incrementAndGet)) {
                        cluster.start(fakeNode("fails"));
                        cluster.awaitReady(LIMIT);
                    }
                })
                .isInstanceOf(CommandFailed.class)
                .hasMessageContaining("node n2 stopped with exit code 3")
                .hasMessageEndingWith("  cannot go on: the disk is full");
        assertThat(alive(plans)).isEmpty();
    }

    @Test
    void aNodeThatDoesNotGetReadyInTimeIsNamed() {
        List<NodePlan> plans = plans(1);
        try (var cluster = new LocalCluster(plans, ended::incrementAndGet)) {
            cluster.start(fakeNode("starts"));
            assertThatThrownBy(() -> cluster.awaitReady(Duration.ofSeconds(2)))
                    .hasMessageStartingWith("node n1 is not ready after 2 s; its log (");
        }
    }

    @Test
    void aPortInUseIsNamedBeforeAnythingIsStarted() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            int base = taken.getLocalPort() - 11;
            var result = new Shell("").run("quickstart", "--base-port", Integer.toString(base), "--nodes", "2");
            assertThat(result.status()).isEqualTo(3);
            assertThat(result.err())
                    .contains("port " + taken.getLocalPort() + " (the cluster port of n2) cannot be had")
                    .contains("--base-port");
        }
    }

    @Test
    void aDirectoryIsRemovedWithAllInIt() throws Exception {
        Path data = Files.createDirectories(dir.resolve("data/n1/log"));
        Files.writeString(data.resolve("node.log"), "x");
        LocalCluster.remove(dir.resolve("data"));
        assertThat(dir.resolve("data")).doesNotExist();
    }

    private static List<String> fakeNode(String mode) {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return List.of(
                java,
                "-Xmx64m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                FakeNode.class.getName(),
                mode);
    }

    /** Plans on ports that nobody has. */
    private List<NodePlan> plans(int nodes) {
        for (int tries = 0; tries < 100; tries++) {
            var plans = NodePlan.of(nodes, ThreadLocalRandom.current().nextInt(20_000, 30_000), dir);
            try {
                LocalCluster.checkPorts(plans);
                return plans;
            } catch (CommandFailed e) {
                assertThat(tries).as(e.getMessage()).isLessThan(99);
            }
        }
        throw new AssertionError("unreachable");
    }

    /** Those of the processes that said who they are which are still there. */
    private static List<ProcessHandle> alive(List<NodePlan> plans) throws IOException {
        var alive = new ArrayList<ProcessHandle>();
        for (NodePlan plan : plans) {
            // One that was stopped before it had started has said nothing.
            Files.readAllLines(plan.log()).stream()
                    .filter(line -> line.startsWith("pid "))
                    .findFirst()
                    .flatMap(line -> ProcessHandle.of(Long.parseLong(line.substring("pid ".length()))))
                    .filter(ProcessHandle::isAlive)
                    .ifPresent(alive::add);
        }
        return alive;
    }
}
