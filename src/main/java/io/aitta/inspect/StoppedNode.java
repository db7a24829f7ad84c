package io.aitta.inspect;

import io.aitta.journal.OfflineBinlog;
import io.aitta.store.OfflineStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The data of a node that is not running: a data directory, or its {@code journal} or {@code store} alone. While it is
 * open, a node that is started on it is refused. Where the directory may only be read, nobody can be kept out.
 */
public final class StoppedNode implements AutoCloseable {
    private final Path directory;
    private final List<FileChannel> locks = new ArrayList<>();

    private StoppedNode(Path directory) {
        this.directory = directory;
    }

    /** @throws InspectionException if there is no such directory, or a running node uses it */
    public static StoppedNode open(Path directory) {
        if (!Files.isDirectory(directory)) {
            throw InspectionException.nothingThere("there is no directory " + directory);
        }
        var node = new StoppedNode(directory.toAbsolutePath().normalize());
        try {
            for (Path lock : List.of(
                    directory.resolve("lock"),
                    directory.resolve("journal/lock"),
                    directory.resolve("store/LOCK"),
                    directory.resolve("LOCK"))) {
                node.lock(lock);
            }
            return node;
        } catch (RuntimeException e) {
            node.close();
            throw e;
        }
    }

    private void lock(Path path) {
        if (!Files.isWritable(path)) {
            return; // or there is none
        }
        try {
            var channel = FileChannel.open(path, StandardOpenOption.WRITE);
            locks.add(channel);
            FileLock lock = channel.tryLock();
            if (lock == null) {
                throw inUse();
            }
        } catch (OverlappingFileLockException heldHere) {
            throw inUse();
        } catch (IOException e) {
            throw InspectionException.nothingThere(directory + " cannot be locked: " + e);
        }
    }

    private InspectionException inUse() {
        return InspectionException.inUse(
                directory + " is in use by a running node; stop it first, or look at a copy of the directory");
    }

    /** The directory of its binlog; empty if it has none that can be looked at. */
    public Optional<Path> binlog() {
        return List.of(directory, directory.resolve("journal")).stream()
                .filter(OfflineBinlog::isIn)
                .findFirst();
    }

    /** The directory of its store; empty if it has none. */
    public Optional<Path> store() {
        return List.of(directory, directory.resolve("store")).stream()
                .filter(OfflineStore::isIn)
                .findFirst();
    }

    @Override
    public void close() {
        for (FileChannel lock : locks) {
            try {
                lock.close();
            } catch (IOException e) {
                throw new UncheckedIOException("the lock on " + directory + " cannot be given back", e);
            }
        }
        locks.clear();
    }
}
