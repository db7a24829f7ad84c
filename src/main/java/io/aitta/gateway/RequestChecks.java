package io.aitta.gateway;

import com.google.protobuf.ByteString;
import io.aitta.config.LimitSettings;
import io.aitta.gateway.RoutingTable.TableRoutes;
import io.aitta.partition.PartitionAccess.Acknowledgement;
import io.aitta.proto.record.v1.Condition;
import io.aitta.proto.v1.RequestHeader;
import io.aitta.proto.v1.Session;
import java.util.Locale;

/** What a request to the Kv service must keep to. Each method throws {@link ProblemException} naming the field. */
final class RequestChecks {
    private static final int CLIENT_ID_BYTES = 16;
    /**
     * The largest operation that surely fits a log entry, which is one row of the binlog, with all that is put around it;
     * as the largest {@code aitta.replication.batch-bytes}.
     */
    static final int MAX_OPERATION_BYTES = 800_000;

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

    /** The longest value that the table takes: its own limit, or this cluster's. */
    int maxValueBytes(TableRoutes table) {
        return table.maxValueBytes(limits.valueBytes());
    }

    void value(ByteString value, String field, TableRoutes table) {
        if (value.size() > limits.valueBytes()) {
            throw tooLarge(
                    ErrorReason.VALUE_TOO_LARGE, field, "value", value.size(), "value-bytes", limits.valueBytes());
        }
        int ofTable = maxValueBytes(table);
        if (value.size() > ofTable) {
            String message = String.format(
                    Locale.ROOT,
                    "a value of %,d bytes is more than the table '%s' takes, %,d (its option max-value-bytes)",
                    value.size(),
                    table.name(),
                    ofTable);
            throw Problem.inField(ErrorReason.VALUE_TOO_LARGE, field, message)
                    .with("limit", Integer.toString(ofTable))
                    .asException();
        }
    }

    /** @param millis unsigned */
    void timeToLive(long millis, String field) {
        if (millis == 0) {
            throw Problem.inField(
                            ErrorReason.BAD_TIME_TO_LIVE,
                            field,
                            "a time to live is at least 1 ms; Persist takes it away, and Delete removes the key")
                    .asException();
        }
    }

    /** @return the same condition, to be stored in an operation */
    Condition condition(io.aitta.proto.v1.Condition condition, String field, TableRoutes table) {
        return switch (condition.getKindCase()) {
            case EXISTS ->
                Condition.newBuilder().setExists(condition.getExists()).build();
            case VERSION ->
                Condition.newBuilder().setVersion(condition.getVersion()).build();
            case VALUE -> {
                value(condition.getValue(), field + ".value", table);
                yield Condition.newBuilder().setValue(condition.getValue()).build();
            }
            case KIND_NOT_SET ->
                throw Problem.inField(
                                ErrorReason.BAD_CONDITION,
                                field,
                                "a condition says one of exists, version and value; this one says nothing, or what only"
                                        + " a newer release knows")
                        .asException();
        };
    }

    /** @param parts compares and operations together */
    void transactionSize(long parts) {
        if (parts == 0) {
            throw Problem.of(
                            ErrorReason.BAD_TRANSACTION,
                            "the transaction has nothing to compare and nothing to do; it needs at least one compare or"
                                    + " operation")
                    .asException();
        }
        if (parts > limits.keysPerRequest()) {
            throw Problem.of(
                            ErrorReason.BAD_TRANSACTION,
                            String.format(
                                    Locale.ROOT,
                                    "%,d compares and operations are more than aitta.limits.keys-per-request = %,d",
                                    parts,
                                    limits.keysPerRequest()))
                    .with("limit", Integer.toString(limits.keysPerRequest()))
                    .asException();
        }
    }

    /**
     * @param operation encoded
     * @return the same
     * @throws ProblemException if it does not fit one log entry
     */
    byte[] fitting(byte[] operation) {
        if (operation.length > MAX_OPERATION_BYTES) {
            throw Problem.of(
                            ErrorReason.REQUEST_TOO_LARGE,
                            String.format(
                                    Locale.ROOT,
                                    "the request takes %,d bytes, and one entry of the log holds %,d; what must happen at"
                                            + " once must fit one entry",
                                    operation.length,
                                    MAX_OPERATION_BYTES))
                    .with("limit", Integer.toString(MAX_OPERATION_BYTES))
                    .asException();
        }
        return operation;
    }

    /** When a write wants to be answered. */
    Acknowledgement acknowledgement(RequestHeader header) {
        return switch (header.getAcknowledgement()) {
            case ACKNOWLEDGEMENT_UNSPECIFIED, QUORUM -> Acknowledgement.QUORUM;
            case FAST -> Acknowledgement.FAST;
            case UNRECOGNIZED ->
                throw Problem.inField(
                                ErrorReason.BAD_ACKNOWLEDGEMENT,
                                "header.acknowledgement",
                                "this node knows QUORUM and FAST only")
                        .asException();
        };
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

    /** The table, if the request may write to it and its header is as it must be. */
    TableRoutes writable(String name, RequestHeader header, RoutingTable routing) {
        if (TableNames.isSystem(name)) {
            throw TableNames.isProtected(name);
        }
        TableRoutes table = routing.table(name);
        session(header);
        return table;
    }

    /** @param header of a write; without a session anything goes */
    private static void session(RequestHeader header) {
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
