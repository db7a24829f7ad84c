package io.aitta.store;

import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.rocksdb.RocksDBException;

/**
 * Lets calls into RocksDB only while it is open: to use its memory after it was closed would end the process. Closing
 * waits for the calls inside; later ones are refused. Also where RocksDB's errors become {@link StoreException}.
 */
final class Gate {
    /** Something to do with RocksDB. */
    @FunctionalInterface
    interface Action<T> {
        T run() throws RocksDBException;
    }

    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private final Path directory;
    private boolean closed;

    Gate(Path directory) {
        this.directory = directory;
    }

    /**
     * @param doing what the call is for, to complete "the store in DIRECTORY could not ..."
     * @throws StoreException if the store is closed, or the disk fails
     */
    <T> T inside(String doing, Action<T> action) {
        lock.readLock().lock();
        try {
            if (closed) {
                throw new StoreException("the store in " + directory + " is closed");
            }
            return action.run();
        } catch (RocksDBException e) {
            throw failure(directory, doing, e);
        } finally {
            lock.readLock().unlock();
        }
    }

    /** Does nothing if the store is closed, because then it has seen to that itself. */
    void insideIfOpen(Runnable action) {
        lock.readLock().lock();
        try {
            if (!closed) {
                action.run();
            }
        } finally {
            lock.readLock().unlock();
        }
    }

    /** Waits for the calls inside, lets no more in, and runs {@code last} when this is the first call. */
    void close(Action<Void> last) {
        lock.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                last.run();
            }
        } catch (RocksDBException e) {
            throw failure(directory, "write what it held to disk when it was closed", e);
        } finally {
            lock.writeLock().unlock();
        }
    }

    static StoreException failure(Path directory, String doing, RocksDBException e) {
        return new StoreException("the store in " + directory + " could not " + doing + ": " + e.getMessage(), e);
    }
}
