package io.aitta.backup;

import io.aitta.backup.Manifest.PartitionFile;
import io.aitta.proto.v1.BackupEnd;
import io.aitta.proto.v1.BackupPiece;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * Writes one partition's file: a magic word, then pieces, each with its length and CRC32C before it (4 bytes each, big
 * endian). It has its name only once it is whole and forced to disk. Of one thread.
 */
final class PieceWriter implements AutoCloseable {
    static final byte[] MAGIC = "AITTABK1".getBytes(StandardCharsets.US_ASCII);
    static final int HEADER_BYTES = 2 * Integer.BYTES;

    private final Path file;
    private final Path part;
    private final FileChannel out;
    private final CRC32C whole = new CRC32C();
    private long bytes;

    PieceWriter(Path file) throws IOException {
        this.file = file;
        this.part = file.resolveSibling(file.getFileName() + ".part");
        Files.createDirectories(file.getParent());
        this.out = FileChannel.open(
                part, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
        append(ByteBuffer.wrap(MAGIC));
    }

    /** Of the file, so far. */
    long bytes() {
        return bytes;
    }

    void write(BackupPiece piece) throws IOException {
        byte[] payload = piece.toByteArray();
        var crc = new CRC32C();
        crc.update(payload);
        append(ByteBuffer.allocate(HEADER_BYTES + payload.length)
                .putInt(payload.length)
                .putInt((int) crc.getValue())
                .put(payload)
                .flip());
    }

    private void append(ByteBuffer buffer) throws IOException {
        whole.update(buffer.duplicate());
        bytes += buffer.remaining();
        while (buffer.hasRemaining()) {
            out.write(buffer);
        }
    }

    /**
     * The last piece was written.
     *
     * @param base 0 if the file holds everything itself
     */
    PartitionFile finish(int partition, int base, long afterIndex, BackupEnd end) throws IOException {
        out.force(true);
        out.close();
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        SealedJson.force(file.getParent());
        return new PartitionFile(
                partition,
                base,
                afterIndex,
                end.getPosition().getIndex(),
                end.getPosition().getTerm(),
                end.getTimestampMillis(),
                end.getEvents(),
                bytes,
                Long.toHexString(whole.getValue()));
    }

    @Override
    public void close() throws IOException {
        out.close();
        Files.deleteIfExists(part);
    }
}
