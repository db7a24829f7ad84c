package io.aitta.store;

import com.google.protobuf.ByteString;
import io.aitta.proto.record.v1.ReplicaMark;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A digest of what a replica holds at one log index, which is the same on all replicas of the partition: its values, its
 * sessions, its expiry index, and its mark. Each kind has a digest of its own, so that a difference says where it is.
 *
 * <p>What may rightly differ is left out: the changes that are kept for watchers, of which each node forgets the oldest when
 * it sees fit, and with them the mark's {@code changes_after}; and the number of the generation, which counts the copies
 * that a replica was given. Not thread-safe.
 */
public final class ContentDigest {
    /**
     * SHA-256 in hexadecimal of the rows of each kind in the order of their keys, and of the mark.
     *
     * @param bytes of keys and rows
     */
    public record Content(String values, String sessions, String expiry, String mark, long rows, long bytes) {
        /** Of all of it. */
        public String whole() {
            var all = sha256();
            for (String part : new String[] {values, sessions, expiry, mark}) {
                all.update(part.getBytes(StandardCharsets.US_ASCII));
            }
            return HexFormat.of().formatHex(all.digest());
        }
    }

    private final MessageDigest values = sha256();
    private final MessageDigest sessions = sha256();
    private final MessageDigest expiry = sha256();
    private final ByteBuffer length = ByteBuffer.allocate(Integer.BYTES);
    private long rows;
    private long bytes;

    /** Bytes of keys and rows so far. */
    public long bytes() {
        return bytes;
    }

    /** @param typedKey the row's type, one byte, and its key */
    void add(ByteString typedKey, byte[] row) {
        var kind =
                switch (typedKey.byteAt(0)) {
                    case RowKeys.VALUE -> values;
                    case RowKeys.SESSION -> sessions;
                    case RowKeys.EXPIRY -> expiry;
                    default ->
                        throw new StoreException("a row of the store is of type " + typedKey.byteAt(0)
                                + ", which is none: it is damaged, or of a newer release");
                };
        update(kind, typedKey.size());
        kind.update(typedKey.asReadOnlyByteBuffer());
        update(kind, row.length);
        kind.update(row);
        rows++;
        bytes += typedKey.size() + row.length;
    }

    /** Lengths stand before what they are of, lest two rows look like other two. */
    private void update(MessageDigest kind, int number) {
        kind.update(length.clear().putInt(number).flip());
    }

    /** To be called once, when all rows were added. */
    public Content of(ReplicaMark mark) {
        var equal = mark.toBuilder().clearGeneration().clearChangesAfter().build();
        return new Content(
                hex(values),
                hex(sessions),
                hex(expiry),
                HexFormat.of().formatHex(sha256().digest(equal.toByteArray())),
                rows,
                bytes);
    }

    private static String hex(MessageDigest digest) {
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java VM knows SHA-256", e);
        }
    }
}
