package io.aitta.journal;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * The database under a journal: how to reach it, and how to know that what was committed is on disk. All SQL above this
 * is the same for every database. Thread-safe.
 */
sealed interface JournalDatabase permits H2Database, PostgresDatabase {
    /** The version of the tables that this code reads and writes. */
    int SCHEMA_VERSION = 1;

    /**
     * The writer's connection, without auto-commit, after the tables have been made or checked. If there was a failure
     * before, the database is opened anew.
     */
    Connection openForWriting() throws SQLException;

    /** A connection to read with, in auto-commit. Refused while the database is not open for writing. */
    Connection openForReading() throws SQLException;

    /** Returns when all that was committed before is on disk. */
    void force(Connection writer) throws SQLException;

    /** Does a small, bounded piece of what keeps the database's size in bounds. True: there is more to do. */
    boolean tidy(Connection writer) throws SQLException;

    /** What the events, snapshots and everything else of the journal take. */
    long sizeBytes(Connection reader) throws SQLException;

    /** After a failure: leaves the database as a crash would. Never throws. */
    void abandon(Connection writer);

    /** Closes the database properly. @param writer null if it is not open since a failure */
    void close(Connection writer) throws SQLException;

    /** Makes the tables that are missing and refuses those of another version. Commits. */
    static void prepare(Connection writer, String ddlResource) throws SQLException {
        try (Statement statement = writer.createStatement()) {
            for (String sql : read(ddlResource).split(";")) {
                if (!sql.isBlank()) {
                    statement.execute(sql);
                }
            }
            int version = SCHEMA_VERSION;
            try (ResultSet rows = statement.executeQuery("SELECT schema_version FROM aitta_journal")) {
                boolean found = rows.next();
                version = found ? rows.getInt(1) : SCHEMA_VERSION;
                if (!found) {
                    writer.createStatement().execute("INSERT INTO aitta_journal VALUES (" + SCHEMA_VERSION + ", 0)");
                }
            }
            if (version != SCHEMA_VERSION) {
                throw new JournalException("the journal's tables are of version " + version
                        + ", this release reads version " + SCHEMA_VERSION + "; start the release that wrote them");
            }
            // Also a trial write: a database that can be read but not written is found out here.
            statement.execute("UPDATE aitta_journal SET opened = opened + 1");
        }
        writer.commit();
    }

    private static String read(String resource) {
        try (InputStream in = JournalDatabase.class.getResourceAsStream(resource)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).replaceAll("(?m)^\\s*--.*$", "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
