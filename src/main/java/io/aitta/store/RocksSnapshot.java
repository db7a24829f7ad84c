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
    public void close() {
        gate.insideIfOpen(() -> {
            moment.close();
            onClose.accept(moment);
        });
    }
}
