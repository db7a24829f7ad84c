package io.aitta.client;

import com.google.protobuf.ByteString;

/**
 * What a key holds.
 *
 * @param bytes the value, possibly empty
 * @param version grows with every write of this key, above 0
 */
public record VersionedValue(ByteString bytes, long version) {
    /** The value read as UTF-8. */
    public String utf8() {
        return bytes.toStringUtf8();
    }
}
