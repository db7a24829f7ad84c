package io.aitta.core.topology;

import io.aitta.core.NodeId;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What was ordered for a node, beside what it says of itself. Kept when the node registers again.
 *
 * @param weight in the place of its own; 0 to {@link NodeInfo#MAX_WEIGHT}
 * @param zone in the place of its own
 * @param draining its replicas are to go elsewhere, and it gets none
 * @param lost it is gone for good: its replicas count as lost at once, and it is removed when none are left
 * @param replacedBy where its replicas are to go, as far as the rules of placement allow; only while draining
 */
public record NodeOrders(
        OptionalInt weight, Optional<String> zone, boolean draining, boolean lost, Optional<NodeId> replacedBy) {
    public static final NodeOrders NONE =
            new NodeOrders(OptionalInt.empty(), Optional.empty(), false, false, Optional.empty());

    public NodeOrders withWeight(int weight) {
        return new NodeOrders(OptionalInt.of(weight), zone, draining, lost, replacedBy);
    }

    public NodeOrders withZone(String zone) {
        return new NodeOrders(weight, Optional.of(zone), draining, lost, replacedBy);
    }

    /** Draining, to {@code replacedBy} if there is one. */
    public NodeOrders drained(Optional<NodeId> replacedBy) {
        return new NodeOrders(weight, zone, true, lost, replacedBy);
    }

    public NodeOrders undrained() {
        return new NodeOrders(weight, zone, false, false, Optional.empty());
    }

    /** Gone for good. */
    public NodeOrders givenUp() {
        return new NodeOrders(weight, zone, true, true, replacedBy);
    }
}
