package io.aitta.client;

import com.google.protobuf.ByteString;
import java.util.List;

/**
 * Some entries of a scan: those of one partition in the order of their keys, partitions one after the other.
 *
 * @param entries may be none, even if more pages come
 * @param cursor where to go on after them; empty: nothing comes after. Opaque, and good for the same table and range
 */
public record ScanPage(List<ScanEntry> entries, ByteString cursor) {
    static final ScanPage END = new ScanPage(List.of(), ByteString.EMPTY);

    /** Whether nothing comes after. */
    public boolean isLast() {
        return cursor.isEmpty();
    }
}
