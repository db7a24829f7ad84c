package io.aitta.journal;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/**
 * Reads binlogs past the actors that own them: to feed laggards, to find what nobody owns any more. Works on threads of the
 * journal's own; futures complete on these, so hand their results to an actor ({@code pipeToSelf}) and do not block.
 */
public final class BinlogReader {
    private static final int ROWS_AT_ONCE = 1_000;

    private final JournalReaders readers;
    private final ReplicaNumbers numbers;
    private final Codec codec;

    BinlogReader(JournalReaders readers, ReplicaNumbers numbers, Codec codec) {
        this.readers = readers;
        this.numbers = numbers;
        this.codec = codec;
    }

    /**
     * One event.
     *
     * @param event what Pekko serialization made of the stored bytes
     */
    public record Row(long sequenceNumber, Object event) {}

    /**
     * The events from one sequence number to another, both included, in order: as many as fit into so many bytes of stored
     * payload and into 1,000 rows, but at least one if there is any. What was purged is left out.
     *
     * @return fails with {@link JournalException} if the database cannot be read, too many reads wait, or an event cannot
     *     be deserialized
     */
    public CompletionStage<List<Row>> read(String persistenceId, long fromSequence, long toSequence, long maxBytes) {
        return readers.submit(persistenceId, (connection, replica) -> {
            List<Row> found = new ArrayList<>();
            if (replica == ReplicaNumbers.NONE || fromSequence > toSequence) {
                return found;
            }
            try (PreparedStatement select = connection.prepareStatement("SELECT row_key, ser_id, ser_manifest, payload"
                    + " FROM aitta_event WHERE row_key BETWEEN ? AND ? ORDER BY row_key LIMIT ?")) {
                bindRange(select, replica, fromSequence, toSequence, ROWS_AT_ONCE);
                collect(select, maxBytes, found);
            }
            return found;
        });
    }

    private void collect(PreparedStatement select, long maxBytes, List<Row> found) throws SQLException {
        long bytes = 0;
        try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                byte[] payload = rows.getBytes(4);
                bytes += payload.length;
                if (bytes > maxBytes && !found.isEmpty()) {
                    return;
                }
                found.add(new Row(
                        RowKey.sequenceNumber(rows.getLong(1)),
                        codec.decode(payload, rows.getInt(2), rows.getString(3))));
            }
        }
    }

    static void bindRange(PreparedStatement select, int replica, long from, long to, int limit) throws SQLException {
        select.setLong(1, RowKey.atMost(replica, from));
        select.setLong(2, RowKey.atMost(replica, to));
        select.setInt(3, limit);
    }

    /** The highest sequence number that was ever written under a persistence id; 0 if none was, or it was dropped. */
    public CompletionStage<Long> highestSequenceNumber(String persistenceId) {
        return readers.submit(persistenceId, (connection, replica) -> {
            if (replica == ReplicaNumbers.NONE) {
                return 0L;
            }
            return Rows.highest(connection, replica);
        });
    }

    /** How many rows and bytes of payload there are under a persistence id. */
    public CompletionStage<Size> size(String persistenceId) {
        return readers.submit(persistenceId, (connection, replica) -> {
            try (PreparedStatement select = connection.prepareStatement(
                    "SELECT COUNT(*), COALESCE(SUM(OCTET_LENGTH(payload)), 0) FROM aitta_event WHERE row_key BETWEEN ? AND ?")) {
                select.setLong(1, RowKey.of(replica, 0));
                select.setLong(2, RowKey.atMost(replica, Long.MAX_VALUE));
                try (ResultSet rows = select.executeQuery()) {
                    rows.next();
                    return new Size(rows.getLong(1), rows.getLong(2));
                }
            }
        });
    }

    /** What the whole journal takes, on the disk or, if the database is elsewhere, there; in a shared one, of all nodes. */
    public CompletionStage<Long> databaseBytes() {
        return readers.databaseBytes();
    }

    /** Rows and bytes of payload. */
    public record Size(long rows, long bytes) {}

    /** Every persistence id of which there is anything. In a shared PostgreSQL database: of all nodes. Does not block. */
    public Set<String> persistenceIds() {
        return numbers.persistenceIds();
    }
}
