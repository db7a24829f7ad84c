package io.aitta.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.aitta.client.AittaException.Unavailable;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Endpoints that are down, encrypted connections, and tokens. */
@Timeout(60)
class ConnectionsTest {
    private static final ByteString KEY = ByteString.copyFromUtf8("a");
    private static final char[] PASSWORD = "changeit".toCharArray();

    @TempDir
    private Path dir;

    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (var closeable : open) {
            closeable.close();
        }
    }

    @Test
    void ofFiveEndpointsThreeMayBeDownAndTheFirstCallIsHardlyLate() throws Exception {
        var cluster = cluster(2);
        for (int round = 0; round < 10; round++) {
            String down = "127.0.0.1:" + freePort() + ",127.0.0.1:" + freePort() + ",127.0.0.1:" + freePort();
            try (var client = AittaClient.builder()
                    .endpoints(down + "," + cluster.endpoints())
                    .build()) {
                long began = System.nanoTime();
                client.table("default").blocking().set(KEY, KEY);
                assertThat(millisSince(began)).isLessThan(1_000);
            }
        }
    }

    @Test
    void ofFiveEndpointsThreeMayTakeConnectionsAndSayNothing() throws Exception {
        var cluster = cluster(2);
        var endpoints = new ArrayList<Endpoint>();
        for (int i = 0; i < 3; i++) {
            endpoints.add(silent());
        }
        endpoints.add(cluster.endpoint(0));
        endpoints.add(cluster.endpoint(1));
        for (int round = 0; round < 3; round++) {
            try (var client = AittaClient.builder().endpoints(endpoints).build()) {
                long began = System.nanoTime();
                client.table("default").blocking().set(KEY, KEY);
                assertThat(millisSince(began)).as("three short tries at most").isLessThan(4_000);
            }
        }
    }

    @Test
    void aTokenIsSentWithEveryCallAndToldNobody() {
        var cluster = cluster(1);
        var builder = AittaClient.builder().endpoints(cluster.endpoints()).token("s3cret");
        try (var client = builder.build()) {
            client.table("default").blocking().get(KEY);
            client.admin().blocking().listTables();
            assertThat(cluster.tokens()).hasSizeGreaterThanOrEqualTo(2).containsOnly("Bearer s3cret");
            assertThat(builder.toString() + client + Credentials.NONE.withToken("s3cret"))
                    .doesNotContain("s3cret");
            cluster.kill(0);
            var hasty = client.table("default").withDeadline(Duration.ofMillis(300));
            assertThatThrownBy(() -> hasty.blocking().get(KEY)).hasMessageNotContaining("s3cret");
        }
        assertThatThrownBy(() -> AittaClient.builder().token("s3cret\n"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("s3cret");
    }

    @Test
    void withoutATokenNoneIsSent() {
        var cluster = cluster(1);
        try (var client = AittaClient.builder().endpoints(cluster.endpoints()).build()) {
            client.table("default").blocking().get(KEY);
        }
        assertThat(cluster.tokens()).containsOnly("");
    }

    @Test
    void anEncryptedConnectionIsMadeToWhoeverTheGivenCertificatesVouchFor() throws Exception {
        var cluster = encrypted();
        try (var client = AittaClient.builder()
                .endpoints(cluster.endpoints())
                .tls(dir.resolve("trusted.pem"))
                .token("s3cret")
                .build()) {
            assertThat(client.table("default").blocking().set(KEY, KEY)).isEqualTo(1);
            assertThat(cluster.tokens()).containsOnly("Bearer s3cret");
        }
    }

    @Test
    void aNodeThatNobodyVouchesForIsNotTalkedTo() throws Exception {
        var cluster = encrypted();
        try (var client = AittaClient.builder()
                .endpoints(cluster.endpoints())
                .tls()
                .deadline(Duration.ofSeconds(2))
                .build()) {
            assertThatThrownBy(() -> client.table("default").blocking().set(KEY, KEY))
                    .isInstanceOf(Unavailable.class)
                    .hasMessageContaining("certification path");
        }
        assertThat(cluster.received()).isEmpty();
    }

    @Test
    void aTrustStoreThatIsNoneIsRefusedAtOnce() throws Exception {
        Path nothing = Files.writeString(dir.resolve("nothing.pem"), "nothing");
        for (Path wrong : List.of(nothing, dir.resolve("missing.pem"))) {
            assertThatThrownBy(() -> AittaClient.builder().tls(wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(wrong.toString());
        }
    }

    private FakeCluster cluster(int nodes) {
        var cluster = new FakeCluster(nodes);
        open.add(cluster);
        return cluster;
    }

    /** A cluster of one node whose certificate is in trusted.pem. */
    private FakeCluster encrypted() throws Exception {
        Path store = dir.resolve("node.p12");
        String command = "-genkeypair -alias node -keyalg EC -dname CN=node -ext san=ip:127.0.0.1 -validity 2"
                + " -storetype PKCS12 -storepass changeit -keystore";
        var words = new ArrayList<String>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        words.addAll(List.of(command.split(" ")));
        words.add(store.toString());
        var process = new ProcessBuilder(words).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor()).as(said).isZero();
        var keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD);
        }
        String base64 = Base64.getMimeEncoder()
                .encodeToString(keys.getCertificate("node").getEncoded());
        Files.writeString(
                dir.resolve("trusted.pem"), "-----BEGIN CERTIFICATE-----\n" + base64 + "\n-----END CERTIFICATE-----\n");
        var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, PASSWORD);
        SslContext tls =
                GrpcSslContexts.configure(SslContextBuilder.forServer(managers)).build();
        var cluster = new FakeCluster(
                1, node -> NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                        .sslContext(tls));
        open.add(cluster);
        return cluster;
    }

    /** Takes connections, reads nothing and says nothing: as a node that is paused. */
    private Endpoint silent() throws Exception {
        var socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        open.add(socket);
        return new Endpoint("127.0.0.1", socket.getLocalPort());
    }

    private static long millisSince(long began) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
    }

    private static int freePort() throws Exception {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
