package io.aitta.core.replication;

import io.aitta.core.NodeId;
import java.util.Optional;

/**
 * The predicates on which the protocol's safety rests, in one place. {@link #RAFT} is the only implementation outside of
 * the simulator, which breaks them one by one to prove that it would notice. "Raft" is Ongaro's dissertation (2014).
 */
public class Rules {
    public static final Rules RAFT = new Rules();

    protected Rules() {}

    /**
     * Who does not know the group yet may have belonged to it before, its data being removed since: it cannot tell what it
     * voted for, nor what it acknowledged.
     */
    protected boolean mayVote(Membership own) {
        return !own.equals(Membership.NONE);
    }

    /** Raft 3.4: one vote a term. */
    protected boolean voteIsFree(Optional<NodeId> votedFor, NodeId candidate) {
        return votedFor.isEmpty() || votedFor.get().equals(candidate);
    }

    /** Raft 3.6.1: a candidate must hold every committed entry, so its log must end no earlier than the voter's. */
    protected boolean isUpToDate(Term lastTerm, LogIndex lastIndex, Log own) {
        int byTerm = lastTerm.compareTo(own.lastTerm());
        return byTerm > 0 || byTerm == 0 && lastIndex.compareTo(own.lastIndex()) >= 0;
    }

    /**
     * Whose log ends before the era of its term was given up when the era began, or cannot know that it was not: as primary
     * it would draw the group back to what it was before.
     */
    protected boolean mayLead(Term term, Term lastOfLog) {
        return !lastOfLog.isOfEarlierEraThan(term);
    }

    /** Raft 6.4.1: a voter that has acknowledged a primary helps no other before the lease it gave has run out. */
    protected boolean promiseBinds(long promiseUntilNanos, long nowNanos) {
        return nowNanos < promiseUntilNanos;
    }

    /** Raft 3.5, the log matching property: entries may follow only the entry that they follow at the primary. */
    protected boolean agrees(Log log, LogIndex previousIndex, Term previousTerm) {
        return log.termAt(previousIndex).equals(previousTerm);
    }

    /** Raft 3.6.2: entries of earlier terms are committed only together with one of the primary's own. */
    protected boolean mayCommitByCount(Term entryTerm, Term primaryTerm) {
        return entryTerm.equals(primaryTerm);
    }

    /** How many voters must agree. */
    protected int quorum(Membership membership) {
        return membership.majority();
    }

    /**
     * Raft 4.1 with the correction of 2015: no change before the last one is committed, nor before an entry of the
     * primary's own term is.
     */
    protected boolean changeMayBegin(LogIndex lastChange, LogIndex termStart, LogIndex commit) {
        return !lastChange.isAfter(commit) && !termStart.isAfter(commit);
    }

    /** Raft 6.4: a new primary knows what is committed only once an entry of its own term is. */
    protected boolean mayServe(LogIndex termStart, LogIndex commit, boolean handedOver) {
        return !termStart.isAfter(commit) && !handedOver;
    }
}
