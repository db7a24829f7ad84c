package io.aitta.core.replication;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A replica's log above its base. It knows the term and size of every entry; the commands of older entries are let go
 * when they take too much memory ({@link #evict}) and are then only in the binlog.
 */
public final class Log {
    /** A run of entries of one term. */
    public record Run(LogIndex first, LogIndex last, Term term, long bytes) {}

    private static final class Slot {
        final long term;
        final int size;
        /** Null once evicted. */
        Command command;

        Slot(long term, int size, Command command) {
            this.term = term;
            this.size = size;
            this.command = command;
        }
    }

    private LogIndex base = LogIndex.ZERO;
    private Term baseTerm = Term.ZERO;
    private Membership baseMembership = Membership.NONE;
    /** slots.get(i) is the entry at base + 1 + i. */
    private final ArrayList<Slot> slots = new ArrayList<>();
    /** Changes above the base. */
    private final TreeMap<LogIndex, Membership> memberships = new TreeMap<>();
    /** Every entry after this one has its command; base <= evictedTo. */
    private LogIndex evictedTo = LogIndex.ZERO;

    private long residentBytes;

    public LogIndex base() {
        return base;
    }

    public Term baseTerm() {
        return baseTerm;
    }

    public Membership baseMembership() {
        return baseMembership;
    }

    public Map<LogIndex, Membership> memberships() {
        return memberships;
    }

    public LogIndex lastIndex() {
        return base.plus(slots.size());
    }

    public Term lastTerm() {
        return termAt(lastIndex());
    }

    /** The newest membership in the log, committed or not. */
    public Membership membership() {
        return memberships.isEmpty() ? baseMembership : memberships.lastEntry().getValue();
    }

    /** The membership in force at {@code index}, which must not be before the base. */
    public Membership membershipAt(LogIndex index) {
        var entry = memberships.floorEntry(index);
        return entry == null ? baseMembership : entry.getValue();
    }

    /** Where the newest membership stands; the base if no entry above it changes it. */
    public LogIndex membershipIndex() {
        return memberships.isEmpty() ? base : memberships.lastKey();
    }

    /** Whether the term of {@code index} is known: from the base to the last entry. */
    public boolean covers(LogIndex index) {
        return index.compareTo(base) >= 0 && index.compareTo(lastIndex()) <= 0;
    }

    /** @throws IllegalStateException unless {@link #covers} */
    public Term termAt(LogIndex index) {
        Invariant.check(covers(index), "term of %s asked of a log %s..%s", index, base, lastIndex());
        return index.equals(base) ? baseTerm : new Term(slot(index).term);
    }

    /** Whether {@link #entry} can give it from memory. */
    public boolean isResident(LogIndex index) {
        return index.isAfter(evictedTo) && index.isAfter(base) && index.compareTo(lastIndex()) <= 0;
    }

    /** @throws IllegalStateException unless {@link #isResident} */
    public Entry entry(LogIndex index) {
        Invariant.check(
                isResident(index),
                "entry %s asked of a log %s..%s, evicted to %s",
                index,
                base,
                lastIndex(),
                evictedTo);
        var slot = slot(index);
        return new Entry(index, new Term(slot.term), slot.command);
    }

    /** From {@code from} on to at most {@code to}, as many as {@code maxBytes} hold, at least one. All must be resident. */
    List<Entry> entries(LogIndex from, LogIndex to, int maxBytes) {
        var result = new ArrayList<Entry>();
        long bytes = 0;
        for (var index = from; index.compareTo(to) <= 0; index = index.next()) {
            var entry = entry(index);
            bytes += entry.command().size();
            if (!result.isEmpty() && bytes > maxBytes) {
                break;
            }
            result.add(entry);
        }
        return result;
    }

    /** The earliest index such that the entries from it up to {@code index} have at most {@code bytes}; above the base. */
    LogIndex keepFrom(LogIndex index, long bytes) {
        long left = bytes;
        var from = index.next();
        while (from.plus(-1).isAfter(base)) {
            left -= slot(from.plus(-1)).size;
            if (left < 0) {
                break;
            }
            from = from.plus(-1);
        }
        return from;
    }

    /** Of the entries after {@code index}, which must not be before the base. */
    long bytesAfter(LogIndex index) {
        long bytes = 0;
        for (var later = index.next(); later.compareTo(lastIndex()) <= 0; later = later.next()) {
            bytes += slot(later).size;
        }
        return bytes;
    }

    public List<Run> runs() {
        var runs = new ArrayList<Run>();
        for (var index = base.next(); index.compareTo(lastIndex()) <= 0; index = index.next()) {
            var slot = slot(index);
            var last = runs.isEmpty() ? null : runs.get(runs.size() - 1);
            if (last != null && last.term().value() == slot.term) {
                runs.set(runs.size() - 1, new Run(last.first(), index, last.term(), last.bytes() + slot.size));
            } else {
                runs.add(new Run(index, index, new Term(slot.term), slot.size));
            }
        }
        return runs;
    }

    void found(Membership membership) {
        Invariant.check(
                baseMembership.equals(Membership.NONE), "founded twice: %s, then %s", baseMembership, membership);
        baseMembership = membership;
    }

    void append(List<Entry> entries) {
        truncateFrom(entries.get(0).index());
        for (var entry : entries) {
            Invariant.check(entry.index().equals(lastIndex().next()), "entry %s after %s", entry.index(), lastIndex());
            Invariant.check(!lastTerm().isNewerThan(entry.term()), "term %s after %s", entry.term(), lastTerm());
            slots.add(new Slot(entry.term().value(), entry.command().size(), entry.command()));
            residentBytes += entry.command().size();
            if (entry.command() instanceof Command.ChangeMembership change) {
                memberships.put(entry.index(), change.membership());
            }
        }
    }

    private void truncateFrom(LogIndex index) {
        Invariant.check(index.isAfter(base), "cut from %s, at or below the base %s", index, base);
        while (lastIndex().compareTo(index) >= 0) {
            var slot = slots.remove(slots.size() - 1);
            if (slot.command != null) {
                residentBytes -= slot.size;
            }
        }
        memberships.tailMap(index, true).clear();
        evictedTo = LogIndex.min(evictedTo, lastIndex());
    }

    /** Forgets the entries up to {@code index}, which becomes the base. */
    void trimTo(LogIndex index) {
        if (!index.isAfter(base)) {
            return;
        }
        var term = termAt(index);
        var membership = membershipAt(index);
        int count = (int) (index.value() - base.value());
        for (var slot : slots.subList(0, count)) {
            if (slot.command != null) {
                residentBytes -= slot.size;
            }
        }
        slots.subList(0, count).clear();
        memberships.headMap(index, true).clear();
        base = index;
        baseTerm = term;
        baseMembership = membership;
        evictedTo = LogIndex.max(evictedTo, base);
    }

    /** Becomes empty with this base. */
    void reset(LogIndex index, Term term, Membership membership) {
        slots.clear();
        memberships.clear();
        residentBytes = 0;
        base = index;
        baseTerm = term;
        baseMembership = membership;
        evictedTo = index;
    }

    /** Takes back what {@link #runs()} and {@link #memberships()} told; none of it is resident. Only on a log just reset. */
    void restore(List<Run> runs, Map<LogIndex, Membership> changes) {
        for (var run : runs) {
            long count = run.last().value() - run.first().value() + 1;
            for (long i = 0; i < count; i++) {
                slots.add(new Slot(run.term().value(), (int) (run.bytes() / count), null));
            }
        }
        memberships.putAll(changes);
        evictedTo = lastIndex();
    }

    /** The last entry whose command is not in memory; the base if all are. */
    public LogIndex evictedTo() {
        return LogIndex.max(evictedTo, base);
    }

    /** Brings back commands after a restart, from the oldest wanted to {@link #evictedTo()}. Entries that were cut since are passed over. */
    public void fill(List<Entry> entries) {
        for (var entry : entries) {
            boolean wanted = covers(entry.index()) && entry.index().isAfter(base);
            if (wanted && slot(entry.index()).term == entry.term().value() && slot(entry.index()).command == null) {
                slot(entry.index()).command = entry.command();
                residentBytes += slot(entry.index()).size;
            }
        }
        while (evictedTo.isAfter(base) && slot(evictedTo).command != null) {
            evictedTo = evictedTo.plus(-1);
        }
    }

    /** Lets go of commands up to {@code limit}, the oldest first, until at most {@code bytes} stay in memory. */
    void evict(LogIndex limit, long bytes) {
        var end = LogIndex.min(limit, lastIndex());
        evictedTo = LogIndex.max(evictedTo, base);
        while (residentBytes > bytes && end.isAfter(evictedTo)) {
            evictedTo = evictedTo.next();
            var slot = slot(evictedTo);
            if (slot.command != null) {
                residentBytes -= slot.size;
                slot.command = null;
            }
        }
    }

    private Slot slot(LogIndex index) {
        return slots.get((int) (index.value() - base.value() - 1));
    }
}
