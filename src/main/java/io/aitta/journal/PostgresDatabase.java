package io.aitta.journal;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL database, which several nodes may share. It forces at commit by itself ({@code synchronous_commit} is set
 * on, whatever the server's default) and keeps its size in bounds by itself.
 */
final class PostgresDatabase implements JournalDatabase {
    private static final Logger LOG = LoggerFactory.getLogger(PostgresDatabase.class);
    /** Any number that is ours: nodes that start at the same time make the tables one after the other. */
    private static final long DDL_LOCK = 0x6169747461L;

    private final JournalSettings settings;

    PostgresDatabase(JournalSettings settings) {
        this.settings = settings;
    }

    @Override
    public Connection openForWriting() throws SQLException {
        Connection connection = connect();
        try (Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("SET SESSION synchronous_commit TO on");
            statement.execute("SELECT pg_advisory_xact_lock(" + DDL_LOCK + ")");
            JournalDatabase.prepare(connection, "postgres.sql");
            return connection;
        } catch (SQLException | RuntimeException e) {
            abandon(connection);
            throw e;
        }
    }

    @Override
    public Connection openForReading() throws SQLException {
        return connect();
    }

    private Connection connect() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", settings.postgresUser());
        properties.setProperty("password", settings.postgresPassword());
        properties.setProperty("ApplicationName", "aitta");
        // A server that falls silent must not hold up the writer for ever.
        properties.setProperty("connectTimeout", "10");
        properties.setProperty("socketTimeout", "15");
        properties.setProperty("tcpKeepAlive", "true");
        properties.setProperty("reWriteBatchedInserts", "true");
        properties.setProperty("options", "-c client_min_messages=warning");
        try {
            return new org.postgresql.Driver().connect(settings.postgresUrl(), properties);
        } catch (SQLException e) {
            throw new SQLException(
                    "the journal's database " + settings.postgresUrl()
                            + " (aitta.journal.postgres.url) cannot be reached as user '" + settings.postgresUser()
                            + "': " + e.getMessage(),
                    e.getSQLState(),
                    e);
        }
    }

    @Override
    public void force(Connection writer) {
        // Done at commit.
    }

    @Override
    public boolean tidy(Connection writer) {
        return false;
    }

    @Override
    public long sizeBytes(Connection reader) throws SQLException {
        try (Statement statement = reader.createStatement();
                ResultSet rows = statement.executeQuery("SELECT pg_database_size(current_database())")) {
            rows.next();
            return rows.getLong(1);
        }
    }

    @Override
    public void abandon(Connection writer) {
        try {
            writer.close();
        } catch (SQLException e) {
            LOG.warn("closing a failed connection to {} failed too", settings.postgresUrl(), e);
        }
    }

    @Override
    public void close(Connection writer) throws SQLException {
        if (writer != null) {
            writer.close();
        }
    }
}
