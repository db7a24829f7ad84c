package io.aitta.orchestrator;

import io.aitta.core.topology.Topology;

/** A node's view of the topology, for tests of those who look at it. */
public final class TestViews {
    private TestViews() {}

    public static TopologyView of(Topology first) {
        return new TopologyView(first, "");
    }

    /** As if the orchestrator had spread it. */
    public static void offer(TopologyView view, Topology newer) {
        view.offer(newer);
    }
}
