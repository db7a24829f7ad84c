package io.aitta.gateway;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.UnsafeByteOperations;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * How far a watch has come, as clients keep it: bytes that mean nothing to them. A version, a checksum of all the rest
 * and of the table's name, the table's epoch and partition count, then each watched partition with its log index.
 *
 * @param indexes by partition; at least one
 */
record WatchToken(String table, long tableEpoch, int partitions, SortedMap<Integer, Long> indexes) {
    private static final byte VERSION = 1;
    private static final int BODY_AT = 1 + Integer.BYTES;

    ByteString encode() {
        var body = new ByteArrayOutputStream();
        var out = CodedOutputStream.newInstance(body);
        try {
            out.writeUInt64NoTag(tableEpoch);
            out.writeUInt32NoTag(partitions);
            out.writeUInt32NoTag(indexes.size());
            for (var place : indexes.entrySet()) {
                // Of a whole table the partitions are all, in their order.
                if (indexes.size() < partitions) {
                    out.writeUInt32NoTag(place.getKey());
                }
                out.writeUInt64NoTag(place.getValue());
            }
            out.flush();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        var bytes = ByteBuffer.allocate(BODY_AT + body.size())
                .put(VERSION)
                .putInt(checksum(table, body.toByteArray()))
                .put(body.toByteArray());
        return UnsafeByteOperations.unsafeWrap(bytes.flip());
    }

    /** @throws ProblemException with BAD_TOKEN if it is none of this table's */
    static WatchToken decode(ByteString encoded, String table, long tableEpoch, int partitions) {
        if (encoded.size() < BODY_AT || encoded.byteAt(0) != VERSION) {
            throw bad("it is none that this release has given out");
        }
        var body = encoded.substring(BODY_AT);
        if (encoded.asReadOnlyByteBuffer().getInt(1) != checksum(table, body.toByteArray())) {
            throw bad("it belongs to another table, or has been changed since it was given out");
        }
        try {
            var in = body.newCodedInput();
            if (in.readUInt64() != tableEpoch || in.readUInt32() != partitions) {
                throw bad("it belongs to an earlier table of this name");
            }
            return new WatchToken(table, tableEpoch, partitions, indexes(in, partitions));
        } catch (IOException cutOff) {
            throw bad("it is cut off");
        }
    }

    private static SortedMap<Integer, Long> indexes(CodedInputStream in, int partitions) throws IOException {
        int count = in.readUInt32();
        if (count < 1 || count > partitions) {
            throw bad("it names " + Integer.toUnsignedString(count) + " partitions");
        }
        var indexes = new TreeMap<Integer, Long>();
        for (int i = 0; i < count; i++) {
            int partition = count < partitions ? in.readUInt32() : i;
            long index = in.readUInt64();
            if (partition < 0 || partition >= partitions || index < 0 || indexes.put(partition, index) != null) {
                throw bad("it points outside of the table");
            }
        }
        if (!in.isAtEnd()) {
            throw bad("it is too long");
        }
        return indexes;
    }

    /** @throws ProblemException with BAD_TOKEN if it says nothing of one of these partitions */
    WatchToken only(Iterable<Integer> wanted) {
        var some = new TreeMap<Integer, Long>();
        for (var partition : wanted) {
            var index = indexes.get(partition);
            if (index == null) {
                throw bad("it belongs to a watch of less than what is watched now");
            }
            some.put(partition, index);
        }
        return new WatchToken(table, tableEpoch, partitions, some);
    }

    private static int checksum(String table, byte[] body) {
        var crc = new CRC32C();
        crc.update(table.getBytes(StandardCharsets.UTF_8));
        crc.update(0);
        crc.update(body);
        return (int) crc.getValue();
    }

    private static ProblemException bad(String why) {
        return Problem.inField(
                        ErrorReason.BAD_TOKEN,
                        "token",
                        "this token is of no use here: " + why + "; send one of an answer to the same watch, or none")
                .asException();
    }
}
