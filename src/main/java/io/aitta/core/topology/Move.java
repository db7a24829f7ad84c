package io.aitta.core.topology;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import java.util.Optional;

/**
 * A change of one partition's replicas that is under way: one comes, one goes, or one comes and another goes. A partition
 * has at most one at a time. Its steps are not kept: what to do next follows from the group's own membership
 * ({@link MoveSteps}), so that any orchestrator can go on with it, whoever began it.
 *
 * <p>While it is under way, {@code to} is among the partition's replicas already, and {@code from} still is.
 *
 * @param id above 0, never used twice in a cluster
 * @param to who gets a replica; not empty if {@code from} is
 * @param from whose replica goes
 * @param role of the new replica in the end; meaningless if {@code to} is empty
 * @param cancelling it is being taken back: {@code to} goes, and {@code from} stays
 * @param begunMillis wall-clock time of the orchestrator that began it, since 1970
 */
public record Move(
        long id,
        PartitionId partition,
        Optional<NodeId> to,
        Optional<NodeId> from,
        ReplicaInfo.Role role,
        Cause cause,
        boolean cancelling,
        long begunMillis) {
    /** Why it is done; by urgency. */
    public enum Cause {
        /** A replica was lost with its node. */
        REPAIR,
        /** Somebody asked for this very move. */
        ORDERED,
        /** There are fewer replicas than wanted. */
        FILL,
        /** Its node is being drained. */
        DRAIN,
        /** There are more replicas than wanted. */
        EXCESS,
        /** Two replicas share a zone, or a learner stands in another zone than was asked for. */
        ZONE,
        /** Nodes carry more or less than their share. */
        BALANCE
    }

    public Move {
        if (id <= 0 || to.isEmpty() && from.isEmpty() || to.equals(from)) {
            throw new IllegalArgumentException("move " + id + " of " + partition + " from " + from + " to " + to);
        }
    }

    public Move cancelled() {
        return new Move(id, partition, to, from, role, cause, true, begunMillis);
    }
}
