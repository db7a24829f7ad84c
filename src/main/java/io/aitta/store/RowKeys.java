package io.aitta.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The keys of RocksDB's one key space. Each partition has a number, its <em>slot</em>, and all of its rows begin with it:
 * <pre>
 *   0 0                                  the format of this key space
 *   0 1                                  the next free slot
 *   0 2 name of a partition              its slot
 *   slot 0                               the replica's mark
 *   slot 1 generation 1 client id        a session
 *   slot 1 generation 2 key              a value
 * </pre>
 * Slots and generations are four bytes, big-endian, the rest of the numbers one byte. As all that stands before a key
 * is of fixed length, no name or key can reach into another's range. Slots count from 1 and are never used again.
 */
final class RowKeys {
    static final byte SESSION = 1;
    static final byte VALUE = 2;

    /** Slot, one byte, generation: what stands before {@link #SESSION} or {@link #VALUE}. */
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

    static byte[] row(int slot, int generation, byte type, com.google.protobuf.ByteString key) {
        var bytes = new byte[GENERATION_PREFIX_BYTES + 1 + key.size()];
        ByteBuffer.wrap(bytes).putInt(slot).put((byte) 1).putInt(generation).put(type);
        key.copyTo(bytes, GENERATION_PREFIX_BYTES + 1);
        return bytes;
    }

    static byte[] join(byte[] first, byte[] second) {
        return ByteBuffer.allocate(first.length + second.length)
                .put(first)
                .put(second)
                .array();
    }
}
