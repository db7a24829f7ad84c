package io.aitta.journal;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** Questions and removals that several parts of the journal share. */
final class Rows {
    private Rows() {}

    /** The highest sequence number ever written, deleted rows included; 0 if there was none. */
    static long highest(Connection connection, int replica) throws SQLException {
        try (PreparedStatement newest = connection.prepareStatement(
                        "SELECT row_key FROM aitta_event WHERE row_key BETWEEN ? AND ? ORDER BY row_key DESC LIMIT 1");
                PreparedStatement deleted =
                        connection.prepareStatement("SELECT deleted_to FROM aitta_replica WHERE replica = ?")) {
            newest.setLong(1, RowKey.of(replica, 0));
            newest.setLong(2, RowKey.atMost(replica, Long.MAX_VALUE));
            deleted.setInt(1, replica);
            return Math.max(RowKey.sequenceNumber(number(newest)), number(deleted));
        }
    }

    private static long number(PreparedStatement select) throws SQLException {
        try (ResultSet rows = select.executeQuery()) {
            return rows.next() ? rows.getLong(1) : 0;
        }
    }

    /**
     * Removes the oldest rows up to a sequence number, so many rows and so many bytes at the most, but at least one.
     *
     * @return how many
     */
    static int removeOldest(Connection connection, int replica, long toSequence, int maxRows, long maxBytes)
            throws SQLException {
        long last = -1;
        try (PreparedStatement select =
                connection.prepareStatement("SELECT row_key, OCTET_LENGTH(payload) FROM aitta_event"
                        + " WHERE row_key BETWEEN ? AND ? ORDER BY row_key LIMIT ?")) {
            select.setLong(1, RowKey.of(replica, 0));
            select.setLong(2, RowKey.atMost(replica, toSequence));
            select.setInt(3, maxRows);
            long bytes = 0;
            try (ResultSet rows = select.executeQuery()) {
                while (bytes < maxBytes && rows.next()) {
                    last = rows.getLong(1);
                    bytes += rows.getLong(2);
                }
            }
        }
        if (last < 0) {
            return 0;
        }
        try (PreparedStatement delete =
                connection.prepareStatement("DELETE FROM aitta_event WHERE row_key BETWEEN ? AND ?")) {
            delete.setLong(1, RowKey.of(replica, 0));
            delete.setLong(2, last);
            return delete.executeUpdate();
        }
    }

    /** Removes all snapshots but the newest. */
    static void removeOldSnapshots(Connection connection, int replica) throws SQLException {
        try (PreparedStatement delete =
                connection.prepareStatement("DELETE FROM aitta_snapshot WHERE row_key >= ? AND row_key <"
                        + " (SELECT MAX(row_key) FROM aitta_snapshot WHERE row_key BETWEEN ? AND ?)")) {
            delete.setLong(1, RowKey.of(replica, 0));
            delete.setLong(2, RowKey.of(replica, 0));
            delete.setLong(3, RowKey.atMost(replica, Long.MAX_VALUE));
            delete.executeUpdate();
        }
    }

    /** Notes that all up to a sequence number was deleted, so that the number is not given twice. */
    static void markDeleted(Connection connection, int replica, long toSequence) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(
                "UPDATE aitta_replica SET deleted_to = ? WHERE replica = ? AND deleted_to < ?")) {
            update.setLong(1, toSequence);
            update.setInt(2, replica);
            update.setLong(3, toSequence);
            update.executeUpdate();
        }
    }

    /** Removes what is left of a replica: its snapshots and its number. */
    static void removeReplica(Connection connection, int replica) throws SQLException {
        try (PreparedStatement snapshots =
                        connection.prepareStatement("DELETE FROM aitta_snapshot WHERE row_key BETWEEN ? AND ?");
                PreparedStatement number = connection.prepareStatement("DELETE FROM aitta_replica WHERE replica = ?")) {
            snapshots.setLong(1, RowKey.of(replica, 0));
            snapshots.setLong(2, RowKey.atMost(replica, Long.MAX_VALUE));
            snapshots.executeUpdate();
            number.setInt(1, replica);
            number.executeUpdate();
        }
    }
}
