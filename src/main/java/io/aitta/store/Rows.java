package io.aitta.store;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import com.google.protobuf.UnsafeByteOperations;
import io.aitta.core.kv.Value;
import io.aitta.proto.record.v1.SnapshotRow;
import io.aitta.proto.record.v1.SnapshotRows;
import io.aitta.proto.record.v1.StoredValue;
import java.util.List;
import java.util.zip.CRC32C;

/** Decodes rows, and encodes and decodes the chunks in which rows travel. A row read is not copied more than needed. */
final class Rows {
    static final int RECORD_VERSION = 1;

    private Rows() {}

    /** @throws StoreException if the row is not what was written */
    static <T> T parse(Parser<T> parser, byte[] row) {
        try {
            return parseAliased(parser, row);
        } catch (InvalidProtocolBufferException e) {
            throw new StoreException("a row of the store does not decode: it is damaged, or of a newer release", e);
        }
    }

    static Value toValue(StoredValue stored) {
        return new Value(stored.getValue().toByteArray(), stored.getVersion(), stored.getExpiresAtMillis());
    }

    static ReplicaStore.Chunk toChunk(List<SnapshotRow> rows, boolean isLast) {
        var bytes = SnapshotRows.newBuilder()
                .setRecordVersion(RECORD_VERSION)
                .addAllRows(rows)
                .build()
                .toByteArray();
        var lastRow = rows.isEmpty() ? null : rows.get(rows.size() - 1).getKey().toByteArray();
        return new ReplicaStore.Chunk(bytes, lastRow, isLast, checksum(bytes));
    }

    /** @throws IllegalArgumentException if the chunk is damaged, or of a newer release */
    static List<SnapshotRow> rowsIn(ReplicaStore.Chunk chunk) {
        int checksum = checksum(chunk.rows());
        if (checksum != chunk.checksum()) {
            throw new IllegalArgumentException(String.format(
                    "a chunk of %d bytes has checksum %08x, not %08x as when it was made: it was damaged on its way",
                    chunk.rows().length, checksum, chunk.checksum()));
        }
        SnapshotRows rows;
        try {
            rows = parseAliased(SnapshotRows.parser(), chunk.rows());
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("a chunk of a snapshot does not decode", e);
        }
        if (rows.getRecordVersion() != RECORD_VERSION) {
            throw new IllegalArgumentException("a chunk has record version "
                    + Integer.toUnsignedString(rows.getRecordVersion()) + "; this release knows " + RECORD_VERSION);
        }
        for (SnapshotRow row : rows.getRowsList()) {
            requireRowKey(row.getKey());
        }
        return rows.getRowsList();
    }

    private static void requireRowKey(ByteString key) {
        int least = key.isEmpty()
                ? Integer.MAX_VALUE
                : switch (key.byteAt(0)) {
                    case RowKeys.SESSION, RowKeys.VALUE -> 2;
                    case RowKeys.EXPIRY -> 1 + Long.BYTES + 1;
                    case RowKeys.CHANGES -> 1 + Long.BYTES;
                    default -> Integer.MAX_VALUE;
                };
        if (key.size() < least) {
            throw new IllegalArgumentException(
                    "a chunk has a row that is no session, value, entry of the expiry index or list of changes");
        }
    }

    private static <T> T parseAliased(Parser<T> parser, byte[] bytes) throws InvalidProtocolBufferException {
        var in = UnsafeByteOperations.unsafeWrap(bytes).newCodedInput();
        in.enableAliasing(true);
        return parser.parseFrom(in);
    }

    private static int checksum(byte[] bytes) {
        var crc = new CRC32C();
        crc.update(bytes, 0, bytes.length);
        return (int) crc.getValue();
    }
}
