package io.aitta.gateway;

import com.google.protobuf.ByteString;
import io.aitta.gateway.RoutingTable.TableRoutes;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * Where a scan goes on. Clients keep it as bytes that mean nothing to them: a version, a checksum of all that follows,
 * the table's epoch, the range's checksum, the partition, the moment, and the key after which to go on, if there is one.
 *
 * @param after null: from the partition's beginning
 * @param moment of the partition's scan; empty: none was begun
 */
record Cursor(int partition, ByteString after, String moment) {
    private static final byte VERSION = 1;
    private static final int CHECKSUM_AT = 1;
    private static final int BODY_AT = CHECKSUM_AT + Integer.BYTES;

    static Cursor atBeginningOf(RangePart part) {
        return new Cursor(part.first(), null, "");
    }

    ByteString encode(long tableEpoch, RangePart part) {
        byte[] where = moment.getBytes(StandardCharsets.UTF_8);
        int length = BODY_AT + Long.BYTES + 3 * Integer.BYTES + where.length + 1 + (after == null ? 0 : after.size());
        var bytes = ByteBuffer.allocate(length)
                .put(VERSION)
                .putInt(0)
                .putLong(tableEpoch)
                .putInt(part.checksum())
                .putInt(partition)
                .putInt(where.length)
                .put(where)
                .put((byte) (after == null ? 0 : 1));
        if (after != null) {
            after.copyTo(bytes);
        }
        bytes.putInt(CHECKSUM_AT, checksum(bytes.array()));
        return ByteString.copyFrom(bytes.array());
    }

    /** @throws ProblemException if it is not of an answer to the same table and range */
    static Cursor decode(ByteString encoded, TableRoutes table, RangePart part) {
        byte[] array = encoded.toByteArray();
        if (array.length < BODY_AT || array[0] != VERSION) {
            throw bad("it is none that this release has given out");
        }
        var bytes = ByteBuffer.wrap(array);
        if (bytes.getInt(CHECKSUM_AT) != checksum(array)) {
            throw bad("it has been changed since it was given out");
        }
        bytes.position(BODY_AT);
        try {
            if (bytes.getLong() != table.tableEpoch()) {
                throw bad("it belongs to another table, or to an earlier one of this name");
            }
            if (bytes.getInt() != part.checksum()) {
                throw bad("it belongs to a scan of another table or range");
            }
            return decodePlace(bytes, part);
        } catch (BufferUnderflowException | NegativeArraySizeException tooShort) {
            throw bad("it is cut off");
        }
    }

    private static Cursor decodePlace(ByteBuffer bytes, RangePart part) {
        int partition = bytes.getInt();
        int momentBytes = bytes.getInt();
        if (momentBytes > bytes.remaining()) {
            throw bad("it is cut off");
        }
        byte[] moment = new byte[momentBytes];
        bytes.get(moment);
        boolean hasAfter = bytes.get() != 0;
        ByteString after = hasAfter ? ByteString.copyFrom(bytes) : null;
        boolean isInside = partition >= part.first() && partition <= part.last();
        if (!isInside || bytes.hasRemaining() || after != null && !part.span().contains(after)) {
            throw bad("it points outside of the range");
        }
        return new Cursor(partition, after, new String(moment, StandardCharsets.UTF_8));
    }

    private static int checksum(byte[] bytes) {
        var crc = new CRC32C();
        crc.update(bytes, 0, CHECKSUM_AT);
        crc.update(bytes, BODY_AT, bytes.length - BODY_AT);
        return (int) crc.getValue();
    }

    private static ProblemException bad(String why) {
        return Problem.inField(
                        ErrorReason.BAD_CURSOR,
                        "cursor",
                        "this cursor cannot be gone on from: " + why
                                + "; send the cursor of an answer to the same table and range, or none to begin anew")
                .asException();
    }
}
