package io.aitta.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.aitta.config.ConfigException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpRequest;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;
import org.apache.pekko.http.javadsl.server.Directives;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class AdminDoorTest {
    private static OpenAdminDoor door;

    @BeforeAll
    static void open() {
        door = new OpenAdminDoor(
                (request, wanted) -> request.getHeader("forbidden")
                        .map(header -> new HttpGuard.Refusal(401, "NO_TOKEN", wanted.need() + " " + wanted.action())),
                List.of(),
                Directives.path("metrics", () -> Directives.get(() -> Directives.complete("all is well"))));
    }

    @AfterAll
    static void close() throws Exception {
        door.close();
    }

    @Test
    void a_node_is_ready_when_it_says_so_and_has_joined_and_tells_why_not() throws Exception {
        door.health.readyUnless(() -> Optional.of("the node is starting"));
        assertThat(door.get("/ready").statusCode()).isEqualTo(500);
        assertThat(door.get("/ready").body()).contains("the node is starting");
        assertThat(door.health.isReady()).isFalse();
        door.health.readyUnless(Optional::empty);
        assertThat(door.health.isReady()).isTrue();
        assertThat(door.get("/ready").statusCode()).as("not yet a member").isEqualTo(500);
        Cluster cluster = Cluster.get(door.system);
        cluster.manager().tell(Join.create(cluster.selfMember().address()));
        untilReady();
        door.health.readyUnless(() -> Optional.of("replica default@3/7 is replaying its binlog"));
        assertThat(door.get("/ready").body()).contains("replica default@3/7 is replaying its binlog");
    }

    @Test
    void a_node_is_alive_until_it_says_otherwise() {
        assertThat(door.get("/alive").statusCode()).isEqualTo(200);
        door.health.aliveUnless(() -> Optional.of("the journal hangs"));
        assertThat(door.get("/alive").statusCode()).isEqualTo(500);
        assertThat(door.get("/alive").body()).contains("the journal hangs");
        door.health.aliveUnless(Optional::empty);
    }

    @Test
    void members_can_be_read_and_not_changed() {
        assertThat(door.get("/cluster/members").statusCode()).isEqualTo(200);
        var down = door.request("/cluster/members/x").PUT(HttpRequest.BodyPublishers.ofString("operation=down"));
        assertThat(door.send(down).statusCode()).isBetween(400, 499);
        assertThat(door.send(door.request("/cluster/members/x").DELETE()).statusCode())
                .isBetween(400, 499);
    }

    @Test
    void pages_of_others_are_on_the_same_port() {
        assertThat(door.get("/metrics").body()).isEqualTo("all is well");
        assertThat(door.get("/elsewhere").statusCode()).isEqualTo(404);
    }

    @Test
    void the_guard_is_asked_before_everything() {
        assertThat(refused("/metrics")).contains("\"reason\":\"NO_TOKEN\"", "\"message\":\"READ /metrics\"");
        assertThat(refused("/cluster/members")).contains("READ /cluster/members");
        assertThat(refused("/aitta/v1/nothing")).contains("READ /aitta/v1/nothing");
        assertThat(refused("/alive")).contains("NOTHING /alive");
        assertThat(door.send(door.request("/metrics").header("forbidden", "yes").DELETE())
                        .body())
                .contains("CHANGE /metrics");
    }

    private static String refused(String path) {
        var response = door.send(door.request(path).header("forbidden", "yes"));
        assertThat(response.statusCode()).isEqualTo(401);
        return response.body();
    }

    @Test
    void a_port_that_is_taken_is_a_sentence() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            int port = taken.getLocalPort();
            Throwable failure = catchThrowable(
                    () -> door.open(port, OpenAdminDoor.behind(new LoopbackGuard("127.0.0.1"), List.of())));
            assertThat(failure).hasCauseInstanceOf(ConfigException.class);
            assertThat(failure.getCause())
                    .hasMessageContainingAll("127.0.0.1:" + port, "another process has this port", "--http-port");
        }
    }

    private void untilReady() {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (door.get("/ready").statusCode() != 200) {
            assertThat(System.nanoTime()).as("not ready in time").isLessThan(deadline);
        }
    }
}
