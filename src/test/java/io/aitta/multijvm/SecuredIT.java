package io.aitta.multijvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.protobuf.ByteString;
import io.aitta.Programs;
import io.aitta.cli.Aitta;
import io.aitta.client.AittaClient;
import io.aitta.client.AittaException;
import io.aitta.proto.v1.Node;
import io.aitta.security.TestCa;
import io.aitta.security.TokenFile;
import io.aitta.security.Tokens;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A real cluster with TLS on all its ports and with tokens, as docs/SECURITY.md has one set up. */
@Timeout(180)
class SecuredIT {
    private static final String HOST = "127.0.0.1";
    private static final ByteString KEY = ByteString.copyFromUtf8("greeting");

    @TempDir
    private Path dir;

    private final List<NodeProcess> nodes = new ArrayList<>();
    private final String admin = Tokens.create();
    private final String reader = Tokens.create();

    @AfterEach
    void endNodes() {
        nodes.forEach(NodeProcess::end);
    }

    @Test
    void nodes_and_clients_of_the_cluster_are_let_in_and_strangers_are_not() throws Exception {
        var ca = new TestCa(dir.resolve("ca"), "n1=" + HOST, "n2=" + HOST);
        var strangers = new TestCa(dir.resolve("strangers"), "s=" + HOST);
        var tokens = writeTokens(line("ops", admin, "admin"), line("reader", reader, "read-only:default"));
        var n1 = node("n1");
        var n2 = node("n2");
        var seeds = List.of(n1.seed(), n2.seed());
        n1.start(jvm(), Aitta.class, seeds, settings(ca, "n1", tokens, ca));
        n2.start(jvm(), Aitta.class, seeds, settings(ca, "n2", tokens, ca));

        try (var ops = client(ca, n1, admin);
                var reading = client(ca, n2, reader)) {
            Await.until("the cluster serves", Cluster.READY_LIMIT, () -> {
                assertThat(nodes)
                        .allSatisfy(node ->
                                assertThat(node.isAlive()).as(node.logTail()).isTrue());
                return serves(ops);
            });
            assertThat(ops.table("default").blocking().get(KEY)).isPresent();
            assertThat(reading.table("default").blocking().get(KEY)).isPresent();
            assertThat(reasonOf(() -> reading.table("default").blocking().set(KEY, KEY)))
                    .isEqualTo("PERMISSION_DENIED");
            assertThat(catchThrowable(() -> inTheClear(n1).admin().blocking().listNodes()))
                    .isInstanceOf(AittaException.class);
            assertHttp(ca, n1);
            assertHealthCheck(ca, strangers, n1);

            // It would take us as we are.
            var stranger = node("s");
            stranger.start(jvm(), Aitta.class, List.of(n1.seed()), settings(strangers, "s", tokens, ca));
            Await.until("the stranger is refused", Cluster.READY_LIMIT, () -> isRefused(stranger));
            assertThat(ops.admin().blocking().listNodes().getNodesList())
                    .extracting(Node::getId)
                    .containsExactlyInAnyOrder("n1", "n2");

            writeTokens(line("ops", admin, "admin"));
            Await.until(
                    "a token that was taken back is not taken any more", Duration.ofSeconds(20), () -> "UNKNOWN_TOKEN"
                            .equals(reasonOf(
                                    () -> reading.table("default").blocking().get(KEY))));
        }
        for (var node : nodes) {
            assertThat(node.log()).doesNotContain(admin, reader);
        }
        // Whoever had the primary was asked.
        assertThat(nodes).anySatisfy(node -> assertThat(node.log())
                .contains("refused: who=reader from=127.0.0.1:", "PERMISSION_DENIED"));
    }

    /** It tries to join, and hears in the handshake that its certificate will not do. */
    private static boolean isRefused(NodeProcess stranger) {
        return stranger.log().contains("certificate_unknown");
    }

    /**
     * Health is for everyone, looking for who is on this machine, changing and the slow log for administrators; and nothing
     * in the clear.
     */
    private void assertHttp(TestCa ca, NodeProcess node) throws Exception {
        var http = HttpClient.newBuilder().sslContext(trusting(ca.authority())).build();
        String at = "https://" + HOST + ":" + node.httpPort();
        assertThat(status(http, HttpRequest.newBuilder(URI.create(at + "/ready"))))
                .isEqualTo(200);
        assertThat(status(http, HttpRequest.newBuilder(URI.create(at + "/aitta/v1/topology"))))
                .isEqualTo(200);
        var drain = HttpRequest.newBuilder(URI.create(at + "/aitta/v1/nodes/none/drain"))
                .POST(HttpRequest.BodyPublishers.noBody());
        assertThat(status(http, drain)).isEqualTo(401);
        assertThat(status(http, drain.copy().header("Authorization", "Bearer " + reader)))
                .isEqualTo(403);
        assertThat(status(http, drain.copy().header("Authorization", "Bearer " + admin)))
                .isEqualTo(404);
        var slowLog = HttpRequest.newBuilder(URI.create(at + "/aitta/v1/slow-log"));
        assertThat(status(http, slowLog)).isEqualTo(401);
        assertThat(status(http, slowLog.copy().header("Authorization", "Bearer " + reader)))
                .isEqualTo(403);
        assertThat(status(http, slowLog.copy().header("Authorization", "Bearer " + admin)))
                .isEqualTo(200);
        assertThat(catchThrowable(() -> status(
                        http, HttpRequest.newBuilder(URI.create("http://" + HOST + ":" + node.httpPort() + "/ready")))))
                .isNotNull();
    }

    /** The image's, which asks by TLS if it is told whom to trust. */
    private static void assertHealthCheck(TestCa ca, TestCa strangers, NodeProcess node) throws Exception {
        if (Programs.find("curl").isEmpty()) {
            System.out.println("SecuredIT: the health check by TLS is not tried: there is no curl");
            return;
        }
        assertThat(healthCheck(ca, node)).isZero();
        assertThat(healthCheck(strangers, node)).isEqualTo(1);
    }

    private static int healthCheck(TestCa trusted, NodeProcess node) throws Exception {
        var builder = new ProcessBuilder(
                        Path.of("deploy/docker/healthcheck").toAbsolutePath().toString(), "/ready")
                .inheritIO();
        builder.environment()
                .putAll(Map.of(
                        "AITTA_HOST", HOST,
                        "AITTA_HTTP_PORT", Integer.toString(node.httpPort()),
                        "AITTA_CA", trusted.authority().toString()));
        var process = builder.start();
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    private static int status(HttpClient http, HttpRequest.Builder request) throws Exception {
        return http.send(request.timeout(Duration.ofSeconds(20)).build(), BodyHandlers.ofString())
                .statusCode();
    }

    private boolean serves(AittaClient client) {
        try {
            client.table("default").blocking().set(KEY, KEY);
            return client.admin().blocking().listNodes().getNodesCount() == 2;
        } catch (AittaException notYet) {
            return false;
        }
    }

    private static String reasonOf(ThrowingCallable call) {
        return catchThrowable(call) instanceof AittaException failure ? failure.reason() : null;
    }

    private static AittaClient client(TestCa ca, NodeProcess node, String token) {
        return AittaClient.builder()
                .endpoints(List.of(node.endpoint()))
                .tls(ca.authority())
                .token(token)
                .build();
    }

    private AittaClient inTheClear(NodeProcess node) {
        return AittaClient.builder()
                .endpoints(List.of(node.endpoint()))
                .token(admin)
                .deadline(Duration.ofSeconds(2))
                .build();
    }

    private static SSLContext trusting(Path authority) throws Exception {
        var trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        try (InputStream in = Files.newInputStream(authority)) {
            trusted.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(trusted);
        var context = SSLContext.getInstance("TLS");
        context.init(null, factory.getTrustManagers(), null);
        return context;
    }

    private static List<String> settings(TestCa ca, String node, Path tokens, TestCa trusted) {
        return List.of(
                "aitta.bootstrap.expect-nodes=" + (node.equals("s") ? 1 : 2),
                "aitta.meta.replicas=1",
                "aitta.table.default-partitions=2",
                "aitta.security.reload-interval=200ms",
                "aitta.security.token-file=" + tokens,
                "aitta.security.tls.certificate=" + ca.certificate(node),
                "aitta.security.tls.key=" + ca.key(node),
                "aitta.security.node-tls.certificate=" + ca.certificate(node),
                "aitta.security.node-tls.key=" + ca.key(node),
                "aitta.security.node-tls.authorities=" + trusted.authority());
    }

    private static List<String> jvm() {
        var options =
                new ArrayList<>(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"));
        options.addAll(NodeClasses.options());
        return options;
    }

    private NodeProcess node(String id) throws Exception {
        var node = new NodeProcess(id, HOST, dir.resolve(id), dir.resolve(id + ".log"));
        int cluster = freePort();
        node.moveTo(new NodeProcess.Ports(freePort(), cluster, cluster, freePort()));
        nodes.add(node);
        return node;
    }

    private static int freePort() throws Exception {
        try (var socket = new ServerSocket(0, 1, InetAddress.getByName(HOST))) {
            return socket.getLocalPort();
        }
    }

    private static String line(String name, String token, String roles) {
        return TokenFile.line(name, token, TokenFile.grants(roles));
    }

    private Path writeTokens(String... lines) throws Exception {
        return Files.write(dir.resolve("tokens"), List.of(lines));
    }
}
