package io.aitta.gateway;

import io.aitta.proto.v1.Node;
import io.aitta.proto.v1.Topology;
import java.util.List;
import java.util.function.Consumer;

/** The topology as this node knows it. Thread-safe. */
public interface TopologySource {
    /**
     * Cheap: asked with every request. The same object is given until there is a newer one; before this node has heard
     * of any, one with epoch 0 and nothing in it.
     */
    Topology current();

    /**
     * The last nodes that were removed from the cluster, the newest last, each once; those whose id is in {@code now} again
     * are not among them.
     */
    default List<Node> removedNodes(Topology now) {
        return List.of();
    }

    /**
     * Tells of every change from now on; changes that follow each other fast may be told as one.
     *
     * @param listener called by any thread; must not block
     * @return ends it; idempotent
     */
    Subscription subscribe(Consumer<Topology> listener);

    /** Ends what {@link #subscribe} began. */
    @FunctionalInterface
    interface Subscription extends AutoCloseable {
        @Override
        void close();
    }
}
