package io.aitta.store;

import com.google.protobuf.UnsafeByteOperations;
import io.aitta.proto.record.v1.ReplicaMark;
import io.aitta.proto.record.v1.SnapshotRow;
import java.util.ArrayList;
import java.util.function.Consumer;

/** A picture of a replica, all of its rows, on its way to another. */
final class RocksSnapshot implements ReplicaStore.Snapshot {
    private static final byte[] FIRST_ROW = {};

    private final Gate gate;
    private final Moment moment;
    private final Consumer<Moment> onClose;
    private boolean isBegun;

    RocksSnapshot(Gate gate, Moment moment, Consumer<Moment> onClose) {
        this.gate = gate;
        this.moment = moment;
        this.onClose = onClose;
    }

    @Override
    public ReplicaMark mark() {
        return moment.mark();
    }

    @Override
    public ReplicaStore.Chunk next(byte[] afterRow, int maxBytes) {
        return gate.inside("read a snapshot", () -> {
            moment.seek(afterRow == null ? FIRST_ROW : RowKeys.after(afterRow));
            var chunk = new ArrayList<SnapshotRow>();
            long bytes = 0;
            while (moment.isAtRow() && (chunk.isEmpty() || bytes < maxBytes)) {
                var key = moment.typedRow();
                var row = moment.value();
                chunk.add(SnapshotRow.newBuilder()
                        .setKey(key)
                        .setRow(UnsafeByteOperations.unsafeWrap(row))
                        .build());
                bytes += key.size() + row.length;
                moment.next();
            }
            return Rows.toChunk(chunk, !moment.isAtRow());
        });
    }

    @Override
    public boolean readInto(ContentDigest digest, int maxBytes) {
        return gate.inside("read a snapshot", () -> {
            if (!isBegun) {
                moment.seek(FIRST_ROW);
                isBegun = true;
            }
            long until = digest.bytes() + maxBytes;
            while (digest.bytes() < until && moment.isAtRow() && !moment.isAt(RowKeys.CHANGES)) {
                digest.add(moment.typedRow(), moment.value());
                moment.next();
            }
            // Changes are the last kind.
            return moment.isAtRow() && !moment.isAt(RowKeys.CHANGES);
        });
    }

    @Override
    public void close() {
        gate.insideIfOpen(() -> {
            moment.close();
            onClose.accept(moment);
        });
    }
}
