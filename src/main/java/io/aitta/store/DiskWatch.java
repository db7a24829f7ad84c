package io.aitta.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/**
 * Looks once a second whether the store takes writes, and whether there is room on the disks, on a thread of its own: that
 * one may hang with the disk, while those who ask how it is are answered at once. Thread-safe.
 */
public final class DiskWatch implements AutoCloseable {
    private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final RocksStore store;
    private final List<Path> directories;
    private final long leastSpaceBytes;
    private final Thread thread = new Thread(this::run, "aitta-disk-watch");
    private volatile boolean closing;
    /** When the look under way began; null: none is. */
    private volatile Long lookingSinceNanos;
    /** Null: there is room. */
    private volatile String withoutSpace;

    private DiskWatch(RocksStore store, List<Path> directories, long leastSpaceBytes) {
        this.store = store;
        this.directories = directories;
        this.leastSpaceBytes = leastSpaceBytes;
        thread.setDaemon(true);
    }

    /**
     * @param directories that are written to
     * @param leastSpaceBytes with less on one of them its disk counts as full
     */
    public static DiskWatch start(RocksStore store, List<Path> directories, long leastSpaceBytes) {
        var watch = new DiskWatch(store, List.copyOf(directories), leastSpaceBytes);
        watch.thread.start();
        return watch;
    }

    /** What is wrong with the disks as far as is known; empty: nothing. Never blocks. */
    public Optional<String> trouble() {
        return store.failure()
                .map(failure -> "the store cannot write to its disk: " + failure.getMessage())
                .or(() -> Optional.ofNullable(withoutSpace));
    }

    /** For how long the disk has not answered, in nanoseconds; 0 if it has. Never blocks. */
    public long unansweredNanos() {
        Long since = lookingSinceNanos;
        return since == null ? 0 : Math.max(0, System.nanoTime() - since);
    }

    /** Whether the store has failed in a way of which it does not recover while it is open. Never blocks. */
    public boolean needsReopening() {
        return store.failure().filter(failure -> !isForWantOfSpace(failure)).isPresent();
    }

    private static boolean isForWantOfSpace(RocksDBException failure) {
        return failure.getStatus() != null && failure.getStatus().getSubCode() == Status.SubCode.NoSpace;
    }

    private void run() {
        while (!closing) {
            lookingSinceNanos = System.nanoTime();
            try {
                store.tryWriting();
            } catch (StoreException failed) {
                // Told by the store itself; or it is closed, and nobody asks any more.
            }
            withoutSpace = lookForSpace();
            lookingSinceNanos = null;
            LockSupport.parkNanos(INTERVAL_NANOS);
        }
    }

    private String lookForSpace() {
        for (Path directory : directories) {
            try {
                long usable = Files.getFileStore(directory).getUsableSpace();
                if (usable < leastSpaceBytes) {
                    return "the disk of " + directory + " is full: " + usable + " bytes are left, and with less than "
                            + leastSpaceBytes + " (aitta.health.least-space) a node is not to be relied on";
                }
            } catch (IOException e) {
                return "the directory " + directory + " cannot be looked at: " + e;
            }
        }
        return null;
    }

    /** Does not wait for the thread: it may hang. */
    @Override
    public void close() {
        closing = true;
        LockSupport.unpark(thread);
    }
}
