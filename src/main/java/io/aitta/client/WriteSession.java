package io.aitta.client;

import com.google.protobuf.ByteString;
import io.aitta.proto.v1.Session;
import java.security.SecureRandom;
import java.util.TreeSet;

/**
 * A client's identity and the numbers of its writes: what lets a write be sent again without being applied again.
 * Thread-safe.
 */
final class WriteSession {
    private final ByteString clientId;
    /** Begun and not ended. */
    private final TreeSet<Long> open = new TreeSet<>();

    private long last;

    WriteSession(ByteString clientId) {
        if (clientId.size() != 16) {
            throw new IllegalArgumentException("a client id has 16 bytes, not " + clientId.size());
        }
        this.clientId = clientId;
    }

    static WriteSession random() {
        var id = new byte[16];
        new SecureRandom().nextBytes(id);
        return new WriteSession(ByteString.copyFrom(id));
    }

    /** The number of a new write. Every number begun must be ended, else the store has to remember for ever. */
    synchronized long begin() {
        open.add(++last);
        return last;
    }

    /** The write will not be sent again. */
    synchronized void end(long sequence) {
        open.remove(sequence);
    }

    synchronized Session stamp(long sequence) {
        return Session.newBuilder()
                .setClientId(clientId)
                .setSequence(sequence)
                .setAcknowledgedBelow(open.isEmpty() ? last + 1 : open.first())
                .build();
    }
}
