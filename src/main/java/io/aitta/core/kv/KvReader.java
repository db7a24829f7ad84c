package io.aitta.core.kv;

import com.google.protobuf.ByteString;
import io.aitta.proto.record.v1.StoredValue;
import java.util.List;
import java.util.Optional;

/** What {@link Applier} may know of a partition: its values before the batch. */
public interface KvReader {
    /**
     * The values of keys, in their order; empty where there is none. Expired values are given too: expiry is judged by
     * the batch's time, not by the reader's.
     */
    List<Optional<StoredValue>> read(List<ByteString> keys);

    /**
     * Entries of the expiry index whose time is not after {@code nowMillis}, the earliest first, at most {@code limit}.
     * The index is lazy: an entry may be of a time to live that its key has no more.
     */
    List<Expiring> expired(long nowMillis, int limit);

    /** An entry of the expiry index: that the key was given this time when it was written. */
    record Expiring(long expiresAtMillis, ByteString key) {}
}
