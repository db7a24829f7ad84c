package io.aitta.admin;

import java.util.Optional;
import java.util.function.Supplier;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.StatusCodes;

/**
 * What {@code /startup}, {@code /ready} and {@code /alive} say, and the gRPC health service with them. Not by Pekko
 * Management's checks: those run on the dispatcher that a hung disk may have taken all threads of. The node says what it
 * knows once it knows it; until then it is alive, and neither started nor ready. Thread-safe.
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

    /** @return what is answered at a path; empty if it is none of these three. Never blocks */
    Optional<HttpResponse> answer(String path) {
        return switch (path) {
            case "/startup" -> Optional.of(answer("not started: ", notStarted.get()));
            case "/ready" -> Optional.of(answer("not ready: ", notReady.get()));
            case "/alive" -> Optional.of(answer("not alive: ", notAlive.get()));
            default -> Optional.empty();
        };
    }

    private static HttpResponse answer(String what, Optional<String> reason) {
        return HttpResponse.create()
                .withStatus(reason.isPresent() ? StatusCodes.INTERNAL_SERVER_ERROR : StatusCodes.OK)
                .withEntity(reason.map(why -> what + why).orElse("OK") + "\n");
    }
}
