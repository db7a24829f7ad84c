package io.aitta.store;

import io.aitta.core.kv.KeySpan;
import io.aitta.proto.record.v1.Change;
import io.aitta.proto.record.v1.StoredChanges;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.rocksdb.RocksDBException;

/** Encodes and reads what entries have changed: one row for each entry that changed anything, under its log index. */
final class ChangeRows {
    /** How much is looked at before a reader gets what there is, be it nothing. */
    private static final int LOOKED_AT_BYTES = 4 << 20;

    private static final int LOOKED_AT_ROWS = 10_000;

    private ChangeRows() {}

    static byte[] encode(long timestampMillis, List<Change> changes) {
        return StoredChanges.newBuilder()
                .setRecordVersion(Rows.RECORD_VERSION)
                .setTimestampMillis(timestampMillis)
                .addAllChanges(changes)
                .build()
                .toByteArray();
    }

    /** Empty if changes after {@code afterIndex} are not all kept. */
    static Optional<ReplicaStore.Changes> read(Moment moment, long afterIndex, KeySpan span, int maxBytes)
            throws RocksDBException {
        if (afterIndex < moment.mark().getChangesAfter()) {
            return Optional.empty();
        }
        var entries = new ArrayList<ReplicaStore.Changed>();
        long bytes = 0;
        long lookedAtBytes = 0;
        int lookedAtRows = 0;
        long lookedAtTo = afterIndex;
        for (moment.seek(RowKeys.CHANGES, RowKeys.changes(afterIndex + 1));
                moment.isAt(RowKeys.CHANGES);
                moment.next()) {
            boolean isEnough = !entries.isEmpty() && bytes >= maxBytes
                    || lookedAtBytes >= LOOKED_AT_BYTES
                    || lookedAtRows >= LOOKED_AT_ROWS;
            if (isEnough) {
                return Optional.of(new ReplicaStore.Changes(entries, lookedAtTo));
            }
            var row = moment.value();
            lookedAtTo = RowKeys.changesIn(moment.row());
            lookedAtBytes += row.length;
            lookedAtRows++;
            var inside = restrict(decode(row), span);
            if (inside.getChangesCount() > 0) {
                entries.add(new ReplicaStore.Changed(lookedAtTo, inside));
                bytes += inside.getSerializedSize();
            }
        }
        return Optional.of(new ReplicaStore.Changes(
                entries, Math.max(afterIndex, moment.mark().getAppliedIndex())));
    }

    private static StoredChanges decode(byte[] row) {
        var changes = Rows.parse(StoredChanges.parser(), row);
        if (changes.getRecordVersion() != Rows.RECORD_VERSION) {
            throw new StoreException("a row of changes has record version "
                    + Integer.toUnsignedString(changes.getRecordVersion()) + "; this release knows "
                    + Rows.RECORD_VERSION);
        }
        return changes;
    }

    private static StoredChanges restrict(StoredChanges changes, KeySpan span) {
        if (span.equals(KeySpan.ALL)) {
            return changes;
        }
        var inside = changes.toBuilder().clearChanges();
        for (Change change : changes.getChangesList()) {
            if (change.getKind() == Change.Kind.RANGE_DELETED) {
                var part = new KeySpan(change.getKey(), change.getTo()).intersection(span);
                if (!part.isEmpty()) {
                    inside.addChanges(change.toBuilder().setKey(part.from()).setTo(part.to()));
                }
            } else if (span.contains(change.getKey())) {
                inside.addChanges(change);
            }
        }
        return inside.build();
    }
}
