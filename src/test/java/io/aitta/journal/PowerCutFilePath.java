package io.aitta.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.h2.store.fs.FileBaseDefault;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;

/**
 * H2's file system {@code powercut:}, a disk with a cache of its own: what was written but not forced is in this process's
 * memory only. {@link #cut} takes the power away: of what was not forced, some sectors of 512 bytes reach the disk, in any
 * order, or none does. Killing the process has the effect of a cut that lets nothing through.
 */
public final class PowerCutFilePath extends FilePathWrapper {
    static final int SECTOR = 512;
    private static final Map<String, CachedFile> FILES = new ConcurrentHashMap<>();

    public static void register() {
        FilePath.register(new PowerCutFilePath());
    }

    /**
     * Cuts the power of all files below a directory.
     *
     * @param survivors how much of what was not forced reaches the disk: 0 nothing, 1 all
     */
    static void cut(String directory, double survivors, Random random) throws IOException {
        for (CachedFile file : new ArrayList<>(FILES.values())) {
            if (file.path.contains(directory)) {
                file.cut(survivors, random);
            }
        }
    }

    /** Cuts the power when a file below a directory is to be forced for the n-th time from now, instead of forcing it. */
    static void cutAtForce(String directory, int n, double survivors, Random random) {
        for (CachedFile file : FILES.values()) {
            if (file.path.contains(directory)) {
                file.cutAtForce(n, survivors, random);
            }
        }
    }

    @Override
    public String getScheme() {
        return "powercut";
    }

    @Override
    public FileChannel open(String mode) throws IOException {
        CachedFile file = new CachedFile(getBase().toString(), getBase().open(mode));
        FILES.put(file.path, file);
        return file;
    }

    private static final class CachedFile extends FileBaseDefault {
        private final String path;
        private final FileChannel disk;
        private final TreeMap<Long, byte[]> cache = new TreeMap<>();
        private long size;
        private boolean dead;
        private int forcesLeft = Integer.MAX_VALUE;
        private double survivorsThen;
        private Random randomThen;

        CachedFile(String path, FileChannel disk) throws IOException {
            this.path = path;
            this.disk = disk;
            this.size = disk.size();
        }

        synchronized void cutAtForce(int n, double survivors, Random random) {
            forcesLeft = n;
            survivorsThen = survivors;
            randomThen = random;
        }

        synchronized void cut(double survivors, Random random) throws IOException {
            if (dead || !isOpen()) {
                return;
            }
            dead = true;
            long oldSize = disk.size();
            if (size < oldSize && random.nextDouble() < survivors) {
                disk.truncate(size);
            }
            List<Long> sectors = new ArrayList<>(cache.keySet());
            Collections.shuffle(sectors, random);
            for (long sector : sectors) {
                if (random.nextDouble() < survivors) {
                    writeSector(sector);
                }
            }
            FILES.remove(path, this);
            disk.close();
        }

        private void writeSector(long sector) throws IOException {
            int length = (int) Math.min(SECTOR, size - sector * SECTOR);
            if (length > 0) {
                disk.write(ByteBuffer.wrap(cache.get(sector), 0, length), sector * SECTOR);
            }
        }

        @Override
        public synchronized int read(ByteBuffer destination, long position) throws IOException {
            alive();
            if (position >= size) {
                return -1;
            }
            int length = (int) Math.min(destination.remaining(), size - position);
            for (int done = 0; done < length; ) {
                long at = position + done;
                byte[] sector = sector(at / SECTOR);
                int from = (int) (at % SECTOR);
                int n = Math.min(length - done, SECTOR - from);
                destination.put(sector, from, n);
                done += n;
            }
            return length;
        }

        private byte[] sector(long number) throws IOException {
            byte[] cached = cache.get(number);
            if (cached != null) {
                return cached;
            }
            byte[] bytes = new byte[SECTOR];
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining() && disk.read(buffer, number * SECTOR + buffer.position()) > 0) {}
            return bytes;
        }

        @Override
        public synchronized int write(ByteBuffer source, long position) throws IOException {
            alive();
            int length = source.remaining();
            for (int done = 0; done < length; ) {
                long at = position + done;
                byte[] sector = sector(at / SECTOR);
                int from = (int) (at % SECTOR);
                int n = Math.min(length - done, SECTOR - from);
                source.get(sector, from, n);
                cache.put(at / SECTOR, sector);
                done += n;
            }
            size = Math.max(size, position + length);
            return length;
        }

        @Override
        public synchronized void force(boolean metaData) throws IOException {
            alive();
            if (--forcesLeft == 0) {
                cut(survivorsThen, randomThen);
                alive();
            }
            if (disk.size() > size) {
                disk.truncate(size);
            }
            for (long sector : cache.keySet()) {
                writeSector(sector);
            }
            cache.clear();
        }

        @Override
        protected synchronized void implTruncate(long newSize) throws IOException {
            alive();
            if (newSize < size) {
                size = newSize;
                cache.tailMap((newSize + SECTOR - 1) / SECTOR).clear();
            }
        }

        @Override
        public synchronized long size() throws IOException {
            alive();
            return size;
        }

        @Override
        public FileLock tryLock(long position, long length, boolean shared) throws IOException {
            return disk.tryLock(position, length, shared);
        }

        @Override
        protected synchronized void implCloseChannel() throws IOException {
            if (!dead) {
                // Closing forces nothing.
                FILES.remove(path, this);
                disk.close();
            }
        }

        private void alive() throws IOException {
            if (dead) {
                throw new IOException("the power is off");
            }
        }
    }
}
