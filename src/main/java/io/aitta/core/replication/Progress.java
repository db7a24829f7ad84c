package io.aitta.core.replication;

import io.aitta.core.NodeId;

/** How far a peer has come, as its primary knows. */
final class Progress {
    enum Mode {
        /** Where the logs agree is being found out: one message at a time. */
        PROBE,
        /** The logs agree: many messages at a time. */
        REPLICATE,
        /** The peer copies a whole store: nothing is sent but the offer, now and then. */
        SNAPSHOT
    }

    final NodeId node;
    Mode mode = Mode.PROBE;
    /** The logs agree up to here; only ever grows. */
    LogIndex match = LogIndex.ZERO;
    /** What to send next; above match. */
    LogIndex next;
    /** Where to go on if messages were lost. */
    private LogIndex resumeAt;
    /** Messages with entries that were not answered. */
    int inFlight;
    /** Entries for this peer are being read from the binlog. */
    boolean reading;
    /** It knows nothing of the group: it is given a whole copy, however much of the log there is. */
    boolean needsCopy;
    /** From here on the log is kept for it, since it was offered a copy and until it has caught up; null: not for it. */
    LogIndex holdFrom;
    /** The newest sending time that came back in an answer. */
    long lastAckedSend = Primary.NO_ACK;

    long retryAt = ReplicaCore.NEVER;
    int retries;
    /** The peer has answered a message by which it knows that this much is committed. */
    LogIndex commitKnown = LogIndex.ZERO;
    /** The peer knows that this much is committed, if nothing was lost since it was first told. */
    private LogIndex commitSent = LogIndex.ZERO;

    private long commitSentNanos = Long.MAX_VALUE;

    Progress(NodeId node, LogIndex next) {
        this.node = node;
        this.next = next;
        this.resumeAt = next;
    }

    /** How long to wait for an answer now: longer the more often there was none. */
    long patience(long retransmitNanos) {
        return retransmitNanos << Math.min(retries, 4);
    }

    void sent(LogIndex last, long retryAtNanos) {
        next = last.next();
        inFlight++;
        retryAt = retryAtNanos;
    }

    /** A message was sent that agrees up to {@code last} and names the commit index. */
    void told(LogIndex commit, LogIndex last, long nowNanos) {
        var told = LogIndex.min(commit, last);
        if (told.isAfter(commitSent)) {
            commitSent = told;
            commitSentNanos = nowNanos;
        }
    }

    /** Whether there is something about what is committed that was never told. */
    boolean isToBeTold(LogIndex commit) {
        return LogIndex.min(commit, match).isAfter(commitSent);
    }

    void accepted(LogIndex index, long sentNanos, LogIndex base) {
        needsCopy = false;
        inFlight = Math.max(0, inFlight - 1);
        if (sentNanos >= commitSentNanos) {
            commitKnown = LogIndex.max(commitKnown, LogIndex.min(commitSent, index));
        }
        match = LogIndex.max(match, index);
        boolean reachesLog = match.compareTo(base) >= 0;
        if (mode != Mode.SNAPSHOT || reachesLog) {
            if (mode == Mode.SNAPSHOT) {
                next = match.next();
            }
            mode = Mode.REPLICATE;
            next = LogIndex.max(next, match.next());
            resumeAt = match.next();
        }
    }

    /** What it has is held for it no more, nor anything once it lacks at most {@code slack} entries. */
    void releaseHeld(LogIndex last, long slack) {
        if (holdFrom != null && mode == Mode.REPLICATE) {
            holdFrom = match.plus((int) Math.min(Integer.MAX_VALUE, slack)).compareTo(last) >= 0
                    ? null
                    : LogIndex.max(holdFrom, match.next());
        }
    }

    /** Where the logs agree is asked further back at once; a question that was of no use, only in time. */
    void rejected(LogIndex tryFrom) {
        var from = LogIndex.max(tryFrom, match.next());
        boolean leadsOn = mode == Mode.REPLICATE || resumeAt.isAfter(from);
        mode = Mode.PROBE;
        inFlight = leadsOn ? 0 : 1;
        next = from;
        resumeAt = from;
    }

    void retry() {
        retries++;
        restart();
    }

    /** Takes everything unanswered for lost. */
    void restart() {
        mode = Mode.PROBE;
        inFlight = 0;
        reading = false;
        next = resumeAt;
        retryAt = ReplicaCore.NEVER;
    }

    /** It may have forgotten what is committed. */
    void introduced() {
        restart();
        commitKnown = LogIndex.ZERO;
        commitSent = LogIndex.ZERO;
        commitSentNanos = Long.MAX_VALUE;
    }
}
