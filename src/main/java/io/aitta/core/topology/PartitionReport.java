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
 * @param epoch of the topology that the primary's node knew when it began to look. Orders which that topology does not
 *     allow ({@link MoveSteps#allows}) are declined from then on, and those taken before are in this report: it is made
 *     behind them in the replica's own queue
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
        Map<NodeId, Peer> peers,
        Epoch epoch) {
    /**
     * @param match its log agrees with the primary's up to here
     * @param reachable by the primary's failure detector
     * @param copying it is being given a whole copy of the store
     * @param caughtUp a learner that may be promoted
     */
    public record Peer(LogIndex match, boolean reachable, boolean copying, boolean caughtUp) {}

    /** As the replica itself makes it, which knows of no epoch. */
    public PartitionReport(
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
        this(
                partition,
                primary,
                term,
                serving,
                transferring,
                settled,
                slowedFor,
                commit,
                last,
                membership,
                peers,
                Epoch.ZERO);
    }

    public PartitionReport withEpoch(Epoch known) {
        return new PartitionReport(
                partition,
                primary,
                term,
                serving,
                transferring,
                settled,
                slowedFor,
                commit,
                last,
                membership,
                peers,
                known);
    }

    /** Whether the primary can reach it, or is it. */
    public boolean isReachable(NodeId member) {
        Peer peer = peers.get(member);
        return member.equals(primary) || peer != null && peer.reachable();
    }
}
