package io.aitta.client;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.Optional;

/**
 * What a key holds.
 *
 * @param bytes the value, possibly empty
 * @param version grows with every write of this key, above 0
 * @param timeToLive the rest of its time when it was read, at least a millisecond; empty: it never expires
 */
public record VersionedValue(ByteString bytes, long version, Optional<Duration> timeToLive) {
    /** One that never expires. */
    public VersionedValue(ByteString bytes, long version) {
        this(bytes, version, Optional.empty());
    }

    /** The value read as UTF-8. */
    public String utf8() {
        return bytes.toStringUtf8();
    }
}
