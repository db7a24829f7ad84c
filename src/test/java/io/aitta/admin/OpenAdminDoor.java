package io.aitta.admin;

import com.typesafe.config.ConfigFactory;
import io.aitta.config.HttpSettings;
import io.aitta.security.AuditLog;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.BootstrapSetup;
import org.apache.pekko.actor.setup.ActorSystemSetup;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.http.javadsl.server.Route;

/** An HTTP port with little behind it, and somebody who asks it. */
final class OpenAdminDoor implements AutoCloseable {
    final HealthChecks health = new HealthChecks();
    final ActorSystem<Void> system;
    private final HttpClient client = HttpClient.newHttpClient();
    private final AdminDoor door;

    OpenAdminDoor(List<ApiRoute> routes, Route... pages) {
        this(new LoopbackGuard("127.0.0.1"), routes, pages);
    }

    OpenAdminDoor(HttpGuard guard, List<ApiRoute> routes, Route... pages) {
        var config = ConfigFactory.load(
                ConfigFactory.parseString(
                        """
                        pekko.loggers = ["org.apache.pekko.event.slf4j.Slf4jLogger"]
                        pekko.actor.provider = cluster
                        pekko.remote.artery.canonical { hostname = "127.0.0.1", port = 0 }
                        pekko.cluster.jmx.enabled = off
                        aitta.admin-dispatcher { type = Dispatcher, executor = "thread-pool-executor" }
                        aitta.admin-dispatcher.thread-pool-executor.fixed-pool-size = 2
                        pekko.coordinated-shutdown.run-by-actor-system-terminate = off
                        """));
        var setup = ActorSystemSetup.create(BootstrapSetup.create(config));
        system = ActorSystem.create(Behaviors.empty(), "admin", setup);
        door = open(0, behind(guard, routes, pages));
    }

    AdminDoor.Behind behind(HttpGuard guard, List<ApiRoute> routes, Route... pages) {
        return new AdminDoor.Behind(
                health,
                guard,
                new AuditLog(),
                routes,
                failure -> Optional.empty(),
                Duration.ofSeconds(5),
                List.of(pages));
    }

    /** One more, whose connections are idle no longer than this. */
    AdminDoor openWithIdleTimeout(Duration idle) {
        var limits = AdminDoor.limits(system);
        var timeouts = limits.getTimeouts()
                .withIdleTimeout(scala.concurrent.duration.Duration.create(idle.toMillis(), TimeUnit.MILLISECONDS));
        return AdminDoor.open(
                        system,
                        "127.0.0.1",
                        new HttpSettings(0),
                        Optional.empty(),
                        behind(new LoopbackGuard("127.0.0.1"), List.of()),
                        limits.withTimeouts(timeouts))
                .toCompletableFuture()
                .join();
    }

    /** Another one, in the same system. */
    AdminDoor open(int port, AdminDoor.Behind behind) {
        return AdminDoor.open(system, "127.0.0.1", new HttpSettings(port), Optional.empty(), behind)
                .toCompletableFuture()
                .join();
    }

    int port() {
        return door.address().getPort();
    }

    HttpResponse<String> get(String path) {
        return send(request(path));
    }

    HttpResponse<String> post(String path, String json) {
        return send(request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json)));
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
                .timeout(Duration.ofSeconds(20));
    }

    HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() throws Exception {
        door.close(Duration.ofMillis(200)).toCompletableFuture().get(10, TimeUnit.SECONDS);
        system.terminate();
        system.getWhenTerminated().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }
}
