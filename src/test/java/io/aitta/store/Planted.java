package io.aitta.store;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.aitta.proto.record.v1.SnapshotRow;
import io.aitta.proto.record.v1.StoredValue;
import java.util.ArrayList;

/** Differences in a replica that no log entry has made, for tests of those who are to find them. */
public final class Planted {
    private Planted() {}

    /** The key has another value from now on. Nothing may be applied meanwhile. */
    public static void value(ReplicaStore replica, String key, String other) {
        var typed = ByteString.copyFrom(new byte[] {RowKeys.VALUE}).concat(ByteString.copyFromUtf8(key));
        var rows = new ArrayList<SnapshotRow>();
        try (var snapshot = replica.snapshot()) {
            for (SnapshotRow row : Rows.rowsIn(snapshot.next(null, Integer.MAX_VALUE))) {
                rows.add(row.getKey().equals(typed) ? with(row, other) : row);
            }
            if (rows.stream().noneMatch(row -> row.getKey().equals(typed))) {
                throw new IllegalArgumentException("there is no key '" + key + "' to give another value");
            }
            var staging = replica.stage();
            staging.write(Rows.toChunk(rows, true));
            staging.install(snapshot.mark());
        }
    }

    private static SnapshotRow with(SnapshotRow row, String value) {
        try {
            return row.toBuilder()
                    .setRow(StoredValue.parseFrom(row.getRow()).toBuilder()
                            .setValue(ByteString.copyFromUtf8(value))
                            .build()
                            .toByteString())
                    .build();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
        }
    }
}
