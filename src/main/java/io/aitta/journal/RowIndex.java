package io.aitta.journal;

import io.aitta.core.replication.LogIndex;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which journal row begins with which log index. The log's index and the journal's sequence number go different ways:
 * ballots and checkpoints take rows too, and a cut tail is written again.
 */
public final class RowIndex {
    private final TreeMap<LogIndex, Long> rows = new TreeMap<>();

    /** A row holds entries from {@code first} on; rows that began at or after it are of a tail that was cut. */
    public void add(LogIndex first, long sequenceNumber) {
        rows.tailMap(first, true).clear();
        rows.put(first, sequenceNumber);
    }

    /** Forgets rows that hold nothing above {@code base}. */
    public void trimTo(LogIndex base) {
        var keep = rows.floorKey(base.next());
        if (keep != null) {
            rows.headMap(keep, false).clear();
        }
    }

    public void clear() {
        rows.clear();
    }

    /** The first row in which {@code index} may be; 0 if no row is known. */
    public long rowOf(LogIndex index) {
        var row = rows.floorEntry(index);
        return row != null
                ? row.getValue()
                : rows.isEmpty() ? 0 : rows.firstEntry().getValue();
    }

    public Map<LogIndex, Long> rows() {
        return rows;
    }
}
