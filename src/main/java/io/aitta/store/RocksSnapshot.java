package io.aitta.store;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.aitta.proto.record.v1.ReplicaMark;
import io.aitta.proto.record.v1.SnapshotRow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.function.Consumer;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;

/**
 * A picture of a replica: one RocksDB iterator, which sees what was there when it was made and keeps its files, even if
 * the replica is dropped or replaced meanwhile (a RocksDB snapshot would not survive the removal of whole files).
 */
final class RocksSnapshot implements ReplicaStore.Snapshot {
    private final Gate gate;
    private final Consumer<RocksSnapshot> onClose;
    private final Slice end;
    private final ReadOptions options;
    private final RocksIterator rows;
    private final ReplicaMark mark;
    private final byte[] prefix;
    private boolean closed;

    /** Called inside the gate. */
    RocksSnapshot(Gate gate, RocksDB db, int slot, Consumer<RocksSnapshot> onClose) throws RocksDBException {
        this.gate = gate;
        this.onClose = onClose;
        end = new Slice(RowKeys.slotEnd(slot));
        // What is read once, in bulk, must not push out of the cache what clients read.
        options = new ReadOptions().setIterateUpperBound(end).setFillCache(false);
        rows = db.newIterator(options);
        try {
            var markKey = RowKeys.mark(slot);
            rows.seek(markKey);
            rows.status();
            mark = rows.isValid() && Arrays.equals(rows.key(), markKey)
                    ? Rows.parse(ReplicaMark.parser(), rows.value())
                    : RocksReplica.NOTHING_APPLIED;
        } catch (RocksDBException | RuntimeException e) {
            release();
            throw e;
        }
        prefix = RowKeys.generationStart(slot, mark.getGeneration());
    }

    @Override
    public ReplicaMark mark() {
        return mark;
    }

    @Override
    public ReplicaStore.Chunk next(byte[] afterRow, int maxBytes) {
        return gate.inside("read a snapshot", () -> {
            if (closed) {
                throw new IllegalStateException("the snapshot is closed");
            }
            // The smallest key after a row's is that key with a zero byte behind it.
            rows.seek(afterRow == null ? prefix : RowKeys.join(RowKeys.join(prefix, afterRow), new byte[1]));
            var chunk = new ArrayList<SnapshotRow>();
            long bytes = 0;
            while (isInside() && (chunk.isEmpty() || bytes < maxBytes)) {
                var key = rows.key();
                var row = rows.value();
                chunk.add(SnapshotRow.newBuilder()
                        .setKey(ByteString.copyFrom(key, prefix.length, key.length - prefix.length))
                        .setRow(UnsafeByteOperations.unsafeWrap(row))
                        .build());
                bytes += key.length - prefix.length + row.length;
                rows.next();
            }
            boolean isLast = !isInside();
            // An iterator that failed looks like one at its end.
            rows.status();
            return Rows.toChunk(chunk, isLast);
        });
    }

    private boolean isInside() {
        return rows.isValid() && hasPrefix(rows.key(), prefix);
    }

    private static boolean hasPrefix(byte[] key, byte[] prefix) {
        return key.length > prefix.length && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
    }

    @Override
    public void close() {
        gate.insideIfOpen(() -> {
            release();
            onClose.accept(this);
        });
    }

    /** Idempotent. Not while {@link #next} runs. */
    void release() {
        if (!closed) {
            closed = true;
            rows.close();
            options.close();
            end.close();
        }
    }
}
