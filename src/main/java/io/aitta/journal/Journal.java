package io.aitta.journal;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValueFactory;
import io.aitta.metrics.JournalMetrics;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.pekko.actor.ClassicActorSystemProvider;
import org.apache.pekko.serialization.SerializationExtension;

/**
 * A node's journal: the database under the binlogs of all its replicas, open from before the ActorSystem starts until
 * after it has ended.
 *
 * <pre>{@code
 * Journal journal = Journal.open(config);                          // JournalException: the node cannot start, and why
 * ActorSystem<?> system = ActorSystem.create(guardian, "aitta", journal.overrides().withFallback(config));
 * system.getWhenTerminated().thenRun(journal::close);              // or after awaiting it
 * }</pre>
 *
 * <p>All who write share one writer; see {@link JournalWriter} for what a success means. Killing the process at any time
 * is safe. Thread-safe.
 */
public final class Journal implements AutoCloseable {
    private static final String INSTANCE = "aitta.journal.instance";
    // The plugins are made by Pekko from a Config, so a Config has to lead them here. Several nodes may share a process
    // in tests.
    private static final Map<String, Journal> OPEN = new ConcurrentHashMap<>();

    private final String instance = UUID.randomUUID().toString();
    private final JournalWriter writer;
    private final JournalReaders readers;
    private final BinlogPurge purge;
    private final ReplicaNumbers numbers = new ReplicaNumbers();

    private Journal(JournalSettings settings, JournalMetrics metrics) throws SQLException {
        JournalDatabase database =
                switch (settings.backend()) {
                    case H2 -> new H2Database(settings);
                    case POSTGRES -> new PostgresDatabase(settings);
                };
        writer = new JournalWriter(database, settings, numbers, metrics);
        readers = new JournalReaders(database, settings, numbers);
        purge = new BinlogPurge(writer, numbers);
    }

    /**
     * Opens the journal that {@code aitta.journal} describes; makes its tables if there are none. Blocks, for about as long
     * as it takes to read the file once.
     *
     * @throws JournalException if it is damaged, in use, of another version, not reachable or not writable
     */
    public static Journal open(Config config) {
        return open(config, JournalMetrics.none());
    }

    /** The same, counting what it does. */
    public static Journal open(Config config, JournalMetrics metrics) {
        JournalSettings settings = JournalSettings.from(config);
        try {
            Journal journal = new Journal(settings, metrics);
            OPEN.put(journal.instance, journal);
            return journal;
        } catch (SQLException e) {
            throw new JournalException("the journal cannot be opened: " + e.getMessage(), e);
        }
    }

    static Journal of(Config system) {
        Journal journal = system.hasPath(INSTANCE) ? OPEN.get(system.getString(INSTANCE)) : null;
        if (journal == null) {
            throw new JournalException(
                    "the ActorSystem was started without an open journal: merge Journal.overrides() into its"
                            + " configuration, and close the journal only after the ActorSystem has ended");
        }
        return journal;
    }

    /** To be put before the ActorSystem's configuration: leads its journal and snapshot plugins to this journal. */
    public Config overrides() {
        return ConfigFactory.empty().withValue(INSTANCE, ConfigValueFactory.fromAnyRef(instance));
    }

    public BinlogPurge purge() {
        return purge;
    }

    /** @param system whose serializers read the events; one that was started with {@link #overrides()} */
    public BinlogReader reader(ClassicActorSystemProvider system) {
        return new BinlogReader(readers, numbers, new Codec(SerializationExtension.get(system)));
    }

    /** How long the last group took from its first statement to the end of its force, in nanoseconds; 0 before the first. */
    public long lastGroupNanos() {
        return writer.lastGroupNanos();
    }

    /** Of the writes that wait. */
    public long queuedBytes() {
        return writer.queuedBytes();
    }

    /** Writes that wait for the group under way to end. */
    public int queueDepth() {
        return writer.queueDepth();
    }

    /** For how long the oldest write has not been answered, in nanoseconds; 0 if all have been. Never blocks. */
    public long unansweredNanos() {
        return writer.unansweredNanos();
    }

    /** Why writes fail now; empty if they need not. Never blocks. The journal opens its database again by itself. */
    public Optional<String> whyClosed() {
        return writer.whyClosed();
    }

    ReplicaNumbers numbers() {
        return numbers;
    }

    JournalWriter writer() {
        return writer;
    }

    JournalReaders readers() {
        return readers;
    }

    /** Finishes what is queued and closes the database. Blocks. Idempotent. To be called after the ActorSystem has ended. */
    @Override
    public void close() {
        OPEN.remove(instance);
        readers.close();
        writer.close();
    }
}
