package io.aitta.journal;

import io.aitta.core.replication.BinlogEvent;
import io.aitta.core.replication.Durable;
import io.aitta.core.replication.Entry;
import io.aitta.core.replication.LogIndex;
import java.util.ArrayList;
import java.util.List;

/**
 * A replica's durable state together with where its entries stand in the journal. Every event is one row, so counting
 * events counts sequence numbers. Changed in place, by one thread at a time.
 */
public final class BinlogState {
    private final Durable durable;
    private final RowIndex rows;
    private long sequenceNumber;

    public BinlogState() {
        this(new Durable(), new RowIndex(), 0);
    }

    BinlogState(Durable durable, RowIndex rows, long sequenceNumber) {
        this.durable = durable;
        this.rows = rows;
        this.sequenceNumber = sequenceNumber;
    }

    public Durable durable() {
        return durable;
    }

    RowIndex rows() {
        return rows;
    }

    public long sequenceNumber() {
        return sequenceNumber;
    }

    public BinlogState evolve(BinlogEvent event) {
        durable.evolve(event);
        sequenceNumber++;
        if (event instanceof BinlogEvent.Appended appended) {
            rows.add(appended.entries().get(0).index(), sequenceNumber);
        } else if (event instanceof BinlogEvent.SnapshotInstalled
                && durable.log().runs().isEmpty()) {
            rows.clear();
        }
        rows.trimTo(durable.log().base());
        return this;
    }

    /** The journal row from which the entry can be read, with what follows it. */
    public long rowOf(LogIndex index) {
        return rows.rowOf(index);
    }

    /** Rows up to here are needed no more once the state is kept by a checkpoint; 0: none. */
    public long purgeableTo() {
        long first = rows.rowOf(durable.log().base().next());
        return first == 0 ? sequenceNumber - 1 : Math.min(first, sequenceNumber) - 1;
    }

    /**
     * The entries of journal rows, in their order, as the log has them: later rows overrule earlier ones, and what was
     * cut is left out.
     *
     * @return entries that follow each other from {@code from} on, at most to {@code to}; empty if {@code from} is not among them
     */
    public List<Entry> entriesOf(List<BinlogEvent> events, LogIndex from, LogIndex to) {
        var log = durable.log();
        var found = new ArrayList<Entry>();
        for (var event : events) {
            if (event instanceof BinlogEvent.Appended appended) {
                for (var entry : appended.entries()) {
                    boolean inLog = log.covers(entry.index())
                            && log.termAt(entry.index()).equals(entry.term());
                    boolean next = entry.index().equals(from.plus(found.size()));
                    if (inLog && next && !entry.index().isAfter(to)) {
                        found.add(entry);
                    }
                }
            }
        }
        return found;
    }
}
