package io.aitta.core.replication;

import io.aitta.core.NodeId;
import java.util.Optional;

/**
 * A replica as it stands between two steps.
 *
 * @param primary the primary of {@code term} as far as known
 * @param serving a primary that has committed an entry of its own term and is not handing over: together with an
 *     unlapsed lease it may answer strong reads
 * @param leaseUntilNanos on the monotonic clock of the inputs; meaningless unless {@code serving}
 * @param quorumReachable a majority of the voters can be reached, the replica itself included if it is one
 * @param commitIndex everything up to here has been handed out for applying
 * @param lastTerm of the entry at {@code lastIndex}
 */
public record Status(
        Role role,
        Term term,
        Optional<NodeId> primary,
        boolean serving,
        long leaseUntilNanos,
        boolean quorumReachable,
        boolean transferring,
        LogIndex commitIndex,
        LogIndex lastIndex,
        Term lastTerm,
        Membership membership) {
    public enum Role {
        /** A voter that is not primary, or a learner, or a replica that knows no membership yet. */
        FOLLOWER,
        PRE_CANDIDATE,
        CANDIDATE,
        PRIMARY
    }

    /** Whether a strong read may be answered from the store at {@code nowNanos}. */
    public boolean mayRead(long nowNanos) {
        return serving && nowNanos < leaseUntilNanos;
    }
}
