package io.aitta.orchestrator;

import io.aitta.core.NodeId;
import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Which nodes can be reached, as this node sees it now. Not part of the topology: every node judges by its own view of
 * the Pekko cluster. Thread-safe, never blocks.
 */
public interface NodeStates {
    enum NodeState {
        UP,
        /** A member that does not answer, and has not been given up yet. */
        UNREACHABLE,
        /** No member, or one that has left or was given up. */
        DOWN
    }

    /**
     * A process that belongs to the Pekko cluster.
     *
     * @param address of its actor system
     * @param rank by age among all members: 0 is the one longest up
     * @param joined has become up
     */
    record Seen(NodeId node, String address, NodeState state, int rank, boolean joined) {}

    /** All members that carry a node id. Of one id there may be several for a while. */
    Collection<Seen> members();

    /**
     * Runs {@code listener} after each change, one call at a time, on a thread of the cluster's; it must not block.
     * Closing ends it.
     */
    AutoCloseable subscribe(Runnable listener);

    default NodeState of(NodeId node) {
        NodeState best = NodeState.DOWN;
        for (Seen member : members()) {
            if (member.node().equals(node) && member.state().compareTo(best) < 0) {
                best = member.state();
            }
        }
        return best;
    }

    /** Nodes in state UP. */
    default Set<NodeId> up() {
        var up = new HashSet<NodeId>();
        for (Seen member : members()) {
            if (member.state() == NodeState.UP) {
                up.add(member.node());
            }
        }
        return up;
    }

    /** The node the orchestrator runs on or will run on: the one longest up. */
    default Optional<NodeId> oldest() {
        Seen oldest = null;
        for (Seen member : members()) {
            if (member.joined()
                    && member.state() != NodeState.DOWN
                    && (oldest == null || member.rank() < oldest.rank())) {
                oldest = member;
            }
        }
        return Optional.ofNullable(oldest).map(Seen::node);
    }
}
