package io.aitta.core.topology;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.replication.LogIndex;
import io.aitta.core.replication.Membership;
import io.aitta.core.replication.Term;
import java.util.Map;

/**
 * How a partition's group stands, by the word of its primary. The orchestrator learns of groups by these and by nothing
 * else.
 *
 * @param serving it has committed an entry of its own term, and is not handing over
 * @param transferring it is handing over: STUCK
 * @param settled the last change of membership is committed, and another may begin
 * @param slowedFor the learner for whose sake writers are being throttled: SLOWDOWN; null if for none
 * @param peers all other members, voters and learners
 */
public record PartitionReport(
        PartitionId partition,
        NodeId primary,
        Term term,
        boolean serving,
        boolean transferring,
        boolean settled,
        NodeId slowedFor,
        LogIndex commit,
        LogIndex last,
        Membership membership,
        Map<NodeId, Peer> peers) {
    /**
     * @param match its log agrees with the primary's up to here
     * @param reachable by the primary's failure detector
     * @param copying it is being given a whole copy of the store
     * @param caughtUp a learner that may be promoted
     */
    public record Peer(LogIndex match, boolean reachable, boolean copying, boolean caughtUp) {}
}
