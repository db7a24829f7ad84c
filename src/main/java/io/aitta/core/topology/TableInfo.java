package io.aitta.core.topology;

import io.aitta.core.PartitionId;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A table, without its partitions.
 *
 * @param createdEpoch in which it was made; {@link Epoch#ZERO} only for {@code _meta}
 * @param partitions how many, at least 1
 * @param replicas wanted of each partition, voters, at least 1; there may be fewer for want of nodes
 * @param protectedSystem the system's own: clients neither use nor drop it
 * @param learners how many asynchronous copies of each partition are wanted in which zone; each above 0
 * @param balanceDue its replicas may not be where they would be best, and that is to be mended
 */
public record TableInfo(
        String name,
        Epoch createdEpoch,
        int partitions,
        int replicas,
        boolean protectedSystem,
        TableOptions options,
        SortedMap<String, Integer> learners,
        boolean balanceDue) {
    public TableInfo {
        learners = Collections.unmodifiableSortedMap(new TreeMap<>(learners));
        if (partitions < 1 || replicas < 1) {
            throw new IllegalArgumentException(
                    "table '" + name + "' with " + partitions + " partitions of " + replicas + " replicas");
        }
    }

    /** As it is made. */
    public TableInfo(
            String name,
            Epoch createdEpoch,
            int partitions,
            int replicas,
            boolean protectedSystem,
            TableOptions options) {
        this(name, createdEpoch, partitions, replicas, protectedSystem, options, new TreeMap<>(), false);
    }

    /** One without options. */
    public TableInfo(String name, Epoch createdEpoch, int partitions, int replicas, boolean protectedSystem) {
        this(name, createdEpoch, partitions, replicas, protectedSystem, TableOptions.DEFAULT);
    }

    public TableInfo withOptions(TableOptions options) {
        return new TableInfo(name, createdEpoch, partitions, replicas, protectedSystem, options, learners, balanceDue);
    }

    public TableInfo withReplicas(int replicas) {
        return new TableInfo(name, createdEpoch, partitions, replicas, protectedSystem, options, learners, balanceDue);
    }

    /** @param count 0: none there any more */
    public TableInfo withLearners(String zone, int count) {
        var changed = new TreeMap<>(learners);
        if (count == 0) {
            changed.remove(zone);
        } else {
            changed.put(zone, count);
        }
        return new TableInfo(name, createdEpoch, partitions, replicas, protectedSystem, options, changed, balanceDue);
    }

    public TableInfo withBalanceDue(boolean due) {
        return new TableInfo(name, createdEpoch, partitions, replicas, protectedSystem, options, learners, due);
    }

    /** Voters that are wanted of one of its partitions. */
    public int replicasWantedOf(PartitionInfo partition) {
        return partition.replicasWanted() > 0 ? partition.replicasWanted() : replicas;
    }

    /** Whether it is the one that keeps the topology itself. */
    public boolean isMeta() {
        return name.equals(PartitionId.META.table());
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
