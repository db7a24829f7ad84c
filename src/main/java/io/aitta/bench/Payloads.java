package io.aitta.bench;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;

/**
 * Keys and values. A value tells which key it was written for and by which write, and what all of its bytes must be then,
 * so that any reader can tell one that nobody wrote. All runs write alike. Thread-safe.
 */
final class Payloads {
    /** What a value has in front: its key's number, and a number of its own. */
    static final int HEADER_BYTES = 2 * Long.BYTES;

    private static final int STARTS = 1 << 16;

    private final int valueBytes;
    /** Any value is a piece of it. Longer when a longer value was read; what is there stays. */
    private volatile byte[] pool;

    /** @param valueBytes 0 or more; values that can be checked have at least {@link #HEADER_BYTES} */
    Payloads(int valueBytes) {
        this.valueBytes = valueBytes;
        this.pool = pool(valueBytes);
    }

    private static byte[] pool(int valueBytes) {
        var bytes = ByteBuffer.allocate((valueBytes + STARTS + Long.BYTES) & -Long.BYTES);
        var random = new SplittableRandom(0x61697474);
        while (bytes.hasRemaining()) {
            bytes.putLong(random.nextLong());
        }
        return bytes.array();
    }

    /** Neighbours in number are not neighbours in order, as in YCSB. */
    static ByteString key(long number) {
        return ByteString.copyFromUtf8("user" + Long.toUnsignedString(Distribution.scramble(number)));
    }

    /** @param stamp any number, another for each write */
    ByteString value(long number, long stamp) {
        int header = Math.min(HEADER_BYTES, valueBytes);
        byte[] front =
                ByteBuffer.allocate(HEADER_BYTES).putLong(number).putLong(stamp).array();
        var head = UnsafeByteOperations.unsafeWrap(front, 0, header);
        // Nobody changes the pool, so that nothing needs to be copied.
        return header == valueBytes
                ? head
                : head.concat(UnsafeByteOperations.unsafeWrap(pool, start(stamp), valueBytes - header));
    }

    /** Whether it is a value that was written for this key, by whichever run. */
    boolean isOf(long number, ByteString value) {
        if (value.size() < HEADER_BYTES) {
            return false;
        }
        ByteBuffer header = value.substring(0, HEADER_BYTES).asReadOnlyByteBuffer();
        if (header.getLong() != number) {
            return false;
        }
        int rest = value.size() - HEADER_BYTES;
        var expected = UnsafeByteOperations.unsafeWrap(poolFor(value.size()), start(header.getLong()), rest);
        return value.substring(HEADER_BYTES).equals(expected);
    }

    private static int start(long stamp) {
        return (int) (stamp & (STARTS - 1));
    }

    private byte[] poolFor(int bytes) {
        byte[] current = pool;
        if (current.length < bytes + STARTS) {
            current = pool(bytes);
            pool = current;
        }
        return current;
    }
}
