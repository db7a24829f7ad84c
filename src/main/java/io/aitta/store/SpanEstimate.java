package io.aitta.store;

import com.google.protobuf.ByteString;
import io.aitta.core.kv.KeySpan;
import io.aitta.proto.record.v1.StoredValue;
import java.util.List;
import org.rocksdb.Range;
import org.rocksdb.RocksDBException;
import org.rocksdb.Slice;

/**
 * Counts the keys of a span: all of them if they are few. Else the first ones, and takes it that the others are like
 * them: that the keys of the span are as many times more as RocksDB thinks that the span is larger than the first ones'
 * part of it. RocksDB knows sizes by blocks on disk, and by guessing in memory.
 *
 * <p>Typically right within a fifth if keys and values have about the same sizes everywhere. What was overwritten, removed
 * or has expired counts until compaction has taken it away, so after many such writes the estimate may be several times
 * too large.
 */
final class SpanEstimate {
    /** Rows that are looked at. */
    static final int COUNTED = 10_000;

    private SpanEstimate() {}

    /** Called inside the gate. */
    static ReplicaStore.Estimate of(Engine engine, int slot, Moment moment, KeySpan span, long nowMillis)
            throws RocksDBException {
        long keys = 0;
        long bytes = 0;
        int looked = 0;
        for (moment.seek(RowKeys.VALUE, span.from()); moment.isAt(RowKeys.VALUE); moment.next()) {
            var key = moment.row();
            if (!span.contains(key)) {
                break;
            }
            if (looked++ == COUNTED) {
                double times = timesLarger(engine, slot, moment.mark().getGeneration(), span, key);
                return new ReplicaStore.Estimate(Math.round(keys * times), Math.round(bytes * times), false);
            }
            var stored = Rows.parse(StoredValue.parser(), moment.value());
            if (stored.getExpiresAtMillis() == 0 || stored.getExpiresAtMillis() > nowMillis) {
                keys++;
                bytes += key.size() + stored.getValue().size();
            }
        }
        return new ReplicaStore.Estimate(keys, bytes, true);
    }

    /** How many times larger the span is than its part before {@code key}; at least 1. */
    private static double timesLarger(Engine engine, int slot, int generation, KeySpan span, ByteString key)
            throws RocksDBException {
        try (var from = new Slice(RowKeys.row(slot, generation, RowKeys.VALUE, span.from()));
                var middle = new Slice(RowKeys.row(slot, generation, RowKeys.VALUE, key));
                var to = new Slice(RowKeys.valuesEnd(slot, generation, span))) {
            var sizes = engine.approximateSizes(List.of(new Range(from, middle), new Range(middle, to)));
            return sizes[0] == 0 ? 1 : 1 + (double) sizes[1] / sizes[0];
        }
    }
}
