package io.aitta.gateway;

import com.google.protobuf.ByteString;
import io.aitta.config.LimitSettings;
import io.aitta.proto.v1.RequestHeader;
import io.aitta.proto.v1.Session;
import java.util.Locale;

/** What a request to the Kv service must keep to. Each method throws {@link ProblemException} naming the field. */
final class RequestChecks {
    private static final int CLIENT_ID_BYTES = 16;

    private final LimitSettings limits;

    RequestChecks(LimitSettings limits) {
        this.limits = limits;
    }

    void key(ByteString key, String field) {
        if (key.isEmpty()) {
            throw Problem.inField(ErrorReason.EMPTY_KEY, field, "a key has at least one byte")
                    .asException();
        }
        if (key.size() > limits.keyBytes()) {
            throw tooLarge(ErrorReason.KEY_TOO_LARGE, field, "key", key.size(), "key-bytes", limits.keyBytes());
        }
    }

    void value(ByteString value, String field) {
        if (value.size() > limits.valueBytes()) {
            throw tooLarge(
                    ErrorReason.VALUE_TOO_LARGE, field, "value", value.size(), "value-bytes", limits.valueBytes());
        }
    }

    void count(int keys, String field) {
        if (keys > limits.keysPerRequest()) {
            throw Problem.inField(
                            ErrorReason.TOO_MANY_KEYS,
                            field,
                            String.format(
                                    Locale.ROOT,
                                    "%,d keys are more than aitta.limits.keys-per-request = %,d; send several requests",
                                    keys,
                                    limits.keysPerRequest()))
                    .with("limit", Integer.toString(limits.keysPerRequest()))
                    .asException();
        }
    }

    /** @param bytes of all keys and values */
    void total(long bytes) {
        if (bytes > limits.requestBytes()) {
            throw Problem.of(
                            ErrorReason.REQUEST_TOO_LARGE,
                            String.format(
                                    Locale.ROOT,
                                    "keys and values of %,d bytes are more than aitta.limits.request-bytes = %,d; send"
                                            + " several requests",
                                    bytes,
                                    limits.requestBytes()))
                    .with("limit", Integer.toString(limits.requestBytes()))
                    .asException();
        }
    }

    void writable(String table) {
        if (TableNames.isSystem(table)) {
            throw TableNames.isProtected(table);
        }
    }

    /** @param header of a write; without a session anything goes */
    void session(RequestHeader header) {
        if (!header.hasSession()) {
            return;
        }
        Session session = header.getSession();
        if (session.getClientId().size() != CLIENT_ID_BYTES) {
            throw badSession("client_id", "has " + session.getClientId().size() + " bytes; it must have 16");
        }
        if (session.getSequence() < 1) {
            throw badSession("sequence", "must count up from 1");
        }
        if (session.getAcknowledgedBelow() < 0 || session.getAcknowledgedBelow() > session.getSequence()) {
            throw badSession("acknowledged_below", "cannot be above the sequence of this very request");
        }
    }

    private static ProblemException badSession(String field, String what) {
        return Problem.inField(
                        ErrorReason.INVALID_SESSION, "header.session." + field, "the session's " + field + " " + what)
                .asException();
    }

    private static ProblemException tooLarge(
            ErrorReason reason, String field, String what, int size, String limitKey, int limit) {
        String message = String.format(
                Locale.ROOT, "a %s of %,d bytes is more than aitta.limits.%s = %,d", what, size, limitKey, limit);
        return Problem.inField(reason, field, message)
                .with("limit", Integer.toString(limit))
                .asException();
    }
}
