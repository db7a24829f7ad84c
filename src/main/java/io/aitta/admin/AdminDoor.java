package io.aitta.admin;

import io.aitta.config.BindFailures;
import io.aitta.config.ConfigException;
import io.aitta.config.HttpSettings;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.Http;
import org.apache.pekko.http.javadsl.ServerBinding;
import org.apache.pekko.management.javadsl.PekkoManagement;

/**
 * The node's HTTP port: Pekko Management's routes, of which those that change the cluster are left out, and its health
 * checks as {@link HealthChecks} answers them. Bound here and not by Pekko Management, which takes host and port from
 * the actor system's configuration only and cannot say in a sentence why it does not get them.
 */
public final class AdminDoor {
    private final ServerBinding binding;

    private AdminDoor(ServerBinding binding) {
        this.binding = binding;
    }

    /** @return the open door, or a {@link ConfigException} that says why the port cannot be had */
    public static CompletionStage<AdminDoor> open(ActorSystem<?> system, String host, HttpSettings settings) {
        var routes = PekkoManagement.get(system).getRoutes(provider -> provider.withReadOnly(true));
        return Http.get(system).newServerAt(host, settings.port()).bind(routes).handle((binding, failure) -> {
            if (failure != null) {
                throw BindFailures.explained(host, settings.port(), "--http-port", failure);
            }
            return new AdminDoor(binding);
        });
    }

    /** Where it listens; the port is the real one if any free one was asked for. */
    public InetSocketAddress address() {
        return binding.localAddress();
    }

    /** @param patience how long requests under way may take; the rest is cut off */
    public CompletionStage<Done> close(Duration patience) {
        return binding.terminate(patience).thenApply(terminated -> Done.getInstance());
    }
}
