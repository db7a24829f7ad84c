package io.aitta.security;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.BootstrapSetup;
import org.apache.pekko.actor.setup.ActorSystemSetup;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.ClusterEvent;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;
import org.apache.pekko.cluster.typed.Subscribe;
import org.apache.pekko.remote.artery.tcp.SSLEngineProviderSetup;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Strangers at the port where nodes meet, in the clear and by TLS: whatever they say there, or do not say, the nodes go on
 * talking to each other and hold each other for alive, and what a stranger announces takes no memory.
 */
@Timeout(120)
class StrangersAmongNodesTest {
    private static final int CONTROL = 1;
    private static final int ORDINARY = 2;
    private static final int LARGE = 3;

    /** A machine that has much to do besides may be slow for a moment. */
    private static final Duration PATIENCE_OF_NODES = Duration.ofSeconds(3);

    /** In which a node that was not heard would be missed. */
    private static final Duration WHILE = Duration.ofSeconds(5);

    private static final int OF_EACH = 5;
    private static final long MOST_BYTES = 64 << 20;

    @TempDir
    private static Path dir;

    private static TestCa ca;

    private final List<ActorSystem<Void>> nodes = new ArrayList<>();
    private final List<Socket> strangers = new ArrayList<>();
    private final Random random = new Random(7);

    @BeforeAll
    static void makeCertificates() {
        ca = new TestCa(dir, "n1=127.0.0.1");
    }

    @AfterEach
    void end() throws Exception {
        for (var stranger : strangers) {
            stranger.close();
        }
        for (var node : nodes) {
            node.terminate();
            node.getWhenTerminated().toCompletableFuture().get(20, TimeUnit.SECONDS);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "tls-tcp"})
    void nodes_serve_on_and_none_is_taken_for_dead_whatever_strangers_say(String transport) throws Exception {
        var one = node(transport);
        var other = node(transport);
        var unreachable = TestProbe.<ClusterEvent.UnreachableMember>create(other);
        Cluster.get(other)
                .subscriptions()
                .tell(Subscribe.create(unreachable.ref(), ClusterEvent.UnreachableMember.class));
        reach(one, other);
        long before = liveHeapBytes();

        for (int i = 0; i < OF_EACH; i++) {
            for (var words : all(transport)) {
                say(one, words);
            }
        }
        // Neither is ever over: a frame, and a record of TLS with the beginning of a handshake.
        byte[] dribbled = transport.equals("tcp")
                ? frame(ORDINARY, 1 << 20, 0)
                : new byte[] {22, 3, 3, 0x40, 0, 1, 0, 0x3f, (byte) 0xf0, 3, 3};
        var slow = List.of(say(one, new byte[0]), say(one, new byte[0]), say(one, new byte[0]));
        long end = System.nanoTime() + WHILE.toNanos();
        for (int i = 0; System.nanoTime() < end; i++) {
            for (var stranger : slow) {
                if (i < 16_000) {
                    stranger.getOutputStream().write(i < dribbled.length ? dribbled[i] : 'x');
                }
            }
            reach(one, other);
            reach(other, one);
        }

        assertThat(liveHeapBytes() - before).isLessThan(MOST_BYTES);
        unreachable.expectNoMessage(Duration.ofMillis(1));
        for (var node : nodes) {
            assertThat(Cluster.get(node).state().getMembers())
                    .hasSize(2)
                    .allSatisfy(member -> assertThat(member.status()).isEqualTo(MemberStatus.up()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "tls-tcp"})
    void who_does_not_speak_as_nodes_do_is_hung_up_on(String transport) throws Exception {
        var one = node(transport);
        assertThat(isHungUpOn(say(one, garbage(200)))).isTrue();
        assertThat(isHungUpOn(say(one, "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII))))
                .isTrue();
        if (transport.equals("tls-tcp")) {
            assertThat(isHungUpOn(say(one, frame(ORDINARY, 200, 200)))).isTrue();
        }
    }

    // ---- strangers ----------------------------------------------------------------------------------------------

    private List<byte[]> all(String transport) {
        // In the clear not more: docs/SECURITY.md says what Pekko makes of that.
        int enormous = transport.equals("tcp") ? 1 << 30 : Integer.MAX_VALUE;
        return List.of(
                new byte[0],
                new byte[] {'A', 'K'},
                new byte[] {'A', 'K', 'K', 'A'},
                new byte[] {22, 3, 1},
                garbage(200),
                "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII),
                frame(CONTROL, enormous, 1_000),
                frame(ORDINARY, enormous, 1_000),
                frame(LARGE, enormous, 1_000),
                frame(CONTROL, 200, 200),
                frame(ORDINARY, 200, 200),
                frame(LARGE, 200, 200),
                frame(99, 200, 200));
    }

    /** As Artery begins a connection. */
    private byte[] frame(int stream, int announced, int sent) {
        return ByteBuffer.allocate(9 + sent)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(new byte[] {'A', 'K', 'K', 'A', (byte) stream})
                .putInt(announced)
                .put(garbage(sent))
                .array();
    }

    private byte[] garbage(int size) {
        var garbage = new byte[size];
        random.nextBytes(garbage);
        return garbage;
    }

    private Socket say(ActorSystem<?> node, byte[] words) throws IOException {
        var address = Cluster.get(node).selfMember().address();
        var socket = new Socket("127.0.0.1", (int) address.port().get());
        strangers.add(socket);
        socket.setSoTimeout(20_000);
        socket.setTcpNoDelay(true);
        socket.getOutputStream().write(words);
        return socket;
    }

    /** Waits for it; fails with a time-out if it does not happen. An alert of TLS may come before. */
    private static boolean isHungUpOn(Socket stranger) throws IOException {
        try {
            return stranger.getInputStream().readNBytes(1_000).length < 1_000;
        } catch (SocketException reset) {
            return true;
        }
    }

    private static long liveHeapBytes() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    // ---- nodes --------------------------------------------------------------------------------------------------

    /** Begins a cluster, or joins the node before it; returns when it is up. */
    private ActorSystem<Void> node(String transport) {
        var config = ConfigFactory.parseMap(Map.of(
                        "pekko.remote.artery.transport",
                        transport,
                        "pekko.cluster.failure-detector.acceptable-heartbeat-pause",
                        PATIENCE_OF_NODES))
                .withFallback(ConfigFactory.parseResources("cluster-in-a-test.conf"))
                .withFallback(ConfigFactory.load());
        ActorSystem<Void> node = ActorSystem.create(
                Behaviors.empty(),
                "nodes",
                ActorSystemSetup.create(
                        BootstrapSetup.create(config), SSLEngineProviderSetup.create(system -> ca.ofNode("n1"))));
        nodes.add(node);
        Cluster.get(node)
                .manager()
                .tell(new Join(Cluster.get(nodes.get(0)).selfMember().address()));
        TestProbe.create(node).awaitAssert(Duration.ofSeconds(20), Duration.ofMillis(20), () -> {
            for (var one : nodes) {
                assertThat(Cluster.get(one).state().getMembers())
                        .hasSize(nodes.size())
                        .allSatisfy(member -> assertThat(member.status()).isEqualTo(MemberStatus.up()));
            }
            return null;
        });
        return node;
    }

    /** There and back. */
    private static void reach(ActorSystem<?> from, ActorSystem<?> to) throws Exception {
        Adapter.toClassic(from)
                .actorSelection(Cluster.get(to).selfMember().address() + "/user")
                .resolveOne(Duration.ofSeconds(5))
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
    }
}
