package io.aitta.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.typesafe.config.ConfigFactory;
import io.aitta.config.ConfigException;
import io.aitta.config.HttpSettings;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.BootstrapSetup;
import org.apache.pekko.actor.setup.ActorSystemSetup;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AdminDoorTest {
    private final HealthChecks health = new HealthChecks();
    private final HttpClient client = HttpClient.newHttpClient();
    private ActorSystem<Void> system;
    private AdminDoor door;

    @BeforeEach
    void open() {
        var config = ConfigFactory.load(
                ConfigFactory.parseString(
                        """
                        pekko.loggers = ["org.apache.pekko.event.slf4j.Slf4jLogger"]
                        pekko.actor.provider = cluster
                        pekko.remote.artery.canonical { hostname = "127.0.0.1", port = 0 }
                        pekko.cluster.jmx.enabled = off
                        """));
        var setup = ActorSystemSetup.create(BootstrapSetup.create(config));
        for (var check : health.setups()) {
            setup = setup.withSetup(check);
        }
        system = ActorSystem.create(Behaviors.empty(), "admin", setup);
        door = AdminDoor.open(system, "127.0.0.1", new HttpSettings(0))
                .toCompletableFuture()
                .join();
    }

    @AfterEach
    void close() throws Exception {
        door.close(Duration.ofMillis(200)).toCompletableFuture().get(10, TimeUnit.SECONDS);
        system.terminate();
        system.getWhenTerminated().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    @Test
    void a_node_is_ready_when_it_says_so_and_has_joined_and_tells_why_not() throws Exception {
        assertThat(get("/ready").statusCode()).isEqualTo(500);
        assertThat(get("/ready").body()).contains("the node is starting");
        assertThat(health.isReady()).isFalse();
        health.readyUnless(Optional::empty);
        assertThat(health.isReady()).isTrue();
        assertThat(get("/ready").statusCode()).as("not yet a member").isEqualTo(500);
        Cluster cluster = Cluster.get(system);
        cluster.manager().tell(Join.create(cluster.selfMember().address()));
        untilReady();
        health.readyUnless(() -> Optional.of("replica default@3/7 is replaying its binlog"));
        assertThat(get("/ready").body()).contains("replica default@3/7 is replaying its binlog");
    }

    @Test
    void a_node_is_alive_until_it_says_otherwise() throws Exception {
        assertThat(get("/alive").statusCode()).isEqualTo(200);
        health.aliveUnless(() -> Optional.of("the journal hangs"));
        assertThat(get("/alive").statusCode()).isEqualTo(500);
        assertThat(get("/alive").body()).contains("the journal hangs");
    }

    @Test
    void members_can_be_read_and_not_changed() throws Exception {
        assertThat(get("/cluster/members").statusCode()).isEqualTo(200);
        var down = request("/cluster/members/x").PUT(HttpRequest.BodyPublishers.ofString("operation=down"));
        assertThat(client.send(down.build(), HttpResponse.BodyHandlers.ofString())
                        .statusCode())
                .isBetween(400, 499);
        assertThat(client.send(request("/cluster/members/x").DELETE().build(), HttpResponse.BodyHandlers.ofString())
                        .statusCode())
                .isBetween(400, 499);
    }

    @Test
    void a_port_that_is_taken_is_a_sentence() throws Exception {
        try (var taken = new ServerSocket(0, 1, java.net.InetAddress.getByName("127.0.0.1"))) {
            int port = taken.getLocalPort();
            Throwable failure = catchThrowable(() -> AdminDoor.open(system, "127.0.0.1", new HttpSettings(port))
                    .toCompletableFuture()
                    .join());
            assertThat(failure).hasCauseInstanceOf(ConfigException.class);
            assertThat(failure.getCause())
                    .hasMessageContainingAll("127.0.0.1:" + port, "another process has this port", "--http-port");
        }
    }

    private void untilReady() throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (get("/ready").statusCode() != 200) {
            assertThat(System.nanoTime()).as("not ready in time").isLessThan(deadline);
        }
    }

    private HttpResponse<String> get(String path) throws Exception {
        return client.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + door.address().getPort() + path));
    }
}
