package io.aitta.admin;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.apache.pekko.actor.setup.Setup;
import org.apache.pekko.management.javadsl.LivenessCheckSetup;
import org.apache.pekko.management.javadsl.ReadinessCheckSetup;
import org.apache.pekko.management.javadsl.StartupCheckSetup;

/**
 * What {@code /startup}, {@code /ready} and {@code /alive} say, and the gRPC health service with them. Made before the actor
 * system, which is given {@link #setups()}; the node says what it knows once it knows it. Until then it is alive, and
 * neither started nor ready. Thread-safe.
 */
public final class HealthChecks {
    private volatile Supplier<Optional<String>> notStarted = () -> Optional.of("the node is starting");
    private volatile Supplier<Optional<String>> notReady = () -> Optional.of("the node is starting");
    private volatile Supplier<Optional<String>> notAlive = Optional::empty;

    /** @param reason why the node has not started yet; empty: it has. Asked often: cheap, and never blocks */
    public void startedUnless(Supplier<Optional<String>> reason) {
        this.notStarted = reason;
    }

    /** @param reason why the node cannot serve now; empty: it can. Asked often: cheap, and never blocks */
    public void readyUnless(Supplier<Optional<String>> reason) {
        this.notReady = reason;
    }

    /** @param reason why only a restart can help; empty: no need. Asked often: cheap, and never blocks */
    public void aliveUnless(Supplier<Optional<String>> reason) {
        this.notAlive = reason;
    }

    public boolean isReady() {
        return notReady.get().isEmpty();
    }

    /** For the actor system's setup: that is where Pekko Management looks for checks that are not configured. */
    public List<Setup> setups() {
        return List.of(
                StartupCheckSetup.create(system -> List.of(() -> passed("not started: ", notStarted.get()))),
                ReadinessCheckSetup.create(system -> List.of(() -> passed("not ready: ", notReady.get()))),
                LivenessCheckSetup.create(system -> List.of(() -> passed("not alive: ", notAlive.get()))));
    }

    /** Failed rather than false: of a false check Pekko Management tells only the class, of a failed one the message. */
    private static CompletionStage<Boolean> passed(String what, Optional<String> reason) {
        return reason.<CompletionStage<Boolean>>map(text -> CompletableFuture.failedFuture(new Failed(what + text)))
                .orElseGet(() -> CompletableFuture.completedFuture(true));
    }

    private static final class Failed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Failed(String message) {
            super(message, null, false, false);
        }
    }
}
