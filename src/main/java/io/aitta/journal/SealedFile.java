package io.aitta.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.h2.store.fs.FileBaseDefault;

/**
 * H2's database file with what H2 lacks to be durable. H2 checks a chunk only by its two ends, overwrites the space of a
 * chunk that is no longer needed without waiting until the chunk that replaced it is on disk, and falls back without a
 * word to an older state when a newer one is damaged. Here:
 *
 * <ul>
 *   <li>Every chunk is sealed with a checksum. When the file is opened all of it is read once; a chunk that is not whole
 *       does not exist for H2, and H2 starts from the newest whole one.
 *   <li>At most one chunk is not forced at any time, and the file's header never names a chunk that is not: a write that
 *       could break this forces first. So a power cut can take the newest chunk, which nobody was told of, and no other.
 *   <li>If H2 would go on from an older state than the newest whole one, or the header names a newer one than there is,
 *       forced data is gone: {@link DamagedJournalFileException}, and nothing is written.
 *   <li>After a failed write or force nothing succeeds any more until the file is opened anew: the kernel may have dropped
 *       the pages it could not write, so a later force that succeeds would prove nothing.
 *   <li>Opening writes the newest chunk again and forces it: what is read after a crash is on disk before anyone acts on it.
 * </ul>
 *
 * <p>Thread-safe; reads run beside a write.
 */
final class SealedFile extends FileBaseDefault {
    private static final int SCAN_BYTES = 1 << 20;

    private final String name;
    private final FileChannel file;

    // What the scan at opening found, until H2 writes its first chunk.
    private volatile Set<Long> wholeChunks = new HashSet<>();
    private ByteBuffer presentedHeader;
    private long newestPosition;
    private ChunkSeal.Header newest;

    private boolean unforced;
    private IOException failure;

    SealedFile(String name, FileChannel file) {
        this.name = name;
        this.file = file;
    }

    @Override
    public FileLock tryLock(long position, long size, boolean shared) throws IOException {
        FileLock lock = file.tryLock(position, size, shared);
        if (lock != null && !shared) {
            recover();
        } else if (lock != null) {
            // Only to be read: H2 is shown what is whole, and nothing is written.
            lookForNewest();
        }
        return lock;
    }

    private void recover() throws IOException {
        if (!lookForNewest()) {
            return;
        }
        ByteBuffer chunk = ByteBuffer.allocate(newest.blocks() * ChunkSeal.BLOCK);
        readFully(chunk, newestPosition);
        writeFully(chunk.flip(), newestPosition);
        file.force(false);
    }

    /**
     * The version of the newest chunk in a file of H2's, all of which is read.
     *
     * @return 0 if it has none
     * @throws DamagedJournalFileException if the header cannot be read, or names a chunk that is not whole
     */
    static long newestVersion(Path path) throws IOException {
        try (var file = FileChannel.open(path, StandardOpenOption.READ)) {
            var sealed = new SealedFile(path.toString(), file);
            return sealed.lookForNewest() ? sealed.newest.version() : 0;
        }
    }

    private boolean lookForNewest() throws IOException {
        if (file.size() < 2L * ChunkSeal.BLOCK) {
            return false;
        }
        scan();
        byte[] header = new byte[2 * ChunkSeal.BLOCK];
        readFully(ByteBuffer.wrap(header), 0);
        Map<String, String> fileHeader = ChunkSeal.fileHeader(header);
        if (fileHeader == null) {
            throw new DamagedJournalFileException("its header is not readable");
        }
        long named = ChunkSeal.versionOf(fileHeader);
        if (named > 0 && (newest == null || newest.version() < named)) {
            throw new DamagedJournalFileException(
                    "version " + named + " was written to it, the newest that is still whole is "
                            + (newest == null ? "none" : newest.version()));
        }
        if (newest == null) {
            return false;
        }
        presentedHeader = ChunkSeal.fileHeaderNaming(header, newest, newestPosition / ChunkSeal.BLOCK);
        return true;
    }

    private void scan() throws IOException {
        long size = file.size();
        ByteBuffer window = ByteBuffer.allocate(SCAN_BYTES);
        long windowStart = -1;
        long position = 2L * ChunkSeal.BLOCK;
        while (position + ChunkSeal.BLOCK <= size) {
            if (windowStart < 0 || position + ChunkSeal.BLOCK > windowStart + window.limit()) {
                windowStart = position;
                window.clear().limit((int) Math.min(SCAN_BYTES, size - position));
                readFully(window, position);
                window.flip();
            }
            window.position((int) (position - windowStart));
            ChunkSeal.Header header = ChunkSeal.header(window);
            long length = header == null ? 0 : (long) header.blocks() * ChunkSeal.BLOCK;
            if (header != null
                    && position + length <= size
                    && length <= Integer.MAX_VALUE
                    && isWhole(position, (int) length)) {
                wholeChunks.add(position);
                if (newest == null || header.version() > newest.version()) {
                    newest = header;
                    newestPosition = position;
                }
                position += length;
            } else {
                position += ChunkSeal.BLOCK;
            }
        }
    }

    private boolean isWhole(long position, int length) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocate(length);
        readFully(chunk, position);
        return ChunkSeal.isWhole(chunk.flip());
    }

    @Override
    public int read(ByteBuffer destination, long position) throws IOException {
        if (wholeChunks == null) {
            return file.read(destination, position);
        }
        return readWhileRecovering(destination, position);
    }

    private synchronized int readWhileRecovering(ByteBuffer destination, long position) throws IOException {
        int start = destination.position();
        boolean looksAtChunk = destination.remaining() == ChunkSeal.HEADER_READ && position % ChunkSeal.BLOCK == 0;
        int length = file.read(destination, position);
        Set<Long> whole = wholeChunks;
        if (whole != null && length > 0) {
            if (presentedHeader != null && position == 0) {
                destination.put(start, presentedHeader, 0, Math.min(length, presentedHeader.limit()));
            } else if (looksAtChunk && !whole.contains(position)) {
                ByteBuffer seen = destination.duplicate();
                seen.flip().position(start);
                if (ChunkSeal.startsChunk(seen)) {
                    destination.put(start, new byte[length]);
                }
            }
        }
        return length;
    }

    @Override
    public synchronized int write(ByteBuffer source, long position) throws IOException {
        refuseAfterFailure();
        int length = source.remaining();
        boolean newChunk = ChunkSeal.startsChunk(source) && !ChunkSeal.isSealed(source);
        if (newChunk) {
            endRecovery(ChunkSeal.header(source));
        }
        if (newChunk || position == 0) {
            force(false);
        }
        if (newChunk) {
            ChunkSeal.seal(source);
        }
        try {
            unforced = true;
            writeFully(source, position);
            return length;
        } catch (IOException e) {
            throw failed("writing to", e);
        }
    }

    private void endRecovery(ChunkSeal.Header next) throws IOException {
        if (wholeChunks == null) {
            return;
        }
        if (newest != null && next != null && next.version() <= newest.version()) {
            failure = new DamagedJournalFileException(
                    "a part of version " + newest.version() + " that was written to it before is missing or damaged");
            throw failure;
        }
        wholeChunks = null;
        presentedHeader = null;
    }

    @Override
    public synchronized void force(boolean metaData) throws IOException {
        refuseAfterFailure();
        if (!unforced) {
            return;
        }
        try {
            // Without metadata: the file's times do not matter, its length is forced all the same.
            file.force(false);
            unforced = false;
        } catch (IOException e) {
            throw failed("forcing", e);
        }
    }

    @Override
    protected synchronized void implTruncate(long size) throws IOException {
        force(false);
        try {
            unforced = true;
            file.truncate(size);
        } catch (IOException e) {
            throw failed("truncating", e);
        }
    }

    private void refuseAfterFailure() throws IOException {
        if (failure != null) {
            throw new IOException("journal file " + name + " is not used any more: " + failure.getMessage(), failure);
        }
    }

    private IOException failed(String doing, IOException cause) {
        failure = new IOException(doing + " " + name + " failed: " + cause.getMessage(), cause);
        return failure;
    }

    @Override
    public long size() throws IOException {
        return file.size();
    }

    @Override
    protected void implCloseChannel() throws IOException {
        file.close();
    }

    @Override
    public String toString() {
        return name;
    }

    private void readFully(ByteBuffer destination, long position) throws IOException {
        long at = position;
        while (destination.hasRemaining()) {
            int n = file.read(destination, at);
            if (n < 0) {
                throw new IOException(name + " ends at " + at);
            }
            at += n;
        }
    }

    private void writeFully(ByteBuffer source, long position) throws IOException {
        long at = position;
        while (source.hasRemaining()) {
            at += file.write(source, at);
        }
    }
}
