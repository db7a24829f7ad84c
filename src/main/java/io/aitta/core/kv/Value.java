package io.aitta.core.kv;

/**
 * What a key holds.
 *
 * @param bytes 0 to the table's limit; not to be changed
 * @param version the revision of the partition in which the key was last written, above 0
 * @param expiresAtMillis wall-clock time from which the key reads as absent; 0: never
 */
public record Value(byte[] bytes, long version, long expiresAtMillis) {
    public boolean isExpiredAt(long nowMillis) {
        return expiresAtMillis != 0 && expiresAtMillis <= nowMillis;
    }
}
