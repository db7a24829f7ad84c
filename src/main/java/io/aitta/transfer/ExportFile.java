package io.aitta.transfer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Base64;
import java.util.Optional;

/**
 * Where an export goes. With a file, a {@link Sidecar} says from which of its bytes on, and from where in the table on, it
 * can be gone on with: what was written after that is cut off then, be it whole rows or the half of one.
 */
public final class ExportFile implements AutoCloseable {
    private static final String OFFSET = "offset";
    private static final String ROWS = "rows";
    private static final String CURSOR = "cursor";
    private static final String WHAT = "what";

    private final OutputStream stream;
    private final FileChannel file;
    private final Sidecar sidecar;
    private final String what;
    private final ByteString cursor;
    private final long rows;
    private long offset;

    private ExportFile(
            OutputStream stream,
            FileChannel file,
            Sidecar sidecar,
            String what,
            ByteString cursor,
            long rows,
            long offset) {
        this.stream = stream;
        this.file = file;
        this.sidecar = sidecar;
        this.what = what;
        this.cursor = cursor;
        this.rows = rows;
        this.offset = offset;
    }

    /** Where the file's sidecar is. */
    public static Path sidecarOf(Path file) {
        return file.resolveSibling(file.getFileName() + ".progress");
    }

    /** A stream, which nobody can go on with later. It is not closed. */
    public static ExportFile to(OutputStream stream) {
        return new ExportFile(stream, null, null, "", ByteString.EMPTY, 0, 0);
    }

    /**
     * A file, from its beginning.
     *
     * @param what names the rows that are exported, and their format: only the same can be gone on with
     */
    public static ExportFile begin(Path file, String what) throws IOException {
        var sidecar = new Sidecar(sidecarOf(file));
        // First, so that a file without one is whole.
        sidecar.write(progress(what, 0, 0, ByteString.EMPTY));
        var channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
        return new ExportFile(null, channel, sidecar, what, ByteString.EMPTY, 0, 0);
    }

    /**
     * A file whose export ended early.
     *
     * @return empty if there is nothing to go on with
     * @throws IOException also if it is of other rows, or shorter than it was
     */
    public static Optional<ExportFile> resume(Path file, String what) throws IOException {
        var sidecar = new Sidecar(sidecarOf(file));
        Optional<ObjectNode> progress = sidecar.read();
        if (progress.isEmpty()) {
            return Optional.empty();
        }
        ObjectNode before = progress.get();
        String other = before.path(WHAT).asText();
        if (!other.equals(what)) {
            throw new IOException("'" + file + "' was begun as " + other + "; it cannot be gone on with as " + what);
        }
        long offset = before.path(OFFSET).asLong();
        long there = Files.exists(file) ? Files.size(file) : 0;
        if (there < offset) {
            throw new IOException("'" + file + "' has " + there + " bytes, but " + offset
                    + " were written; it cannot be gone on with");
        }
        var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        channel.truncate(offset);
        channel.position(offset);
        var cursor = ByteString.copyFrom(
                Base64.getDecoder().decode(before.path(CURSOR).asText()));
        return Optional.of(new ExportFile(
                null, channel, sidecar, what, cursor, before.path(ROWS).asLong(), offset));
    }

    private static ObjectNode progress(String what, long rows, long offset, ByteString cursor) {
        return Sidecar.object()
                .put(WHAT, what)
                .put(ROWS, rows)
                .put(OFFSET, offset)
                .put(CURSOR, Base64.getEncoder().encodeToString(cursor.toByteArray()));
    }

    /** Where to begin in the table. */
    ByteString cursor() {
        return cursor;
    }

    /** How many rows are there. */
    long rows() {
        return rows;
    }

    /** Bytes so far. */
    long offset() {
        return offset;
    }

    void write(byte[] bytes) throws IOException {
        if (stream != null) {
            stream.write(bytes);
        } else {
            var buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                file.write(buffer);
            }
        }
        offset += bytes.length;
    }

    /** From now on it can be gone on with here. */
    void mark(long rows, ByteString cursor) throws IOException {
        if (sidecar != null) {
            // The bytes first: the sidecar must not promise what a loss of power takes away.
            file.force(false);
            sidecar.write(progress(what, rows, offset, cursor));
        }
    }

    /** All is there. */
    void complete() throws IOException {
        if (stream != null) {
            stream.flush();
        } else {
            file.force(true);
            sidecar.delete();
        }
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
        }
    }
}
