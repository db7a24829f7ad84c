package io.aitta.core.replication;

import io.aitta.core.NodeId;
import java.util.List;
import java.util.Optional;

/** Everything that can happen to a replica. */
public sealed interface Input {
    /** Found the group with this membership. Does nothing if the replica knows a membership already. */
    record Found(Membership membership) implements Input {}

    /**
     * This replica does not found the group, though it may have belonged to it and have forgotten that: nobody of an
     * earlier term than this is to be listened to. Does nothing if the replica knows more.
     */
    record Join(Term atLeast) implements Input {}

    /** Put this into the log. Answered in the same step by {@link Effect.Accepted} or {@link Effect.Declined}. */
    record Propose(byte[] batch) implements Input {}

    record Receive(NodeId from, PeerMessage message) implements Input {}

    /** The time of {@link ReplicaCore#wakeAtNanos()} has come. Too early or too often does no harm. */
    record WakeUp() implements Input {}

    /** The failure detector thinks so. Every peer is taken for reachable until said otherwise. */
    record PeerReachable(NodeId peer) implements Input {}

    record PeerUnreachable(NodeId peer) implements Input {}

    /** A read found the lease lapsed: renew it with one round. No answer but the lease itself. */
    record ConfirmLease() implements Input {}

    /**
     * Hand the primary's role over: to {@code target}, or to the best one. Declined at once if that cannot be; otherwise
     * seen in {@link Status}: it ends with another primary, or with this one going on after a time limit.
     */
    record TransferPrimary(Optional<NodeId> target) implements Input {}

    /** Answered in the same step by {@link Effect.Accepted} or {@link Effect.Declined}. */
    record ChangeMembership(Change change) implements Input {}

    /**
     * The majority is gone for good: make {@code survivors}, of which this replica is one, the whole group, and stand for
     * election. What only the others had is lost. Declined if they are not all members, or a majority can be reached.
     */
    record Recover(List<NodeId> survivors) implements Input {
        public Recover {
            survivors = List.copyOf(survivors);
        }
    }

    /** Answer to {@link Effect.ReadLog}; {@code entries} may be fewer than asked, and empty if they could not be read. */
    record LogRead(NodeId peer, List<Entry> entries) implements Input {}

    /** Answer to {@link Effect.FetchSnapshot}: a copy lies beside the store, ready to be installed. */
    record SnapshotReady(LogIndex index, Term term, Membership membership) implements Input {}

    /** Answer to {@link Effect.FetchSnapshot}: it came to nothing. */
    record SnapshotFailed() implements Input {}

    /**
     * Everything applied up to {@code index} is forced to disk in the store.
     *
     * @param term of the entry at that index: a copy may have taken the store's place since, with fewer entries or others
     */
    record StoreForced(LogIndex index, Term term) implements Input {}

    /** One step of membership: never more than one voter comes or goes at a time. */
    sealed interface Change {
        NodeId node();

        record AddLearner(NodeId node) implements Change {}

        /** A learner that has caught up becomes a voter. */
        record Promote(NodeId node) implements Change {}

        /** A learner, or a voter other than the primary itself, leaves. */
        record Remove(NodeId node) implements Change {}
    }
}
