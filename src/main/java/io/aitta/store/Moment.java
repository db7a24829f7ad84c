package io.aitta.store;

import com.google.protobuf.ByteString;
import io.aitta.proto.record.v1.ReplicaMark;
import java.util.Arrays;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;

/**
 * The rows of a replica as they were at one moment: one RocksDB iterator, which sees what was there when it was made and
 * keeps its files, even if the replica is dropped or replaced meanwhile (a RocksDB snapshot would not survive the removal
 * of whole files). Its mark is the one of these rows.
 *
 * <p>Every method must be called inside the {@link Gate}. Not thread-safe.
 */
final class Moment implements AutoCloseable {
    private final Slice end;
    private final ReadOptions options;
    private final RocksIterator rows;
    private final ReplicaMark mark;
    private final byte[] generation;
    private byte[] key;
    private boolean closed;

    /** @param inBulk what is read once, in bulk, must not push out of the cache what clients read */
    Moment(Engine engine, int slot, boolean inBulk) throws RocksDBException {
        end = new Slice(RowKeys.slotEnd(slot));
        options = new ReadOptions().setIterateUpperBound(end).setFillCache(!inBulk);
        rows = engine.db().newIterator(options);
        try {
            var markKey = RowKeys.mark(slot);
            rows.seek(markKey);
            rows.status();
            mark = rows.isValid() && Arrays.equals(rows.key(), markKey)
                    ? Rows.parse(ReplicaMark.parser(), rows.value())
                    : RocksReplica.NOTHING_APPLIED;
        } catch (RocksDBException | RuntimeException e) {
            close();
            throw e;
        }
        generation = RowKeys.generationStart(slot, mark.getGeneration());
    }

    ReplicaMark mark() {
        return mark;
    }

    /** Moves to the first row that is not before this one, which begins with the row's type. */
    void seek(byte[] row) {
        requireOpen();
        rows.seek(RowKeys.join(generation, row));
        key = null;
    }

    void seek(byte type, ByteString row) {
        var typed = new byte[1 + row.size()];
        typed[0] = type;
        row.copyTo(typed, 1);
        seek(typed);
    }

    /** Moves to the last row that is before this one, which is whole as {@link RowKeys} makes it. */
    void seekBefore(byte[] wholeRow) {
        requireOpen();
        rows.seekForPrev(wholeRow);
        if (rows.isValid() && Arrays.equals(rows.key(), wholeRow)) {
            rows.prev();
        }
        key = null;
    }

    void next() {
        rows.next();
        key = null;
    }

    /** Whether there is a row here. @throws RocksDBException if the disk fails: an iterator that failed looks like one at its end */
    boolean isAtRow() throws RocksDBException {
        if (!rows.isValid()) {
            rows.status();
            return false;
        }
        return key().length > generation.length
                && Arrays.equals(key, 0, generation.length, generation, 0, generation.length);
    }

    /** Whether there is a row of this type here. */
    boolean isAt(byte type) throws RocksDBException {
        return isAtRow() && key[generation.length] == type;
    }

    /** Type and key of the row here. */
    ByteString typedRow() {
        return ByteString.copyFrom(key(), generation.length, key().length - generation.length);
    }

    /** The key of the row here, without its type. */
    ByteString row() {
        return ByteString.copyFrom(key(), generation.length + 1, key().length - generation.length - 1);
    }

    byte[] value() {
        return rows.value();
    }

    private byte[] key() {
        if (key == null) {
            key = rows.key();
        }
        return key;
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("what was read of the store at one moment is closed");
        }
    }

    /** Idempotent. Not while another method runs. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            rows.close();
            options.close();
            end.close();
        }
    }
}
