package io.aitta.core.replication;

import io.aitta.core.NodeId;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a replica knows after a crash: the outcome of its binlog's events and nothing else. {@link #evolve} only
 * computes. It changes this object in place and must be called by one thread at a time.
 */
public final class Durable {
    private Term term = Term.ZERO;
    /** The one vote given in {@link #term}. */
    private Optional<NodeId> votedFor = Optional.empty();

    private LogIndex checkpoint = LogIndex.ZERO;
    private final Log log = new Log();

    public Term term() {
        return term;
    }

    public Optional<NodeId> votedFor() {
        return votedFor;
    }

    /** Everything up to here is on disk in the store. */
    public LogIndex checkpoint() {
        return checkpoint;
    }

    public Log log() {
        return log;
    }

    public Membership membership() {
        return log.membership();
    }

    /** @throws IllegalStateException if the event cannot follow what came before: the binlog is damaged */
    public Durable evolve(BinlogEvent event) {
        if (event instanceof BinlogEvent.Founded founded) {
            log.found(founded.membership());
        } else if (event instanceof BinlogEvent.BallotCast ballot) {
            castBallot(ballot);
        } else if (event instanceof BinlogEvent.Appended appended) {
            log.append(appended.entries());
        } else if (event instanceof BinlogEvent.CheckpointTaken taken) {
            checkpoint = LogIndex.max(checkpoint, taken.index());
            log.trimTo(taken.keepFrom().plus(-1));
        } else if (event instanceof BinlogEvent.SnapshotInstalled installed) {
            install(installed);
        }
        return this;
    }

    private void castBallot(BinlogEvent.BallotCast ballot) {
        Invariant.check(!term.isNewerThan(ballot.term()), "ballot of term %s in term %s", ballot.term(), term);
        Invariant.check(
                ballot.term().isNewerThan(term) || votedFor.isEmpty() || votedFor.equals(ballot.votedFor()),
                "two votes in term %s: %s, then %s",
                term,
                votedFor,
                ballot.votedFor());
        term = ballot.term();
        votedFor = ballot.votedFor();
    }

    private void install(BinlogEvent.SnapshotInstalled installed) {
        boolean agrees =
                log.covers(installed.index()) && log.termAt(installed.index()).equals(installed.term());
        if (agrees) {
            checkpoint = LogIndex.max(checkpoint, installed.index());
            log.trimTo(installed.index());
        } else {
            // A group that was recovered by force may have begun its era with less than we had.
            Invariant.check(
                    !log.base().isAfter(installed.index()) || log.baseTerm().isOfEarlierEraThan(installed.term()),
                    "a snapshot of %s after the log began at %s",
                    installed.index(),
                    log.base());
            checkpoint = installed.index();
            log.reset(installed.index(), installed.term(), installed.membership());
        }
    }

    /** Begins from what a checkpoint kept, instead of from the first event. Only on a new object. */
    public static Durable restored(
            Term term,
            Optional<NodeId> votedFor,
            LogIndex checkpoint,
            LogIndex base,
            Term baseTerm,
            Membership baseMembership,
            List<Log.Run> runs,
            Map<LogIndex, Membership> memberships) {
        var durable = new Durable();
        durable.term = term;
        durable.votedFor = votedFor;
        durable.checkpoint = checkpoint;
        durable.log.reset(base, baseTerm, baseMembership);
        durable.log.restore(runs, memberships);
        return durable;
    }
}
