package io.aitta.partition;

import io.aitta.config.ConfigSection;
import io.aitta.config.Settings;
import io.aitta.core.replication.ReplicationConfig;
import io.aitta.partition.ReplicaWiring.ReplicaLimits;
import java.time.Duration;

/** The sections {@code aitta.replication} and {@code aitta.store}: how replicas work together, and what they keep. */
public record ReplicaSettings(
        ReplicationConfig replication,
        ReplicaLimits limits,
        long blockCacheBytes,
        long writeBufferBytes,
        Duration checkpointInterval) {
    private static final Duration MILLISECOND = Duration.ofMillis(1);
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final int MIB = 1 << 20;

    /** @throws io.aitta.config.ConfigException naming the key that is wrong and what would be right */
    public static ReplicaSettings read(Settings settings) {
        var replication = settings.section("aitta.replication");
        var store = settings.section("aitta.store");
        return new ReplicaSettings(
                new ReplicationConfig(
                        nanos(replication, "lease"),
                        nanos(replication, "clock-drift"),
                        nanos(replication, "election-stagger"),
                        nanos(replication, "election-retry"),
                        nanos(replication, "retransmit"),
                        nanos(replication, "commit-notice"),
                        nanos(replication, "transfer-limit"),
                        MIB,
                        16,
                        replication.integer("uncommitted-batches", 1, 10_000),
                        replication.bytes("resident-bytes", 0, 1024 * MIB),
                        replication.bytes("keep-bytes", 0, Integer.MAX_VALUE)),
                new ReplicaLimits(
                        replication.integer("queued-writes", 1, 1_000_000),
                        replication.bytes("queued-write-bytes", MIB, Integer.MAX_VALUE),
                        replication.integer("queued-reads", 1, 1_000_000),
                        replication.integer("batch-operations", 1, 100_000),
                        // One row of the binlog holds a batch, and a row has at most 1,000,000 bytes.
                        replication.bytes("batch-bytes", 1, 800_000),
                        MIB),
                store.bytes("block-cache", MIB, Integer.MAX_VALUE),
                store.bytes("write-buffer", MIB, Integer.MAX_VALUE),
                store.duration("checkpoint-interval", Duration.ofMillis(100), Duration.ofHours(1)));
    }

    private static long nanos(ConfigSection section, String key) {
        return section.duration(key, MILLISECOND, MINUTE).toNanos();
    }
}
