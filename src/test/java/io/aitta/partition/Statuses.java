package io.aitta.partition;

import io.aitta.core.NodeId;
import io.aitta.core.replication.LogIndex;
import io.aitta.core.replication.Membership;
import io.aitta.core.replication.Status;
import io.aitta.core.replication.Term;
import java.time.Duration;
import java.util.Optional;

/** Replicas of a group of n1, n2 and n3, as they may stand. */
final class Statuses {
    static final NodeId N1 = new NodeId("n1");
    static final NodeId N2 = new NodeId("n2");
    static final NodeId N3 = new NodeId("n3");
    static final Membership ALL = Membership.ofVoters(N1, N2, N3);

    private Statuses() {}

    /** With a lease that runs for longer than any test. */
    static Status primary(NodeId self, long lastIndex) {
        return new Status(
                Status.Role.PRIMARY,
                new Term(1),
                Optional.of(self),
                true,
                System.nanoTime() + Duration.ofMinutes(5).toNanos(),
                true,
                false,
                new LogIndex(lastIndex),
                new LogIndex(lastIndex),
                new Term(1),
                ALL);
    }

    static Status secondaryOf(NodeId primary, long lastIndex) {
        return follower(Optional.of(primary), true, lastIndex, ALL);
    }

    static Status cutOff(long lastIndex) {
        return follower(Optional.empty(), false, lastIndex, ALL);
    }

    static Status removed(long lastIndex) {
        return follower(Optional.empty(), true, lastIndex, Membership.ofVoters(N2, N3));
    }

    private static Status follower(
            Optional<NodeId> primary, boolean quorumReachable, long lastIndex, Membership membership) {
        return new Status(
                Status.Role.FOLLOWER,
                new Term(1),
                primary,
                false,
                0,
                quorumReachable,
                false,
                LogIndex.ZERO,
                new LogIndex(lastIndex),
                new Term(1),
                membership);
    }
}
