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
    private static final int CLIENT_ID_BYTES = 16;

    private final ByteString clientId;
    private final long startedMillis;
    /** Begun and not ended. */
    private final TreeSet<Long> open = new TreeSet<>();

    private long last;

    /** @param startedMillis wall-clock time */
    WriteSession(long startedMillis) {
        var id = new byte[CLIENT_ID_BYTES];
        new SecureRandom().nextBytes(id);
        this.clientId = ByteString.copyFrom(id);
        this.startedMillis = startedMillis;
    }

    /** The number of a new write. Every number begun must be ended, else the store has to remember for ever. */
    synchronized long begin() {
        open.add(++last);
        return last;
    }

    /** The write is answered or given up, and will not be sent again. */
    synchronized void end(long sequence) {
        open.remove(sequence);
    }

    /** @param sequence begun and not ended */
    synchronized Session stamp(long sequence) {
        return Session.newBuilder()
                .setClientId(clientId)
                .setStartedMillis(startedMillis)
                .setSequence(sequence)
                .setAcknowledgedBelow(open.first())
                .build();
    }
}
