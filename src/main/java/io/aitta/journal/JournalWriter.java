package io.aitta.journal;

import io.aitta.metrics.JournalMetrics;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that writes to the journal. All that came in while a commit was under way goes into the next transaction
 * together and is forced once, so that the cost hardly grows with the number of replicas; nothing waits for company.
 *
 * <p>A future completes with success only after what it stands for was committed and forced. If a row of a group is at
 * fault (too large, there already), the group is rolled back and done again one by one. Any other failure, above all of a
 * force, fails the whole group and all that is queued, and the database is abandoned and opened anew before anything else
 * is written: what the operating system says after a failed force proves nothing.
 *
 * <p>Futures complete on this thread: what is attached to them must not block.
 */
final class JournalWriter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(JournalWriter.class);
    private static final int MAX_GROUP = 2_000;
    private static final long TIDY_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private static final String INSERT = "INSERT INTO aitta_event"
            + "(row_key, writer, written_at, adapter_manifest, ser_id, ser_manifest, payload) VALUES (?, ?, ?, ?, ?, ?, ?)";

    private final JournalDatabase database;
    private final JournalSettings settings;
    private final ReplicaNumbers numbers;
    private final JournalMetrics metrics;
    private final LinkedBlockingQueue<Task<?>> queue;
    private final AtomicLong queuedBytes = new AtomicLong();
    private final Thread thread = new Thread(this::run, "aitta-journal-writer");
    private volatile boolean closing;
    private volatile long lastGroupNanos;
    /** Since when what the writer is at has waited to be done; null while it is at nothing. */
    private volatile Long busySinceNanos;
    /** Null while the journal is open. */
    private volatile String closedBecause;

    // Of the writer thread alone.
    private Connection connection;
    private PreparedStatement insert;
    private Exception whyClosed;
    private long reopenAt;
    private long tidyAt = System.nanoTime();
    private boolean untidy;

    private static final class Task<T> {
        final String persistenceId;
        final boolean assignsNumber;
        final long bytes;
        final SqlWork<T> work;
        final long askedNanos = System.nanoTime();
        final CompletableFuture<T> future = new CompletableFuture<>();
        T result;

        Task(String persistenceId, boolean assignsNumber, long bytes, SqlWork<T> work) {
            this.persistenceId = persistenceId;
            this.assignsNumber = assignsNumber;
            this.bytes = bytes;
            this.work = work;
        }

        void succeed() {
            future.complete(result);
        }
    }

    /** Opens the database on the calling thread, so that what is wrong with it is thrown here. */
    JournalWriter(JournalDatabase database, JournalSettings settings, ReplicaNumbers numbers, JournalMetrics metrics)
            throws SQLException {
        this.metrics = metrics;
        this.database = database;
        this.settings = settings;
        this.numbers = numbers;
        this.queue = new LinkedBlockingQueue<>(settings.maxQueuedWrites());
        open();
        thread.start();
    }

    /** Writes rows, all or none. Fails at once, with nothing written, when the queue is full. */
    CompletableFuture<Void> insert(String persistenceId, List<EventRow> rows) {
        long bytes = 0;
        for (EventRow row : rows) {
            bytes += row.payload().length + 200;
        }
        return enqueue(new Task<>(persistenceId, true, bytes, (ignored, replica) -> insertRows(replica, rows)));
    }

    /** Does other work in a transaction. Work that adds rows for a persistence id that is new says so. */
    <T> CompletableFuture<T> submit(String persistenceId, boolean addsRows, long bytes, SqlWork<T> work) {
        return enqueue(new Task<>(persistenceId, addsRows, bytes, work));
    }

    /** What the last group took from its first statement to the end of its force. */
    long lastGroupNanos() {
        return lastGroupNanos;
    }

    long queuedBytes() {
        return queuedBytes.get();
    }

    int queueDepth() {
        return queue.size();
    }

    /** For how long the oldest work has not been answered; 0 if all has been. Never waits for the writer. */
    long unansweredNanos() {
        Long busySince = busySinceNanos;
        if (busySince == null) {
            Task<?> first = queue.peek();
            busySince = first == null ? null : (Long) first.askedNanos;
        }
        return busySince == null ? 0 : Math.max(0, System.nanoTime() - busySince);
    }

    /** Why writes fail since the last failure; empty while the journal is open. */
    Optional<String> whyClosed() {
        return Optional.ofNullable(closedBecause);
    }

    private <T> CompletableFuture<T> enqueue(Task<T> task) {
        long bytes = queuedBytes.addAndGet(task.bytes);
        boolean fits = bytes <= settings.maxQueuedBytes() || bytes == task.bytes;
        if (closing || !fits || !queue.offer(task)) {
            queuedBytes.addAndGet(-task.bytes);
            task.future.completeExceptionally(new JournalException(
                    closing
                            ? "the journal is closed"
                            : "the journal's queue is full: " + queue.size() + " writes of " + queuedBytes.get()
                                    + " bytes wait (aitta.journal.max-queued-writes, max-queued-bytes)"));
        }
        return task.future;
    }

    private void run() {
        List<Task<?>> group = new ArrayList<>();
        while (true) {
            try {
                Task<?> first = next();
                busySinceNanos = first == null ? System.nanoTime() : first.askedNanos;
                if (first != null) {
                    gather(first, group);
                    writeGroup(group);
                } else {
                    reopenIfNeeded();
                }
                if (first != null && first.work == null) {
                    return;
                }
                tidy();
            } catch (InterruptedException e) {
                LOG.error("the journal's writer was interrupted; nobody should do that, it goes on");
            } finally {
                busySinceNanos = null;
                group.clear();
            }
        }
    }

    /**
     * What is to be written next; null if the writer has something to do of its own: to tidy up, or to open the journal
     * again. That cannot wait for a write, for after a failure the replicas begin by reading.
     */
    private Task<?> next() throws InterruptedException {
        if (connection == null) {
            return queue.poll(Math.max(0, reopenAt - System.nanoTime()), TimeUnit.NANOSECONDS);
        }
        return untidy ? queue.poll(TIDY_PAUSE_NANOS, TimeUnit.NANOSECONDS) : queue.take();
    }

    private void gather(Task<?> first, List<Task<?>> group) {
        long bytes = 0;
        for (Task<?> task = first; task != null; task = queue.poll()) {
            queuedBytes.addAndGet(-task.bytes);
            if (task.work == null) {
                if (task != first) {
                    // Closing: whoever waits for it sees it after what was queued before.
                    queue.add(task);
                }
                return;
            }
            group.add(task);
            bytes += task.bytes;
            if (bytes >= settings.groupBytes() || group.size() >= MAX_GROUP) {
                return;
            }
        }
    }

    private void writeGroup(List<Task<?>> group) {
        if (group.isEmpty()) {
            return;
        }
        if (!reopenIfNeeded()) {
            failAll(group, whyClosed);
            return;
        }
        long start = System.nanoTime();
        try {
            commitAndForce(group);
        } catch (RowAtFault e) {
            if (rolledBack(group)) {
                oneByOne(group, e);
            }
            return;
        } catch (SQLException | RuntimeException e) {
            giveUp(group, e);
            return;
        } catch (Error e) {
            // A driver's failed assertion, or worse: whoever waits must hear of it, and the writer must go on.
            giveUp(group, new JournalException("the journal's writer failed: " + e, e));
            return;
        }
        lastGroupNanos = System.nanoTime() - start;
        group.forEach(Task::succeed);
    }

    private void giveUp(List<Task<?>> group, Exception cause) {
        abandon(cause);
        failAll(group, cause);
        failQueued();
    }

    private void oneByOne(List<Task<?>> group, RowAtFault fault) {
        if (group.size() == 1) {
            group.get(0).future.completeExceptionally(fault.getCause());
            return;
        }
        for (Task<?> task : group) {
            writeGroup(List.of(task));
        }
    }

    private boolean rolledBack(List<Task<?>> group) {
        try {
            connection.rollback();
            return true;
        } catch (SQLException e) {
            abandon(e);
            failAll(group, e);
            return false;
        }
    }

    private void commitAndForce(List<Task<?>> group) throws SQLException, RowAtFault {
        long begun = System.nanoTime();
        for (Task<?> task : group) {
            if (task.assignsNumber) {
                numbers.assign(connection, task.persistenceId);
            }
        }
        for (Task<?> task : group) {
            runTask(task);
        }
        connection.commit();
        long written = System.nanoTime();
        database.force(connection);
        metrics.wrote(group.size(), written - begun, System.nanoTime() - written);
    }

    private <T> void runTask(Task<T> task) throws SQLException, RowAtFault {
        try {
            task.result = task.work.on(connection, numbers.of(task.persistenceId));
        } catch (SQLException e) {
            if (isOfTheRow(e)) {
                throw new RowAtFault(e);
            }
            throw e;
        } catch (JournalException e) {
            throw new RowAtFault(e);
        }
    }

    /** Class 22: a value that does not fit its column; class 23: a row that is there already. */
    private static boolean isOfTheRow(SQLException e) {
        String state = e.getSQLState();
        return state != null && (state.startsWith("22") || state.startsWith("23"));
    }

    private Void insertRows(int replica, List<EventRow> rows) throws SQLException {
        for (EventRow row : rows) {
            if (row.payload().length > EventRow.MAX_PAYLOAD) {
                throw new JournalException("event " + row.sequenceNumber() + " is of " + row.payload().length
                        + " bytes; a journal row holds at most " + EventRow.MAX_PAYLOAD);
            }
            insert.setLong(1, RowKey.of(replica, row.sequenceNumber()));
            insert.setString(2, row.writer());
            insert.setLong(3, row.writtenAtMillis());
            insert.setString(4, row.adapterManifest());
            insert.setInt(5, row.serializerId());
            insert.setString(6, row.serializerManifest());
            insert.setBytes(7, row.payload());
            insert.addBatch();
        }
        insert.executeBatch();
        return null;
    }

    private void open() throws SQLException {
        connection = database.openForWriting();
        try {
            insert = connection.prepareStatement(INSERT);
            numbers.load(connection);
            // Or an idle journal would keep a transaction open for good.
            connection.commit();
            closedBecause = null;
        } catch (SQLException e) {
            database.abandon(connection);
            connection = null;
            throw e;
        }
    }

    private boolean reopenIfNeeded() {
        if (connection != null) {
            return true;
        }
        if (System.nanoTime() - reopenAt < 0) {
            return false;
        }
        try {
            open();
            LOG.info("the journal is open again");
            return true;
        } catch (SQLException | RuntimeException e) {
            LOG.error("the journal cannot be opened again: {}", e.getMessage());
            failedToOpen(e);
            return false;
        }
    }

    private void abandon(Exception e) {
        metrics.failed();
        LOG.error("writing to the journal failed; nothing is acknowledged until it has been opened anew", e);
        database.abandon(connection);
        connection = null;
        failedToOpen(e);
    }

    private void failedToOpen(Exception e) {
        whyClosed = e;
        closedBecause = rootOf(e);
        reopenAt = System.nanoTime() + settings.reopenDelay().toNanos();
        untidy = false;
    }

    /** What the disk said, not what H2 makes of it. */
    private static String rootOf(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root.getMessage() == null ? root.toString() : root.getMessage();
    }

    private void failQueued() {
        List<Task<?>> queued = new ArrayList<>();
        queue.drainTo(queued);
        for (Task<?> task : queued) {
            if (task.work == null) {
                queue.add(task);
            } else {
                queuedBytes.addAndGet(-task.bytes);
            }
        }
        queued.removeIf(task -> task.work == null);
        failAll(queued, whyClosed);
    }

    private static void failAll(List<Task<?>> tasks, Exception cause) {
        for (Task<?> task : tasks) {
            task.future.completeExceptionally(new JournalException(
                    "the journal could not write: " + cause.getMessage() + "; whether the write is in it is not known",
                    cause));
        }
    }

    private void tidy() {
        long now = System.nanoTime();
        if (connection == null || now - tidyAt < 0) {
            return;
        }
        tidyAt = now + TIDY_PAUSE_NANOS;
        try {
            untidy = database.tidy(connection);
        } catch (SQLException | RuntimeException e) {
            abandon(e);
            failQueued();
        }
    }

    /** Writes what is queued, then closes the database. Idempotent. */
    @Override
    public void close() {
        if (closing) {
            return;
        }
        closing = true;
        Task<Void> last = new Task<>("", false, 0, null);
        try {
            queue.put(last);
            thread.join();
            // What slipped in behind the last task.
            List<Task<?>> late = new ArrayList<>();
            queue.drainTo(late);
            failAll(late, new JournalException("the journal is closed"));
            database.close(connection);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new JournalException("closing the journal was interrupted", e);
        } catch (SQLException e) {
            throw new JournalException("closing the journal failed: " + e.getMessage(), e);
        }
    }

    /** The rows of this one task cannot be written; the database is well. */
    private static final class RowAtFault extends Exception {
        private static final long serialVersionUID = 1L;

        RowAtFault(Exception cause) {
            super(cause);
        }
    }
}
