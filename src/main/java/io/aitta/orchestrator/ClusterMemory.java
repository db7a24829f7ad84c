package io.aitta.orchestrator;

import io.aitta.core.topology.KnownCluster;
import io.aitta.core.topology.Topology;
import java.util.Optional;

/** What a node remembers of its cluster from one life to the next. Thread-safe; every method may block on the disk. */
public interface ClusterMemory {
    /**
     * The cluster this data directory belongs to; empty if it has belonged to none yet.
     *
     * @throws java.io.UncheckedIOException if it cannot be read
     * @throws IllegalStateException if what is there is damaged: the node must not go on as if it knew nothing
     */
    Optional<KnownCluster> known();

    /**
     * Forced to disk when it returns. The members of {@code _meta} may change, the cluster never.
     *
     * @throws IllegalStateException if another cluster is remembered already
     */
    void remember(KnownCluster cluster);

    /** The last topology cached; empty if there is none or it is damaged, for it is only a head start. */
    Optional<Topology> cachedTopology();

    void cacheTopology(Topology topology);
}
