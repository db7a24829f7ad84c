package io.aitta.backup;

import io.aitta.proto.v1.BackupPosition;
import io.aitta.proto.v1.ReadConsistency;
import io.aitta.proto.v1.Table;
import io.aitta.proto.v1.TableOptions;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What one backup holds. It is written last, so a backup without one is none.
 *
 * @param number of the backup in its directory, from 1 on
 * @param clusterId of the cluster that was read
 * @param startedMillis the backup's mark, by the clock of the machine that made it: everything that was acknowledged before
 *     is in it
 * @param completedMillis by the same clock
 */
public record Manifest(
        int number, String clusterId, long startedMillis, long completedMillis, List<TableBackup> tables) {
    public Manifest {
        tables = List.copyOf(tables);
    }

    /** Of all files of this backup. */
    public long bytes() {
        return tables.stream().mapToLong(TableBackup::bytes).sum();
    }

    /** Keys, or changes. */
    public long events() {
        return tables.stream().mapToLong(TableBackup::events).sum();
    }

    /** Whether it needs no other backup. */
    public boolean whole() {
        return tables.stream().flatMap(table -> table.files().stream()).allMatch(PartitionFile::whole);
    }

    /** Empty if the table, as made in that epoch, is not in it. */
    Optional<TableBackup> table(String name, long epoch) {
        return tables.stream()
                .filter(table -> table.name().equals(name) && table.epoch() == epoch)
                .findFirst();
    }

    /**
     * One table.
     *
     * @param epoch in which it was made
     * @param files one for each partition, in their order
     */
    public record TableBackup(
            String name, long epoch, int partitions, int replicas, Options options, List<PartitionFile> files) {
        public TableBackup {
            files = List.copyOf(files);
        }

        static TableBackup of(Table table, List<PartitionFile> files) {
            return new TableBackup(
                    table.getName(),
                    table.getCreatedEpoch(),
                    table.getPartitions(),
                    table.getReplicas(),
                    Options.of(table.getOptions()),
                    files);
        }

        public long bytes() {
            return files.stream().mapToLong(PartitionFile::bytes).sum();
        }

        public long events() {
            return files.stream().mapToLong(PartitionFile::events).sum();
        }
    }

    /**
     * A table's options.
     *
     * @param defaultTimeToLiveMillis 0: never
     * @param maxValueBytes 0: the cluster's limit
     */
    public record Options(long defaultTimeToLiveMillis, String defaultReadConsistency, int maxValueBytes) {
        static Options of(TableOptions options) {
            return new Options(
                    options.getDefaultTimeToLiveMillis(),
                    options.getDefaultReadConsistency().name(),
                    options.getMaxValueBytes());
        }

        TableOptions toProto() {
            return TableOptions.newBuilder()
                    .setDefaultTimeToLiveMillis(defaultTimeToLiveMillis)
                    .setDefaultReadConsistency(ReadConsistency.valueOf(defaultReadConsistency))
                    .setMaxValueBytes(maxValueBytes)
                    .build();
        }
    }

    /**
     * One partition.
     *
     * @param base the number of the backup whose file of this partition it goes on from; 0: it holds everything itself
     * @param afterIndex with a base: where that ended
     * @param index as of which log index it is
     * @param term of the entry at the index
     * @param timestampMillis when the newest data was ordered, on the primary's clock; 0: there never was any
     * @param events keys, or with a base changes
     * @param bytes of the file
     * @param crc32c of the file, hexadecimal
     */
    public record PartitionFile(
            int partition,
            int base,
            long afterIndex,
            long index,
            long term,
            long timestampMillis,
            long events,
            long bytes,
            String crc32c) {
        public boolean whole() {
            return base == 0;
        }

        BackupPosition position(long tableEpoch) {
            return BackupPosition.newBuilder()
                    .setTableEpoch(tableEpoch)
                    .setIndex(index)
                    .setTerm(term)
                    .build();
        }
    }

    /** Where a partition's file is, from the backup's own directory on. */
    static String fileName(String table, long epoch, int partition) {
        return String.format(Locale.ROOT, "%s.%d/%05d.pieces", table, epoch, partition);
    }
}
