package io.aitta.journal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.h2.api.ErrorCode;
import org.h2.engine.Database;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.FileStore;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.RandomAccessStore;
import org.h2.store.fs.FilePath;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An H2 database in this process, in one file on top of {@link SealedFile}. Three promises: a second process is refused;
 * a file that was there before and cannot be read is neither overwritten nor replaced; what was forced is there after a
 * power cut.
 *
 * <p>Every commit is one write to the file at the time of the commit ({@code WRITE_DELAY=0}), and no thread of H2's own
 * works on the file. Space that is no longer needed is used again at once ({@code RETENTION_TIME=0}): the time is there
 * for disks that nobody forces.
 */
final class H2Database implements JournalDatabase {
    private static final Logger LOG = LoggerFactory.getLogger(H2Database.class);
    private static final String NAME = "journal";
    private static final int TIDY_BYTES = 256 * 1024;
    private static final int POOR_FILL_PERCENT = 50;

    private final JournalSettings settings;
    private FileChannel lockFile;
    private FileLock lock;
    private Database database;
    /**
     * Part of the name by which H2 knows the database. A connection from before a failure that is used once more has H2
     * strike the database off its list by name; were the name the same, the one opened since could be reached no more.
     */
    private int openings;

    H2Database(JournalSettings settings) {
        this.settings = settings;
        SealedFilePath.register();
    }

    @Override
    public synchronized Connection openForWriting() throws SQLException {
        lockDirectory();
        openings++;
        try {
            FilePath file = filePath(NAME);
            if (!file.exists()) {
                create();
            } else if (file.size() < 2L * ChunkSeal.BLOCK) {
                // H2 would take it for a new one.
                throw damaged("it is only " + file.size() + " bytes long", null);
            }
            Connection connection = connect(NAME);
            try {
                database = databaseOf(connection);
                JournalDatabase.prepare(connection, "h2.sql");
                force(connection);
                return connection;
            } catch (SQLException | RuntimeException e) {
                abandon(connection);
                throw e;
            }
        } catch (SQLException e) {
            unlockDirectory();
            throw explain(e);
        } catch (RuntimeException e) {
            unlockDirectory();
            throw e;
        }
    }

    /** Made under another name first: a file called journal.mv.db is always one that was complete. */
    private void create() throws SQLException {
        Path marker = settings.directory().resolve("JOURNAL");
        if (Files.exists(marker)) {
            throw new JournalException("the journal file " + filePath(NAME) + " is missing, though " + marker
                    + " says that there was one. " + whatToDo());
        }
        FilePath unfinished = filePath(NAME + "-unfinished");
        if (unfinished.exists()) {
            unfinished.delete();
        }
        try (Connection connection = connect(NAME + "-unfinished")) {
            JournalDatabase.prepare(connection, "h2.sql");
            shutDown(connection);
        }
        unfinished.moveTo(filePath(NAME), true);
        try {
            Files.writeString(
                    marker,
                    "This directory holds the binlogs of an Aitta node. Without them the node must not start under its old id.\n");
            try (FileChannel directory = FileChannel.open(settings.directory(), StandardOpenOption.READ)) {
                directory.force(true);
            }
        } catch (IOException e) {
            throw new JournalException(
                    "the journal directory " + settings.directory() + " cannot be written: " + e.getMessage(), e);
        }
    }

    private Connection connect(String name) throws SQLException {
        boolean create = !name.equals(NAME);
        String url = "jdbc:h2:" + SealedFilePath.SCHEME + ":" + openings + ":" + settings.urlPrefix()
                + settings.directory().resolve(name)
                + ";WRITE_DELAY=0;RETENTION_TIME=0;PAGE_SIZE=4096;DB_CLOSE_ON_EXIT=FALSE;TRACE_LEVEL_FILE=0;MAX_COMPACT_TIME=0;CACHE_SIZE="
                + settings.cacheKib() + (create ? "" : ";IFEXISTS=TRUE");
        Connection connection = DriverManager.getConnection(url, "sa", "");
        connection.setAutoCommit(false);
        return connection;
    }

    @Override
    public long sizeBytes(Connection reader) {
        return filePath(NAME).size();
    }

    private FilePath filePath(String name) {
        return FilePath.get(settings.urlPrefix() + settings.directory().resolve(name + ".mv.db"));
    }

    private void lockDirectory() {
        if (lock != null) {
            return;
        }
        Path path = settings.directory().resolve("lock");
        try {
            Files.createDirectories(settings.directory());
            lockFile = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            lock = lockFile.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        } catch (IOException e) {
            throw new JournalException("the journal directory " + settings.directory() + " cannot be written: " + e, e);
        }
        if (lock == null) {
            closeLockFile();
            throw new JournalException("the journal in " + settings.directory()
                    + " is in use by another process; two nodes cannot share a data directory");
        }
    }

    private void unlockDirectory() {
        if (lock != null) {
            closeLockFile();
            lock = null;
        }
    }

    private void closeLockFile() {
        try {
            lockFile.close();
        } catch (IOException e) {
            LOG.warn("closing the lock file of {} failed", settings.directory(), e);
        }
    }

    @Override
    public synchronized Connection openForReading() throws SQLException {
        if (database == null) {
            throw new SQLException("the journal in " + settings.directory() + " is not open");
        }
        Connection connection = connect(NAME);
        connection.setAutoCommit(true);
        return connection;
    }

    @Override
    public void force(Connection writer) throws SQLException {
        try (Statement statement = writer.createStatement()) {
            statement.execute("CHECKPOINT SYNC");
        }
    }

    @Override
    public boolean tidy(Connection writer) throws SQLException {
        MVStore store = databaseOf(writer).getStore().getMvStore();
        FileStore<?> file = store.getFileStore();
        if (file.size() <= settings.compactAboveBytes()) {
            return false;
        }
        boolean more = false;
        if (file.getFillRate() < POOR_FILL_PERCENT) {
            ((RandomAccessStore) file).compactMoveChunks(POOR_FILL_PERCENT, TIDY_BYTES, store);
            more = true;
        }
        if (file.getChunksFillRate() < POOR_FILL_PERCENT) {
            more |= file.compact(POOR_FILL_PERCENT, TIDY_BYTES);
        }
        force(writer);
        return more;
    }

    @Override
    public synchronized void abandon(Connection writer) {
        Database broken = database;
        database = null;
        try {
            (broken == null ? databaseOf(writer) : broken).shutdownImmediately();
        } catch (SQLException | RuntimeException e) {
            LOG.warn("closing the failed journal in {} failed too", settings.directory(), e);
        }
    }

    @Override
    public synchronized void close(Connection writer) throws SQLException {
        database = null;
        try {
            if (writer != null) {
                shutDown(writer);
            }
        } finally {
            unlockDirectory();
        }
    }

    private static void shutDown(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SHUTDOWN");
        }
    }

    private static Database databaseOf(Connection connection) throws SQLException {
        return ((SessionLocal) connection.unwrap(JdbcConnection.class).getSession()).getDatabase();
    }

    private JournalException explain(SQLException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof DamagedJournalFileException) {
                return damaged(cause.getMessage(), e);
            }
        }
        return switch (e.getErrorCode()) {
            case ErrorCode.DATABASE_ALREADY_OPEN_1 ->
                new JournalException("the journal file " + filePath(NAME) + " is in use by another process", e);
            case ErrorCode.FILE_CORRUPTED_1, ErrorCode.FILE_VERSION_ERROR_1, ErrorCode.GENERAL_ERROR_1 ->
                damaged(e.getMessage(), e);
            default ->
                new JournalException(
                        "the journal file " + filePath(NAME) + " cannot be opened: " + root(e).getMessage(), e);
        };
    }

    private static Throwable root(Throwable e) {
        return e.getCause() == null ? e : root(e.getCause());
    }

    private JournalException damaged(String how, SQLException cause) {
        return new JournalException(
                "the journal file " + filePath(NAME) + " is damaged: " + how + ". " + whatToDo(), cause);
    }

    private static String whatToDo() {
        return "Restore the data directory as a whole from a copy, or start the node with an empty data directory and another"
                + " node id: the other nodes then fill it again";
    }
}
