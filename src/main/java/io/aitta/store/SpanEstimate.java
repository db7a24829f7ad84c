package io.aitta.store;

import com.google.protobuf.ByteString;
import io.aitta.core.kv.KeySpan;
import io.aitta.proto.record.v1.StoredValue;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.rocksdb.Range;
import org.rocksdb.RocksDBException;
import org.rocksdb.Slice;

/**
 * Counts the keys of a span: all of them if they are few. Else the first ones, and takes it that the others are like
 * them: that the keys of the span are as many times more as RocksDB thinks that the span has more rows than the first ones'
 * part of it. RocksDB knows sizes of what is on disk, by blocks, which is turned into rows by those that were looked at; in
 * memory it guesses rows, each time wrong by a fifth or more whatever the size. So it is asked for many small parts, whose
 * errors cancel each other out.
 *
 * <p>Typically right within a twentieth if keys and values have about the same sizes everywhere. What was overwritten, removed
 * or has expired counts until compaction has taken it away, so after many such writes the estimate may be several times
 * too large.
 */
final class SpanEstimate {
    /** Rows that are looked at. */
    static final int COUNTED = 10_000;

    /** What RocksDB keeps with each row's key. */
    private static final int ROW_OVERHEAD = Long.BYTES;

    private static final int TRIES = 3;

    private static final int PART = COUNTED / 20;
    /** Of what is not looked at. */
    private static final int OTHER_PARTS = 64;
    /** That tell two keys apart: as many as fit in a positive long. */
    private static final int TELLING = Long.BYTES - 1;

    private SpanEstimate() {}

    /** Called inside the gate. */
    static ReplicaStore.Estimate of(Engine engine, int slot, Moment moment, KeySpan span, long nowMillis)
            throws RocksDBException {
        long keys = 0;
        long bytes = 0;
        int beforeKey = RowKeys.row(slot, 0, RowKeys.VALUE, ByteString.EMPTY).length + ROW_OVERHEAD;
        long rowBytes = 0;
        int looked = 0;
        var bounds = new ArrayList<ByteString>();
        for (moment.seek(RowKeys.VALUE, span.from()); moment.isAt(RowKeys.VALUE); moment.next()) {
            var key = moment.row();
            if (!span.contains(key)) {
                break;
            }
            if (looked % PART == 0) {
                bounds.add(key);
            }
            if (looked++ == COUNTED) {
                double times = timesMore(engine, slot, moment, span, bounds, (double) rowBytes / COUNTED);
                return new ReplicaStore.Estimate(Math.round(keys * times), Math.round(bytes * times), false);
            }
            var value = moment.value();
            rowBytes += beforeKey + key.size() + value.length;
            var stored = Rows.parse(StoredValue.parser(), value);
            if (stored.getExpiresAtMillis() == 0 || stored.getExpiresAtMillis() > nowMillis) {
                keys++;
                bytes += key.size() + stored.getValue().size();
            }
        }
        return new ReplicaStore.Estimate(keys, bytes, true);
    }

    /**
     * How many times more rows the span has than the part of it that was looked at; at least 1.
     *
     * @param bounds of the parts that were looked at
     * @param rowBytes of a row that was looked at
     */
    private static double timesMore(
            Engine engine, int slot, Moment moment, KeySpan span, List<ByteString> bounds, double rowBytes)
            throws RocksDBException {
        int generation = moment.mark().getGeneration();
        int seen = bounds.size() - 1;
        var end = RowKeys.valuesEnd(slot, generation, span);
        var rows = new ArrayList<byte[]>();
        bounds.forEach(key -> rows.add(RowKeys.row(slot, generation, RowKeys.VALUE, key)));
        moment.seekBefore(end);
        if (moment.isAt(RowKeys.VALUE)) {
            between(bounds.get(seen), moment.row())
                    .forEach(key -> rows.add(RowKeys.row(slot, generation, RowKeys.VALUE, key)));
        }
        rows.add(end);
        var slices = rows.stream().map(Slice::new).toList();
        try {
            var ranges = new ArrayList<Range>();
            for (int i = 1; i < slices.size(); i++) {
                ranges.add(new Range(slices.get(i - 1), slices.get(i)));
            }
            double rowBytesInFiles = rowBytes * engine.filesToRows();
            long[] inMemory;
            var fileBytes = engine.approximateFileBytes(ranges);
            long[] before;
            int tries = 0;
            do {
                // Rows that go from memory to disk meanwhile would be counted twice or not at all.
                before = fileBytes;
                inMemory = engine.approximateRowsInMemory(ranges);
                fileBytes = engine.approximateFileBytes(ranges);
            } while (!Arrays.equals(before, fileBytes) && ++tries < TRIES);
            double known = 0;
            double other = 0;
            for (int i = 0; i < fileBytes.length; i++) {
                double has = fileBytes[i] / rowBytesInFiles + inMemory[i];
                if (i < seen) {
                    known += has;
                } else {
                    other += has;
                }
            }
            return known == 0 ? 1 : 1 + other / known;
        } finally {
            slices.forEach(Slice::close);
        }
    }

    /** Keys that cut what lies between two keys in equal parts, as far as can be told without looking at it. */
    private static List<ByteString> between(ByteString first, ByteString last) {
        int same = 0;
        while (same < Math.min(first.size(), last.size()) && first.byteAt(same) == last.byteAt(same)) {
            same++;
        }
        long low = telling(first, same);
        long step = (telling(last, same) - low) / OTHER_PARTS;
        var keys = new ArrayList<ByteString>();
        for (int i = 1; step > 0 && i < OTHER_PARTS; i++) {
            var bytes = ByteBuffer.allocate(Long.BYTES).putLong(low + i * step).array();
            keys.add(first.substring(0, same).concat(ByteString.copyFrom(bytes, Long.BYTES - TELLING, TELLING)));
        }
        return keys;
    }

    /** The bytes from here on, as a number. */
    private static long telling(ByteString key, int from) {
        long number = 0;
        for (int i = from; i < from + TELLING; i++) {
            number = number << Byte.SIZE | (i < key.size() ? key.byteAt(i) & 0xff : 0);
        }
        return number;
    }
}
