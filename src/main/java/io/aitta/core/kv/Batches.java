package io.aitta.core.kv;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import io.aitta.proto.record.v1.Batch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * Encodes and decodes {@code aitta.record.v1.Batch}, what one log entry of kind data holds, without copying the
 * operations more often than needed: once when encoding, never when decoding.
 *
 * <p>A replica that does not know a kind of operation, or a field of one, would apply something else than its peers.
 * So whoever adds one raises {@link #RECORD_VERSION} for the batches that use it: older nodes then stop instead.
 */
public final class Batches {
    /** 1 knew plain sets, deletes and transactions of them only; what was written so still means the same. */
    static final int RECORD_VERSION = 2;

    /** The tag and the longest length before each operation. */
    private static final int OVERHEAD_PER_OPERATION = 1 + 5;

    /** Version and the longest timestamp with their tags. */
    private static final int OVERHEAD_PER_BATCH = 2 + 11;

    private Batches() {}

    /** How many bytes a batch has at most beyond those of its operations. */
    public static int overheadBytes(int operations) {
        return OVERHEAD_PER_BATCH + operations * OVERHEAD_PER_OPERATION;
    }

    /**
     * @param timestampMillis the primary's wall clock; expiry counts from it
     * @param operations each a serialized {@code aitta.record.v1.Operation}
     */
    public static byte[] encode(long timestampMillis, List<byte[]> operations) {
        int size = CodedOutputStream.computeUInt32Size(Batch.RECORD_VERSION_FIELD_NUMBER, RECORD_VERSION)
                + CodedOutputStream.computeInt64Size(Batch.TIMESTAMP_MILLIS_FIELD_NUMBER, timestampMillis);
        for (byte[] operation : operations) {
            size += CodedOutputStream.computeByteArraySize(Batch.OPERATIONS_FIELD_NUMBER, operation);
        }
        var bytes = new byte[size];
        var out = CodedOutputStream.newInstance(bytes);
        try {
            out.writeUInt32(Batch.RECORD_VERSION_FIELD_NUMBER, RECORD_VERSION);
            out.writeInt64(Batch.TIMESTAMP_MILLIS_FIELD_NUMBER, timestampMillis);
            for (byte[] operation : operations) {
                out.writeByteArray(Batch.OPERATIONS_FIELD_NUMBER, operation);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the computed size of a batch is too small", e);
        }
        out.checkNoSpaceLeft();
        return bytes;
    }

    /**
     * Decodes without copying: the operations are views of {@code batch}, which must not be changed any more.
     *
     * @throws InvalidProtocolBufferException if the bytes are no batch
     * @throws IllegalStateException if a newer release wrote the batch
     */
    static Batch decode(byte[] batch) throws InvalidProtocolBufferException {
        var decoded = parse(Batch.parser(), UnsafeByteOperations.unsafeWrap(batch));
        if (Integer.compareUnsigned(decoded.getRecordVersion(), RECORD_VERSION) > 0) {
            throw new IllegalStateException("a batch of record version "
                    + Integer.toUnsignedString(decoded.getRecordVersion()) + " needs a newer release; this one knows "
                    + RECORD_VERSION);
        }
        if (decoded.getRecordVersion() == 0) {
            throw new InvalidProtocolBufferException("a batch without a record version");
        }
        return decoded;
    }

    /**
     * For who only looks at what a batch holds.
     *
     * @throws InvalidProtocolBufferException if the bytes are no batch
     * @throws IllegalStateException if a newer release wrote the batch
     */
    public static Batch read(byte[] batch) throws InvalidProtocolBufferException {
        return decode(batch);
    }

    /** Whether an operation is in a batch, byte for byte. One that does not decode holds none. */
    public static boolean holds(byte[] batch, byte[] operation) {
        try {
            return parse(Batch.parser(), UnsafeByteOperations.unsafeWrap(batch))
                    .getOperationsList()
                    .contains(UnsafeByteOperations.unsafeWrap(operation));
        } catch (InvalidProtocolBufferException e) {
            return false;
        }
    }

    static <T> T parse(com.google.protobuf.Parser<T> parser, ByteString bytes) throws InvalidProtocolBufferException {
        var in = bytes.newCodedInput();
        in.enableAliasing(true);
        return parser.parseFrom(in);
    }
}
