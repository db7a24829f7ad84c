package io.aitta.store;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.aitta.core.kv.KeySpan;
import io.aitta.core.kv.KvReader.Expiring;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The keys of RocksDB's one key space. Each partition has a number, its <em>slot</em>, and all of its rows begin with it:
 * <pre>
 *   0 0                                  the format of this key space
 *   0 1                                  the next free slot
 *   0 2 name of a partition              its slot
 *   slot 0                               the replica's mark
 *   slot 1 generation 1 client id        a session
 *   slot 1 generation 2 key              a value
 *   slot 1 generation 3 time key         nothing: the key was given this time at which it expires
 *   slot 1 generation 4 index            what the log entry changed
 * </pre>
 * Times are milliseconds; times and indexes are eight bytes, big-endian, and not negative. Slots and generations are four bytes, big-endian, the rest of the numbers one byte. As all that stands before a key
 * is of fixed length, no name or key can reach into another's range. Slots count from 1 and are never used again.
 */
final class RowKeys {
    static final byte SESSION = 1;
    static final byte VALUE = 2;
    static final byte EXPIRY = 3;
    static final byte CHANGES = 4;

    /** Slot, one byte, generation: what stands before the type of a row. */
    static final int GENERATION_PREFIX_BYTES = 9;

    static final byte[] FORMAT = {0, 0, 0, 0, 0};
    static final byte[] NEXT_SLOT = {0, 0, 0, 0, 1};
    private static final byte[] NAMES = {0, 0, 0, 0, 2};

    private RowKeys() {}

    static byte[] name(String partition) {
        return join(NAMES, partition.getBytes(StandardCharsets.UTF_8));
    }

    static byte[] namesStart() {
        return NAMES;
    }

    static byte[] namesEnd() {
        return slotStart(1);
    }

    static String nameIn(byte[] rowKey) {
        return new String(rowKey, NAMES.length, rowKey.length - NAMES.length, StandardCharsets.UTF_8);
    }

    static byte[] slotStart(int slot) {
        return ByteBuffer.allocate(4).putInt(slot).array();
    }

    static byte[] slotEnd(int slot) {
        return slotStart(slot + 1);
    }

    static byte[] mark(int slot) {
        return ByteBuffer.allocate(5).putInt(slot).put((byte) 0).array();
    }

    static byte[] generationStart(int slot, int generation) {
        return ByteBuffer.allocate(GENERATION_PREFIX_BYTES)
                .putInt(slot)
                .put((byte) 1)
                .putInt(generation)
                .array();
    }

    static byte[] generationEnd(int slot, int generation) {
        return generationStart(slot, generation + 1);
    }

    static byte[] row(int slot, int generation, byte type, byte[] key) {
        return ByteBuffer.allocate(GENERATION_PREFIX_BYTES + 1 + key.length)
                .putInt(slot)
                .put((byte) 1)
                .putInt(generation)
                .put(type)
                .put(key)
                .array();
    }

    static byte[] row(int slot, int generation, byte type, ByteString key) {
        var bytes = new byte[GENERATION_PREFIX_BYTES + 1 + key.size()];
        ByteBuffer.wrap(bytes).putInt(slot).put((byte) 1).putInt(generation).put(type);
        key.copyTo(bytes, GENERATION_PREFIX_BYTES + 1);
        return bytes;
    }

    /** Where the values of a span end. */
    static byte[] valuesEnd(int slot, int generation, KeySpan span) {
        return span.to().isEmpty()
                ? row(slot, generation, EXPIRY, ByteString.EMPTY)
                : row(slot, generation, VALUE, span.to());
    }

    /** A row of the expiry index, without what stands before it. */
    static ByteString expiry(Expiring entry) {
        var bytes = new byte[Long.BYTES + entry.key().size()];
        ByteBuffer.wrap(bytes).putLong(entry.expiresAtMillis());
        entry.key().copyTo(bytes, Long.BYTES);
        return UnsafeByteOperations.unsafeWrap(bytes);
    }

    static Expiring expiryIn(ByteString row) {
        return new Expiring(toLong(row), row.substring(Long.BYTES));
    }

    /** A row of changes, without what stands before it. */
    static ByteString changes(long index) {
        return UnsafeByteOperations.unsafeWrap(
                ByteBuffer.allocate(Long.BYTES).putLong(index).array());
    }

    static long changesIn(ByteString row) {
        return toLong(row);
    }

    private static long toLong(ByteString row) {
        if (row.size() < Long.BYTES) {
            throw new StoreException(
                    "a row of the store should begin with eight bytes for a number and is shorter: it is" + " damaged");
        }
        return row.asReadOnlyByteBuffer().getLong();
    }

    /** The first key after this one: it has a zero byte more. */
    static ByteString after(ByteString key) {
        return key.concat(ByteString.copyFrom(new byte[1]));
    }

    static byte[] after(byte[] key) {
        return Arrays.copyOf(key, key.length + 1);
    }

    static byte[] join(byte[] first, byte[] second) {
        return ByteBuffer.allocate(first.length + second.length)
                .put(first)
                .put(second)
                .array();
    }
}
