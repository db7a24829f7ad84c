package io.aitta.backup;

import com.google.protobuf.InvalidProtocolBufferException;
import io.aitta.backup.BackupException.Damaged;
import io.aitta.backup.Manifest.PartitionFile;
import io.aitta.proto.v1.BackupBegin;
import io.aitta.proto.v1.BackupEnd;
import io.aitta.proto.v1.BackupPiece;
import io.aitta.proto.v1.Event;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Reads one partition's file, a piece at a time, and believes nothing: each piece's checksum is looked at before it is
 * handed out, and at the end that nothing is missing or too much. What is wrong is {@link Damaged}, and says at which byte.
 * Of one thread.
 */
final class PieceReader implements AutoCloseable {
    /** Above any piece: one holds some 256 KiB, or one log entry. */
    private static final int MAX_PIECE_BYTES = 64 << 20;

    private final Path file;
    private final DataInputStream in;
    private final CRC32C whole = new CRC32C();
    private final BackupBegin begin;
    private BackupEnd end;
    private long events;
    private long at;

    /** @throws Damaged if there is no such file, or it does not begin as one */
    PieceReader(Path file) throws IOException {
        this.file = file;
        try {
            this.in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 18));
        } catch (NoSuchFileException e) {
            throw new Damaged("'" + file + "' is missing", e);
        }
        try {
            byte[] magic = read(PieceWriter.MAGIC.length);
            if (!Arrays.equals(magic, PieceWriter.MAGIC)) {
                throw damaged("it is no partition's file of a backup that this release knows");
            }
            BackupPiece first = piece();
            if (!first.hasBegin()) {
                throw damaged("it has no beginning");
            }
            begin = first.getBegin();
        } catch (IOException | RuntimeException e) {
            in.close();
            throw e;
        }
    }

    BackupBegin begin() {
        return begin;
    }

    /** The next events, perhaps none; null after the last ones. */
    List<Event> next() throws IOException {
        if (end != null) {
            return null;
        }
        BackupPiece piece = piece();
        if (piece.hasEvents()) {
            events += piece.getEvents().getEventsCount();
            return piece.getEvents().getEventsList();
        }
        if (!piece.hasEnd()) {
            throw damaged("it begins twice");
        }
        end = piece.getEnd();
        if (end.getEvents() != events) {
            throw damaged("it holds " + events + " events, and says " + end.getEvents());
        }
        if (in.read() >= 0) {
            throw damaged("something follows after its end");
        }
        return null;
    }

    /**
     * What the file is, once it was read to its end.
     *
     * @param base which backup it goes on from, if it does
     */
    PartitionFile summary(int base) {
        return new PartitionFile(
                begin.getPartition(),
                begin.getWhole() ? 0 : base,
                begin.getAfterIndex(),
                end.getPosition().getIndex(),
                end.getPosition().getTerm(),
                end.getTimestampMillis(),
                events,
                at,
                Long.toHexString(whole.getValue()));
    }

    private BackupPiece piece() throws IOException {
        long pieceAt = at;
        int length = readInt();
        int checksum = readInt();
        if (length < 0 || length > MAX_PIECE_BYTES) {
            throw damaged("the piece at byte " + pieceAt + " has a length of " + length);
        }
        byte[] payload = read(length);
        var crc = new CRC32C();
        crc.update(payload);
        if ((int) crc.getValue() != checksum) {
            throw damaged("the piece at byte " + pieceAt + " does not have its checksum");
        }
        try {
            return BackupPiece.parseFrom(payload);
        } catch (InvalidProtocolBufferException e) {
            throw damaged("the piece at byte " + pieceAt + " does not decode");
        }
    }

    private int readInt() throws IOException {
        byte[] bytes = read(Integer.BYTES);
        return (bytes[0] & 0xff) << 24 | (bytes[1] & 0xff) << 16 | (bytes[2] & 0xff) << 8 | bytes[3] & 0xff;
    }

    private byte[] read(int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw damaged("it ends at byte " + (at + bytes.length) + ", before its end");
        }
        whole.update(bytes);
        at += length;
        return bytes;
    }

    private Damaged damaged(String why) {
        return new Damaged("'" + file + "' is damaged: " + why);
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
