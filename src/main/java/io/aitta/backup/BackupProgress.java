package io.aitta.backup;

import io.aitta.backup.Manifest.PartitionFile;
import java.util.function.Consumer;

/** How far a backup is, added up over its threads. Thread-safe. */
public final class BackupProgress {
    /** @param events keys and changes that were read, those of readings that broke included */
    public record State(int partitionsDone, int partitions, long events, long bytes) {}

    private final Consumer<State> told;
    private final Consumer<String> troubles;
    private int partitions;
    private int done;
    private long events;
    private long bytes;

    BackupProgress(Consumer<State> told, Consumer<String> troubles) {
        this.told = told;
        this.troubles = troubles;
    }

    synchronized void begin(int ofPartitions) {
        partitions = ofPartitions;
        tell();
    }

    synchronized void read(long moreEvents, long moreBytes) {
        events += moreEvents;
        bytes += moreBytes;
        tell();
    }

    synchronized PartitionFile partition(PartitionFile file) {
        done++;
        tell();
        return file;
    }

    synchronized void trouble(String sentence) {
        troubles.accept(sentence);
    }

    private void tell() {
        told.accept(new State(done, partitions, events, bytes));
    }
}
