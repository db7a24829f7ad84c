package io.aitta.sim;

import io.aitta.core.NodeId;
import io.aitta.core.replication.BinlogEvent;
import io.aitta.core.replication.Durable;
import io.aitta.core.replication.Entry;
import io.aitta.core.replication.Log;
import io.aitta.core.replication.LogIndex;
import io.aitta.core.replication.Membership;
import io.aitta.core.replication.Term;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A replica's disk: the events that were made durable, and what was kept at the last checkpoint. Survives crashes. */
final class Binlog {
    /** What {@link Durable#restored} needs, as of the first {@code events} events. */
    private record Checkpoint(
            int events,
            Term term,
            Optional<NodeId> votedFor,
            LogIndex checkpoint,
            LogIndex base,
            Term baseTerm,
            Membership baseMembership,
            List<Log.Run> runs,
            Map<LogIndex, Membership> memberships) {}

    private final List<BinlogEvent> events = new ArrayList<>();
    private final TreeMap<Long, Entry> entries = new TreeMap<>();
    /** Entries that were cut, as a reader that is late may still see them. */
    private final TreeMap<Long, Entry> cut = new TreeMap<>();

    private Checkpoint checkpoint;

    void append(List<BinlogEvent> more) {
        for (var event : more) {
            events.add(event);
            if (event instanceof BinlogEvent.Appended appended) {
                var tail = entries.tailMap(appended.entries().get(0).index().value(), true);
                cut.putAll(tail);
                tail.clear();
                appended.entries().forEach(entry -> entries.put(entry.index().value(), entry));
            }
        }
    }

    /** Keeps the state of all events so far, so that a restart need not begin with the first. */
    void keep(Durable durable) {
        var log = durable.log();
        checkpoint = new Checkpoint(
                events.size(),
                durable.term(),
                durable.votedFor(),
                durable.checkpoint(),
                log.base(),
                log.baseTerm(),
                log.baseMembership(),
                log.runs(),
                new TreeMap<>(log.memberships()));
    }

    Durable replayAll() {
        return replay(new Durable(), 0);
    }

    /** The same state as {@link #replayAll}, from the last checkpoint on if there is one. */
    Durable replayFromCheckpoint() {
        if (checkpoint == null) {
            return replayAll();
        }
        var c = checkpoint;
        var restored = Durable.restored(
                c.term, c.votedFor, c.checkpoint, c.base, c.baseTerm, c.baseMembership, c.runs, c.memberships);
        return replay(restored, c.events);
    }

    private Durable replay(Durable durable, int from) {
        events.subList(from, events.size()).forEach(durable::evolve);
        return durable;
    }

    /** The entries of the log from {@code from} to {@code to}, both included. */
    List<Entry> entries(LogIndex from, LogIndex to) {
        return from.isAfter(to)
                ? List.of()
                : List.copyOf(
                        entries.subMap(from.value(), true, to.value(), true).values());
    }

    /** What a reader might find that is late: entries that were cut since. */
    List<Entry> cutEntries(LogIndex from, LogIndex to) {
        var found = new ArrayList<Entry>();
        for (long i = from.value(); i <= to.value() && cut.containsKey(i); i++) {
            found.add(cut.get(i));
        }
        return found;
    }

    /** The term in which the replica is by what is durable. */
    Term term() {
        var term = Term.ZERO;
        for (var event : events) {
            if (event instanceof BinlogEvent.BallotCast ballot) {
                term = ballot.term();
            }
        }
        return term;
    }
}
