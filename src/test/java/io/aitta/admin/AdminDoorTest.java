package io.aitta.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.aitta.config.ConfigException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpRequest;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.apache.pekko.http.javadsl.server.Directives;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class AdminDoorTest {
    private static OpenAdminDoor door;

    @BeforeAll
    static void open() {
        door = new OpenAdminDoor(
                (request, wanted) -> new HttpGuard.Verdict(
                        "someone",
                        request.getHeader("forbidden")
                                .map(header ->
                                        new HttpGuard.Refusal(401, "NO_TOKEN", wanted.need() + " " + wanted.action()))),
                List.of(),
                Directives.path("metrics", () -> Directives.get(() -> Directives.complete("all is well"))));
    }

    @AfterAll
    static void close() throws Exception {
        door.close();
    }

    @Test
    void a_node_is_started_and_ready_when_it_says_so_and_tells_why_not() {
        door.health.startedUnless(() -> Optional.of("the binlogs are being replayed"));
        door.health.readyUnless(() -> Optional.of("the node has not joined the cluster"));
        assertThat(door.get("/startup").statusCode()).isEqualTo(500);
        assertThat(door.get("/startup").body()).isEqualTo("not started: the binlogs are being replayed\n");
        assertThat(door.get("/ready").statusCode()).isEqualTo(500);
        assertThat(door.get("/ready").body()).isEqualTo("not ready: the node has not joined the cluster\n");
        assertThat(door.health.isReady()).isFalse();
        door.health.startedUnless(Optional::empty);
        door.health.readyUnless(Optional::empty);
        assertThat(door.health.isReady()).isTrue();
        assertThat(door.get("/startup").statusCode()).isEqualTo(200);
        assertThat(door.get("/ready").statusCode()).isEqualTo(200);
    }

    @Test
    void health_is_told_though_all_other_threads_hang() {
        var hanging = new CountDownLatch(1);
        try {
            for (int i = 0; i < 200; i++) {
                door.system.executionContext().execute(() -> awaitUninterruptibly(hanging));
            }
            assertThat(door.get("/alive").statusCode()).isEqualTo(200);
            assertThat(door.get("/startup").body()).isNotEmpty();
        } finally {
            hanging.countDown();
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
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
            Throwable failure =
                    catchThrowable(() -> door.open(port, door.behind(new LoopbackGuard("127.0.0.1"), List.of())));
            assertThat(failure).hasCauseInstanceOf(ConfigException.class);
            assertThat(failure.getCause())
                    .hasMessageContainingAll("127.0.0.1:" + port, "another process has this port", "--http-port");
        }
    }
}
