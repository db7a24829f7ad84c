package io.aitta.core.replication;

import io.aitta.core.NodeId;

/** What the shell has to do for the core, beside persisting and sending. */
public sealed interface Effect {
    /** The entries from {@code from} to {@code to}, both included, are committed: apply them in order, now. */
    record Apply(LogIndex from, LogIndex to) implements Effect {}

    /** The proposal of this step stands at this position. Committed or not: see {@link Apply} and the entry's term. */
    record Accepted(LogIndex index, Term term) implements Effect {}

    /** The proposal, transfer or change of this step was not begun. Nothing happened. */
    record Declined(Reason reason, String message) implements Effect {}

    /** Read entries from {@code from} on, about {@code maxBytes} of them but at least one, out of the binlog for {@code peer}. */
    record ReadLog(NodeId peer, LogIndex from, LogIndex to, int maxBytes) implements Effect {}

    /** Begin, or go on, to copy the store of {@code from}. Ignored while such a copy from the same node is under way. */
    record FetchSnapshot(NodeId from) implements Effect {}

    /** Make the copy live in the store. Done before the events of the step are persisted. */
    record InstallSnapshot(LogIndex index) implements Effect {}

    /** Throw the copy away: the replica has come further on its own. */
    record DiscardSnapshot() implements Effect {}

    enum Reason {
        NOT_PRIMARY,
        /** Too few voters can be reached. */
        NO_QUORUM,
        /** A group that can help itself is not recovered by force. */
        QUORUM_REACHABLE,
        /** The primary's role is being handed over: what comes now should wait for the new one. */
        TRANSFERRING,
        /** Too much is uncommitted: wait for commits. */
        WINDOW_FULL,
        /** An earlier change of membership is not committed, or nothing of this term is. */
        CHANGE_UNDER_WAY,
        NOT_A_MEMBER,
        ALREADY_A_MEMBER,
        NOT_CAUGHT_UP,
        /** The primary cannot remove itself, nor hand over to itself. */
        IS_PRIMARY
    }
}
