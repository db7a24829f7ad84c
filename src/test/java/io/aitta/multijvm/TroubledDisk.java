package io.aitta.multijvm;

import io.aitta.cli.Aitta;
import io.aitta.journal.PassingFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;

/**
 * The disk under a node's binlog, in another process, as a test wants it: full, or hanging. The test says so by files beside
 * the binlog, which the node's file system {@code troubled:} looks at with every access.
 */
final class TroubledDisk {
    /** Writes are not answered as long as it is there. */
    private static final String WRITES_HANG = "writes-hang";
    /** The same for those who replay binlogs. */
    private static final String REPLAYS_HANG = "replays-hang";
    /** Writes fail as long as it is there. */
    private static final String FULL = "full";

    private final Path journal;

    private TroubledDisk(Path journal) {
        this.journal = journal;
    }

    static TroubledDisk of(NodeProcess node) {
        return new TroubledDisk(node.dataDir().resolve("journal"));
    }

    void writesHang() {
        begin(WRITES_HANG);
    }

    void replaysHang() {
        begin(REPLAYS_HANG);
    }

    void isFull() {
        begin(FULL);
    }

    void isWell() {
        for (String trouble : new String[] {WRITES_HANG, REPLAYS_HANG, FULL}) {
            try {
                Files.deleteIfExists(journal.resolve(trouble));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private void begin(String trouble) {
        try {
            Files.createFile(journal.resolve(trouble));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@code aitta} on such a disk: {@code aitta.journal.url-prefix}. */
    static final class Node {
        private Node() {}

        public static void main(String[] words) {
            FilePath.register(new TroubledFilePath());
            Aitta.main(words);
        }
    }

    /** H2's file system {@code troubled:}; public, as H2 makes instances of it. */
    public static final class TroubledFilePath extends FilePathWrapper {
        private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
        private static final String REPLAYING = "aitta-journal-reader";

        @Override
        public String getScheme() {
            return "troubled";
        }

        @Override
        public FileChannel open(String mode) throws IOException {
            Path beside = Path.of(getBase().toString()).toAbsolutePath().getParent();
            return new PassingFile(getBase().open(mode)) {
                @Override
                public int read(ByteBuffer destination, long position) throws IOException {
                    if (Thread.currentThread().getName().startsWith(REPLAYING)) {
                        awaitNo(REPLAYS_HANG);
                    }
                    return super.read(destination, position);
                }

                @Override
                public int write(ByteBuffer source, long position) throws IOException {
                    awaitNo(WRITES_HANG);
                    if (Files.exists(beside.resolve(FULL))) {
                        throw new IOException("No space left on device");
                    }
                    return super.write(source, position);
                }

                private void awaitNo(String trouble) {
                    while (Files.exists(beside.resolve(trouble))) {
                        LockSupport.parkNanos(LOOK_AGAIN_NANOS);
                    }
                }
            };
        }
    }
}
