package io.aitta.core.topology;

import io.aitta.core.PartitionId;

/**
 * A table, without its partitions.
 *
 * @param createdEpoch in which it was made; {@link Epoch#ZERO} only for {@code _meta}
 * @param partitions how many, at least 1
 * @param replicas of each partition, at least 1
 * @param protectedSystem the system's own: clients neither use nor drop it
 */
public record TableInfo(
        String name, Epoch createdEpoch, int partitions, int replicas, boolean protectedSystem, TableOptions options) {
    public TableInfo {
        if (partitions < 1 || replicas < 1) {
            throw new IllegalArgumentException(
                    "table '" + name + "' with " + partitions + " partitions of " + replicas + " replicas");
        }
    }

    /** One without options. */
    public TableInfo(String name, Epoch createdEpoch, int partitions, int replicas, boolean protectedSystem) {
        this(name, createdEpoch, partitions, replicas, protectedSystem, TableOptions.DEFAULT);
    }

    public TableInfo withOptions(TableOptions options) {
        return new TableInfo(name, createdEpoch, partitions, replicas, protectedSystem, options);
    }

    /** @throws IllegalArgumentException if {@code partition} is not 0 to {@link #partitions} less one */
    public PartitionId partition(int partition) {
        if (partition < 0 || partition >= partitions) {
            throw new IllegalArgumentException(
                    "table '" + name + "' has partitions 0 to " + (partitions - 1) + ", not " + partition);
        }
        return new PartitionId(name, createdEpoch.value(), partition);
    }
}
