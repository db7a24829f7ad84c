package io.aitta.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.aitta.config.ConfigException;
import io.aitta.config.GrpcSettings;
import io.aitta.metrics.Metrics;
import io.aitta.metrics.Tracing;
import io.aitta.security.Protection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.CompletableFuture;
import org.apache.pekko.actor.typed.ActorSystem;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GrpcDoorTest {
    private final ActorSystem<?> system = OpenDoor.newSystem();

    @AfterEach
    void stop() {
        system.terminate();
    }

    @Test
    void a_port_that_is_taken_is_a_sentence() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            int port = taken.getLocalPort();
            assertThat(failure("127.0.0.1", port))
                    .hasMessageContainingAll(
                            "cannot listen on 127.0.0.1:" + port, "another process has this port", "--grpc-port");
        }
    }

    @Test
    void an_address_of_another_machine_is_a_sentence() {
        assertThat(failure("192.0.2.1", 0)).hasMessageContainingAll("cannot listen on 192.0.2.1:0", "--host");
        assertThat(failure("no-such-host.invalid", 0)).hasMessageContainingAll("no-such-host.invalid", "--host");
    }

    private Throwable failure(String host, int port) {
        var settings = new GrpcSettings(
                port,
                OpenDoor.GRPC.defaultDeadline(),
                OpenDoor.GRPC.maxDeadline(),
                OpenDoor.GRPC.idleTimeout(),
                OpenDoor.GRPC.maxMessageBytes());
        var behind = new GrpcDoor.Behind(
                new FakePartitions(),
                new FakeChanges(),
                new FakeTopology(),
                CompletableFuture.completedFuture(new FakeAdmin().cluster),
                () -> true,
                new Metrics(TestCalls.SETTINGS, Tracing.off(), "test"));
        Throwable failure =
                catchThrowable(() -> GrpcDoor.open(system, host, settings, OpenDoor.LIMITS, Protection.NONE, behind)
                        .toCompletableFuture()
                        .join());
        assertThat(failure).hasCauseInstanceOf(ConfigException.class);
        return failure.getCause();
    }
}
