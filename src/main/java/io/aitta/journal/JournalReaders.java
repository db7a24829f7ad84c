package io.aitta.journal;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A few threads that read from the journal, each with a connection, so that a replay never waits for a commit. Futures
 * complete on these threads: what is attached to them must not block. Nobody may interrupt the threads: an interrupted
 * thread would close the file under H2.
 */
final class JournalReaders implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(JournalReaders.class);
    private static final int CLOSE_SECONDS = 10;

    private final JournalDatabase database;
    private final ReplicaNumbers numbers;
    private final int maxQueued;
    private final ThreadPoolExecutor threads;
    private final ConcurrentLinkedDeque<Connection> idle = new ConcurrentLinkedDeque<>();

    JournalReaders(JournalDatabase database, JournalSettings settings, ReplicaNumbers numbers) {
        this.database = database;
        this.numbers = numbers;
        this.maxQueued = settings.maxQueuedReads();
        AtomicInteger count = new AtomicInteger();
        this.threads = new ThreadPoolExecutor(
                settings.readerThreads(),
                settings.readerThreads(),
                30,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(maxQueued),
                task -> new Thread(task, "aitta-journal-reader-" + count.incrementAndGet()));
        this.threads.allowCoreThreadTimeOut(true);
    }

    /** Fails at once when the queue is full or the journal is closed. */
    <T> CompletableFuture<T> submit(String persistenceId, SqlWork<T> work) {
        CompletableFuture<T> future = new CompletableFuture<>();
        try {
            threads.execute(() -> read(persistenceId, work, future));
        } catch (RejectedExecutionException e) {
            future.completeExceptionally(new JournalException(
                    threads.isShutdown()
                            ? "the journal is closed"
                            : "the journal has " + maxQueued + " reads waiting (aitta.journal.max-queued-reads)",
                    e));
        }
        return future;
    }

    CompletableFuture<Long> databaseBytes() {
        // Of no replica in particular.
        return submit("", (connection, replica) -> database.sizeBytes(connection));
    }

    private <T> void read(String persistenceId, SqlWork<T> work, CompletableFuture<T> future) {
        Connection connection = null;
        T result;
        try {
            connection = idle.poll();
            if (connection == null) {
                connection = database.openForReading();
            }
            result = work.on(connection, numbers.of(persistenceId));
        } catch (SQLException | RuntimeException e) {
            close(connection);
            closeIdle();
            future.completeExceptionally(new JournalException("reading from the journal failed: " + e.getMessage(), e));
            return;
        }
        idle.push(connection);
        future.complete(result);
    }

    private void closeIdle() {
        for (Connection connection = idle.poll(); connection != null; connection = idle.poll()) {
            close(connection);
        }
    }

    private static void close(Connection connection) {
        if (connection == null) {
            return;
        }
        try {
            connection.close();
        } catch (SQLException e) {
            LOG.debug("closing a connection of the journal failed", e);
        }
    }

    @Override
    public void close() {
        threads.shutdown();
        try {
            if (!threads.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("reads from the journal did not end within {} s", CLOSE_SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        closeIdle();
    }
}
