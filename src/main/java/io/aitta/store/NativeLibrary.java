package io.aitta.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.rocksdb.NativeLibraryLoader;
import org.rocksdb.RocksDB;

/**
 * Loads RocksDB's library. By itself RocksDB unpacks it into a file in the temporary directory, 15 MB, and removes that when
 * the process ends, so that every node that is killed leaves one behind. Here the file is gone as soon as the library is
 * loaded, where the system allows that; else when the process ends.
 */
final class NativeLibrary {
    private static boolean loaded;

    private NativeLibrary() {}

    /**
     * To be called before anything of RocksDB's is used. Idempotent; thread-safe.
     *
     * @throws StoreException if the temporary directory cannot be written to
     */
    static synchronized void load() {
        if (loaded) {
            return;
        }
        try {
            Path directory = Files.createTempDirectory("aitta-rocksdb-");
            try {
                NativeLibraryLoader.getInstance().loadLibrary(directory.toString());
                RocksDB.loadLibrary();
            } finally {
                removeIfPossible(directory);
            }
        } catch (IOException e) {
            throw new StoreException(
                    "RocksDB's library cannot be unpacked into " + System.getProperty("java.io.tmpdir") + ": " + e, e);
        }
        loaded = true;
    }

    private static void removeIfPossible(Path directory) throws IOException {
        try (var files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                if (!file.toFile().delete()) {
                    // Not while it is in use, on this system.
                    directory.toFile().deleteOnExit();
                    file.toFile().deleteOnExit();
                    return;
                }
            }
        }
        Files.delete(directory);
    }
}
