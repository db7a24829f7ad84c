package io.aitta.core;

/**
 * Names one partition for ever: a table dropped and made again under the same name is another table, so the epoch in
 * which it was made is part of the name.
 *
 * @param table the table's name
 * @param tableEpoch the epoch in which the table was made; 0 only for {@link #META}
 * @param partition 0 to the table's partition count less one
 */
public record PartitionId(String table, long tableEpoch, int partition) implements Comparable<PartitionId> {
    /** The one partition of the system table that holds the topology. */
    public static final PartitionId META = new PartitionId("_meta", 0, 0);

    public PartitionId {
        if (table.isEmpty() || tableEpoch < 0 || partition < 0) {
            throw new IllegalArgumentException("no partition: " + table + "@" + tableEpoch + "/" + partition);
        }
    }

    /** Reads what {@link #toString()} wrote. Table names hold neither '@' nor '/'. */
    public static PartitionId parse(String text) {
        int at = text.lastIndexOf('@');
        int slash = text.lastIndexOf('/');
        if (at < 1 || slash < at) {
            throw new IllegalArgumentException("not a partition id: '" + text + "', expected TABLE@EPOCH/PARTITION");
        }
        return new PartitionId(
                text.substring(0, at),
                Long.parseLong(text.substring(at + 1, slash)),
                Integer.parseInt(text.substring(slash + 1)));
    }

    @Override
    public int compareTo(PartitionId other) {
        int byTable = table.compareTo(other.table);
        if (byTable != 0) {
            return byTable;
        }
        int byEpoch = Long.compare(tableEpoch, other.tableEpoch);
        return byEpoch != 0 ? byEpoch : Integer.compare(partition, other.partition);
    }

    @Override
    public String toString() {
        return table + "@" + tableEpoch + "/" + partition;
    }
}
