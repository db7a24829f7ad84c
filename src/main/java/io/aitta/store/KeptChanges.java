package io.aitta.store;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.rocksdb.Range;
import org.rocksdb.RocksDBException;
import org.rocksdb.Slice;

/**
 * How large the changes are that are kept, in pieces: whole pieces are forgotten, so that there is one removal for each
 * of them and not for each entry. Not thread-safe.
 */
final class KeptChanges {
    /** A piece ends with the entry that makes it so large. */
    static final int PIECE_BYTES = 1 << 20;

    private static final int PIECES_FOUND = 16;

    private record Piece(long lastIndex, long bytes) {}

    /** The oldest first; null until it is known what there is. */
    private Deque<Piece> pieces;

    private long bytes;
    private long growingBytes;

    boolean isKnown() {
        return pieces != null;
    }

    /** Begins with what is stored, in pieces of as many entries each; what they take, RocksDB knows roughly. */
    void find(Engine engine, int slot, int generation, long changesAfter, long appliedIndex) throws RocksDBException {
        var slices = new ArrayList<Slice>();
        try {
            var ranges = new ArrayList<Range>();
            var ends = new ArrayList<Long>();
            long entries = appliedIndex - changesAfter;
            long begin = changesAfter;
            for (int i = 1; i <= PIECES_FOUND; i++) {
                long end = changesAfter + entries * i / PIECES_FOUND;
                slices.add(new Slice(RowKeys.row(slot, generation, RowKeys.CHANGES, RowKeys.changes(begin + 1))));
                slices.add(new Slice(RowKeys.row(slot, generation, RowKeys.CHANGES, RowKeys.changes(end + 1))));
                ranges.add(new Range(slices.get(slices.size() - 2), slices.get(slices.size() - 1)));
                ends.add(end);
                begin = end;
            }
            begin(ends, engine.approximateSizes(ranges));
        } finally {
            slices.forEach(Slice::close);
        }
    }

    private void begin(List<Long> ends, long[] sizes) {
        pieces = new ArrayDeque<>();
        bytes = 0;
        growingBytes = 0;
        for (int i = 0; i < sizes.length; i++) {
            pieces.add(new Piece(ends.get(i), sizes[i]));
            bytes += sizes[i];
        }
    }

    /** After rows were replaced: it is to be found again what there is. */
    void forget() {
        pieces = null;
    }

    void added(long index, long rowBytes) {
        if (pieces == null) {
            return;
        }
        bytes += rowBytes;
        growingBytes += rowBytes;
        if (growingBytes >= PIECE_BYTES) {
            pieces.add(new Piece(index, growingBytes));
            growingBytes = 0;
        }
    }

    /** Takes away the oldest pieces that exceed {@code keepBytes}. @return of their last entry; -1: there are none */
    long take(long keepBytes) {
        long lastIndex = -1;
        while (!pieces.isEmpty() && bytes - pieces.peek().bytes >= keepBytes) {
            var oldest = pieces.remove();
            bytes -= oldest.bytes;
            lastIndex = oldest.lastIndex;
        }
        return lastIndex;
    }
}
