package io.aitta.gateway;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import io.aitta.proto.v1.PipelineCall;
import io.aitta.proto.v1.PipelineRequest;
import java.io.IOException;

/**
 * The calls of one PipelineRequest, decoded one by one, when there is room for them: a message of a few megabytes can
 * hold so many tiny calls that all of them together would take a hundred times as much memory.
 */
final class CallReader {
    private static final int CALLS_TAG = PipelineRequest.CALLS_FIELD_NUMBER << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;

    private final byte[] message;
    private final CodedInputStream input;
    private int callBytes;
    private int tag;

    /** @throws ProblemException if the message does not decode */
    CallReader(byte[] message) {
        this.message = message;
        this.input = CodedInputStream.newInstance(message);
        findNext();
    }

    boolean hasNext() {
        return tag != 0;
    }

    /** @throws ProblemException if the message does not decode */
    PipelineCall next() {
        try {
            callBytes = input.readRawVarint32();
            int start = input.getTotalBytesRead();
            // Judges the length, which may be anything.
            input.skipRawBytes(callBytes);
            var call = PipelineCall.parser().parseFrom(message, start, callBytes);
            findNext();
            return call;
        } catch (InvalidProtocolBufferException garbage) {
            throw MessageFrame.malformed(garbage);
        } catch (IOException impossible) {
            throw new IllegalStateException("reading from memory failed", impossible);
        }
    }

    /** Of the call that was read last. */
    int callBytes() {
        return callBytes;
    }

    private void findNext() {
        try {
            do {
                tag = input.readTag();
            } while (tag != 0 && tag != CALLS_TAG && input.skipField(tag));
            if (tag != 0 && tag != CALLS_TAG) {
                throw MessageFrame.malformed(new InvalidProtocolBufferException("the end of a group that never began"));
            }
        } catch (InvalidProtocolBufferException garbage) {
            throw MessageFrame.malformed(garbage);
        } catch (IOException impossible) {
            throw new IllegalStateException("reading from memory failed", impossible);
        }
    }
}
