package io.aitta.core.kv;

import com.google.protobuf.ByteString;
import io.aitta.proto.record.v1.StoredValue;
import java.util.List;
import java.util.Optional;

/** What {@link Applier} may know of a partition: its values before the batch. */
@FunctionalInterface
public interface KvReader {
    /**
     * The values of keys, in their order; empty where there is none. Expired values are given too: expiry is judged by
     * the batch's time, not by the reader's.
     */
    List<Optional<StoredValue>> read(List<ByteString> keys);
}
