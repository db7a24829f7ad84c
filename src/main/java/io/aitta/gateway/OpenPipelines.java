package io.aitta.gateway;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** The streaming sessions of a node, so that they can be told when it stops. Thread-safe. */
final class OpenPipelines {
    private final Set<Consumer<Boolean>> open = ConcurrentHashMap.newKeySet();
    private volatile boolean stopping;

    /** @param stop called once, when the node stops */
    void add(Consumer<Boolean> stop) {
        open.add(stop);
        if (stopping) {
            stop.accept(true);
        }
    }

    void remove(Consumer<Boolean> stop) {
        open.remove(stop);
    }

    /** Has all sessions end once what they have begun is answered, those that come later too. */
    void stop() {
        stopping = true;
        open.forEach(session -> session.accept(true));
    }
}
