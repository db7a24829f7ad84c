package io.aitta.store;

import io.aitta.core.PartitionId;
import java.util.Map;
import java.util.Set;

/**
 * A node's applied state: what all replicas of the node have applied, on disk. Its own write-ahead log is off; the
 * binlog is the log. What was applied since the last {@link #flush()} may be gone after a crash, but never a part of it:
 * a replica's data and its mark move together.
 *
 * <p>Thread-safe. Every method may block on the disk and throws {@link StoreException} when the disk fails.
 */
public interface Store extends AutoCloseable {
    /** The part of one replica; the same object for the same partition until it is dropped. Made empty if there is none. */
    ReplicaStore replica(PartitionId partition);

    /** Partitions of which there is anything, as of now. */
    Set<PartitionId> partitions();

    /** Returns when everything applied before the call is forced to disk. */
    void flush();

    /** Removes all of a replica and gives its space back (at once or by compaction soon after). No error if there is none. */
    void drop(PartitionId partition);

    /** Bytes on disk, roughly. */
    long sizeBytes();

    /** How it fares, as of now. Cheap. */
    StoreFigures figures();

    /** About how many bytes each replica takes, on disk and in memory; of those that there are. Not for every request. */
    Map<PartitionId, Long> replicaBytes();

    /** Waits for readers, flushes and closes. Idempotent. */
    @Override
    void close();
}
