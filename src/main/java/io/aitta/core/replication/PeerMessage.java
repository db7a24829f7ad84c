package io.aitta.core.replication;

import java.util.List;

/** What replicas of a group say to each other. {@code term} is the sender's term. */
public sealed interface PeerMessage {
    Term term();

    /** Would you vote for me in the term after mine? Changes nothing at the receiver. */
    record PreVote(Term term, LogIndex lastIndex, Term lastTerm) implements PeerMessage {}

    record PreVoteReply(Term term, boolean granted) implements PeerMessage {}

    /** @param transfer the primary of the term before has given up its lease for the sender's sake */
    record RequestVote(Term term, LogIndex lastIndex, Term lastTerm, boolean transfer) implements PeerMessage {}

    record VoteReply(Term term, boolean granted) implements PeerMessage {}

    /**
     * The primary's word: its entries, its commit index, and by being acknowledged its lease.
     *
     * @param sentNanos the primary's monotonic clock at sending; comes back in the reply
     */
    record Append(
            Term term,
            long sentNanos,
            LogIndex previousIndex,
            Term previousTerm,
            List<Entry> entries,
            LogIndex commitIndex)
            implements PeerMessage {}

    /**
     * @param sentNanos of the message that is answered; {@link Long#MIN_VALUE} if it answers none of {@code term}
     * @param index accepted: the logs agree up to here; else: the primary should try from here, or if it is {@link
     *     LogIndex#ZERO} offer a whole copy
     */
    record AppendReply(Term term, long sentNanos, boolean accepted, LogIndex index) implements PeerMessage {}

    /**
     * What you lack is no longer in my log: fetch a full copy of my store.
     *
     * @param index everything that was committed before {@code term} is at or below it; the store may not have come so far yet
     */
    record SnapshotOffer(Term term, long sentNanos, LogIndex index) implements PeerMessage {}

    /** Stand for election now, without waiting for promises to run out: I have given up my lease. */
    record TransferNow(Term term) implements PeerMessage {}

    /** I am no primary any more and hold no lease: elect another. */
    record Resigned(Term term) implements PeerMessage {}
}
