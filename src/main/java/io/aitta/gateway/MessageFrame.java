package io.aitta.gateway;

import com.google.protobuf.InvalidProtocolBufferException;
import org.apache.pekko.util.ByteString;

/** gRPC's framing of a message: one byte that says whether it is compressed, four of length, then the message. */
final class MessageFrame {
    static final int HEADER_BYTES = 5;

    private MessageFrame() {}

    /**
     * The length of the message that a frame announces.
     *
     * @param frame its first bytes, at least {@link #HEADER_BYTES}
     * @throws ProblemException if it is longer than {@code max}, or compressed
     */
    static int messageBytes(ByteString frame, int max) {
        var header = frame.iterator();
        byte flags = header.getByte();
        if (flags != 0) {
            throw Problem.of(
                            ErrorReason.COMPRESSION_UNSUPPORTED,
                            "the message's frame has flags " + flags + "; only uncompressed messages (0) are taken")
                    .asException();
        }
        long length = Integer.toUnsignedLong(header.getInt(java.nio.ByteOrder.BIG_ENDIAN));
        if (length > max) {
            throw Problem.of(
                            ErrorReason.MESSAGE_TOO_LARGE,
                            "a message of " + length + " bytes is more than aitta.grpc.max-message-bytes = " + max)
                    .with("limit", Integer.toString(max))
                    .asException();
        }
        return (int) length;
    }

    /** @throws ProblemException if {@code frame} is not exactly one message */
    static byte[] checked(ByteString frame, int max) {
        int size = frame.size();
        if (size < HEADER_BYTES || messageBytes(frame, max) != size - HEADER_BYTES) {
            throw notOneMessage();
        }
        return frame.toArrayUnsafe();
    }

    static ProblemException notOneMessage() {
        return Problem.of(ErrorReason.MALFORMED_REQUEST, "the request is not exactly one whole message")
                .asException();
    }

    static ProblemException malformed(InvalidProtocolBufferException garbage) {
        return Problem.of(
                        ErrorReason.MALFORMED_REQUEST,
                        "the message does not decode as this method's request: " + garbage.getMessage())
                .asException();
    }
}
