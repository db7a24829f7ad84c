package io.aitta.core.hash;

import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Which partition a key belongs to. Clients and nodes in any language must agree, so the rule is part of the API
 * ({@code aitta/v1/kv.proto}) and cannot change: CRC32C of the hash tag, or of the whole key if it has none, read as an
 * unsigned number, modulo the table's partition count.
 *
 * <p>The hash tag is what stands between the first '{' and the next '}' after it, if that is at least one byte: keys with
 * the same tag share a partition.
 */
public final class KeyHash {
    private KeyHash() {}

    /**
     * @param partitions the table's partition count, above 0
     * @return 0 to {@code partitions} less one
     */
    public static int partitionOf(byte[] key, int partitions) {
        if (partitions <= 0) {
            throw new IllegalArgumentException("a table has at least 1 partition, not " + partitions);
        }
        return (int) (hash(key) % partitions);
    }

    /** The key's hash tag, at least one byte; empty if it has none and is hashed whole. */
    public static Optional<byte[]> tagOf(byte[] key) {
        int open = indexOf(key, '{', 0);
        int close = open < 0 ? -1 : indexOf(key, '}', open + 1);
        return close > open + 1 ? Optional.of(Arrays.copyOfRange(key, open + 1, close)) : Optional.empty();
    }

    /** CRC32C of the key's hash tag, or of the whole key: 0 to 2^32 less one. */
    static long hash(byte[] key) {
        int open = indexOf(key, '{', 0);
        int close = open < 0 ? -1 : indexOf(key, '}', open + 1);
        var crc = new CRC32C();
        if (close > open + 1) {
            crc.update(key, open + 1, close - open - 1);
        } else {
            crc.update(key, 0, key.length);
        }
        return crc.getValue();
    }

    private static int indexOf(byte[] bytes, char wanted, int from) {
        for (int i = from; i < bytes.length; i++) {
            if (bytes[i] == wanted) {
                return i;
            }
        }
        return -1;
    }
}
