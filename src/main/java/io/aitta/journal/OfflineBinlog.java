package io.aitta.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;

/**
 * The binlogs of a node that is not running, as their rows are stored: for who looks for damage. Nothing is written. Only
 * of H2: a binlog in PostgreSQL is looked at with its own tools. Not thread-safe; the caller sees to it that no node uses
 * the directory.
 */
public final class OfflineBinlog implements AutoCloseable {
    private static final int ROWS_AT_ONCE = 32;
    private static final int BYTE_ARRAYS = 4;

    /**
     * One replica's binlog.
     *
     * @param persistenceId node and partition
     * @param deletedTo rows up to here were deleted as a whole; 0: never
     */
    public record Replica(String persistenceId, int number, long deletedTo) {}

    /**
     * One row.
     *
     * @param payload null if it was not written by this program; {@code serializer} tells by whom then
     */
    public record Row(long sequenceNumber, byte[] payload, int serializer) {}

    private final Path file;
    private final Connection connection;

    private OfflineBinlog(Path file, Connection connection) {
        this.file = file;
        this.connection = connection;
    }

    /** Whether there is a binlog in a directory that this class can read. */
    public static boolean isIn(Path directory) {
        return Files.exists(directory.resolve("journal.mv.db"));
    }

    /**
     * Opens it after all of it was read once.
     *
     * @param directory of the journal
     * @throws JournalException if it is damaged as a whole, or of another version
     */
    public static OfflineBinlog open(Path directory) {
        Path file = directory.resolve("journal.mv.db");
        SealedFilePath.register();
        try {
            long newest = SealedFile.newestVersion(file);
            // A name of its own, for H2 knows databases by their names.
            var connection = DriverManager.getConnection(
                    "jdbc:h2:" + SealedFilePath.SCHEME + ":"
                            + (UUID.randomUUID().getMostSignificantBits() >>> 34) + ":"
                            + directory.resolve("journal").toAbsolutePath()
                            + ";ACCESS_MODE_DATA=r;IFEXISTS=TRUE;DB_CLOSE_ON_EXIT=FALSE;TRACE_LEVEL_FILE=0",
                    "sa",
                    "");
            var binlog = new OfflineBinlog(file, connection);
            try {
                binlog.check(newest);
                return binlog;
            } catch (SQLException | RuntimeException e) {
                binlog.close();
                throw e;
            }
        } catch (IOException | SQLException e) {
            throw new JournalException("the journal file " + file + " cannot be read: " + root(e).getMessage(), e);
        }
    }

    private void check(long newest) throws SQLException {
        long opened = ((SessionLocal) connection.unwrap(JdbcConnection.class).getSession())
                .getDatabase()
                .getStore()
                .getMvStore()
                .getCurrentVersion();
        if (opened < newest) {
            throw new JournalException("the journal file " + file + " is damaged: version " + newest
                    + " was written to it, and only version " + opened + " can be read");
        }
        try (var statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT schema_version FROM aitta_journal")) {
            int version = rows.next() ? rows.getInt(1) : 0;
            if (version != JournalDatabase.SCHEMA_VERSION) {
                throw new JournalException("the journal's tables are of version " + version
                        + ", this release reads version " + JournalDatabase.SCHEMA_VERSION);
            }
        }
    }

    /** @throws JournalException if the file cannot be read */
    public List<Replica> replicas() {
        return reading("the list of replicas", () -> {
            try (var statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery(
                            "SELECT persistence_id, replica, deleted_to FROM aitta_replica ORDER BY persistence_id")) {
                var found = new ArrayList<Replica>();
                while (rows.next()) {
                    found.add(new Replica(rows.getString(1), rows.getInt(2), rows.getLong(3)));
                }
                return found;
            }
        });
    }

    /** Some rows from a sequence number on; none: there are no more. @throws JournalException if the file cannot be read */
    public List<Row> rows(Replica replica, long from) {
        return reading("rows of " + replica.persistenceId() + " from " + from, () -> {
            try (PreparedStatement select =
                    connection.prepareStatement("SELECT row_key, ser_id, payload FROM aitta_event"
                            + " WHERE row_key BETWEEN ? AND ? ORDER BY row_key LIMIT ?")) {
                BinlogReader.bindRange(select, replica.number(), from, Long.MAX_VALUE, ROWS_AT_ONCE);
                try (ResultSet rows = select.executeQuery()) {
                    var found = new ArrayList<Row>();
                    while (rows.next()) {
                        found.add(row(rows));
                    }
                    return found;
                }
            }
        });
    }

    /** The newest checkpoint. @throws JournalException if the file cannot be read */
    public Optional<Row> checkpoint(Replica replica) {
        return reading("the checkpoint of " + replica.persistenceId(), () -> {
            try (PreparedStatement select = connection.prepareStatement(
                    "SELECT row_key, ser_id, payload FROM aitta_snapshot WHERE row_key BETWEEN ? AND ?"
                            + " ORDER BY row_key DESC LIMIT 1")) {
                select.setLong(1, RowKey.of(replica.number(), 0));
                select.setLong(2, RowKey.atMost(replica.number(), Long.MAX_VALUE));
                try (ResultSet rows = select.executeQuery()) {
                    return rows.next() ? Optional.of(row(rows)) : Optional.empty();
                }
            }
        });
    }

    private static Row row(ResultSet rows) throws SQLException {
        int serializer = rows.getInt(2);
        return new Row(
                RowKey.sequenceNumber(rows.getLong(1)),
                serializer == BYTE_ARRAYS ? rows.getBytes(3) : null,
                serializer);
    }

    private interface Reading<T> {
        T read() throws SQLException;
    }

    private <T> T reading(String what, Reading<T> reading) {
        try {
            return reading.read();
        } catch (SQLException e) {
            throw new JournalException(
                    "the journal file " + file + " is damaged: " + what + " cannot be read: " + root(e).getMessage(),
                    e);
        }
    }

    private static Throwable root(Throwable e) {
        return e.getCause() == null ? e : root(e.getCause());
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw new JournalException("closing " + file + " failed: " + e.getMessage(), e);
        }
    }
}
