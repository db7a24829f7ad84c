package io.aitta.journal;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The keys under {@code aitta.journal}, parsed and checked once. What each means is told in {@code aitta-journal-h2.conf}.
 */
record JournalSettings(
        Backend backend,
        Path directory,
        String urlPrefix,
        int cacheKib,
        int readerThreads,
        int maxQueuedReads,
        int maxQueuedWrites,
        long maxQueuedBytes,
        long groupBytes,
        long compactAboveBytes,
        Duration reopenDelay,
        String postgresUrl,
        String postgresUser,
        String postgresPassword) {

    enum Backend {
        H2,
        POSTGRES
    }

    /** @throws JournalException naming the key that is missing or wrong */
    static JournalSettings from(Config root) {
        try {
            Config config = root.getConfig("aitta.journal");
            Backend backend = backend(config.getString("backend"));
            String directory = config.getString("dir");
            if (backend == Backend.H2 && directory.isBlank()) {
                throw new JournalException("aitta.journal.dir is empty; it must name the directory of the journal");
            }
            String url = config.getString("postgres.url");
            if (backend == Backend.POSTGRES && !url.startsWith("jdbc:postgresql:")) {
                throw new JournalException("aitta.journal.postgres.url is '" + url
                        + "'; it must be of the form jdbc:postgresql://host:5432/database");
            }
            return new JournalSettings(
                    backend,
                    Path.of(directory).toAbsolutePath(),
                    config.getString("url-prefix"),
                    (int) (config.getBytes("cache") / 1024),
                    atLeastOne(config, "reader-threads"),
                    atLeastOne(config, "max-queued-reads"),
                    atLeastOne(config, "max-queued-writes"),
                    config.getBytes("max-queued-bytes"),
                    config.getBytes("group-bytes"),
                    config.getBytes("compact-above"),
                    config.getDuration("reopen-delay"),
                    url,
                    config.getString("postgres.user"),
                    config.getString("postgres.password"));
        } catch (ConfigException e) {
            throw new JournalException("the journal's configuration is wrong: " + e.getMessage(), e);
        }
    }

    private static Backend backend(String name) {
        return switch (name) {
            case "h2" -> Backend.H2;
            case "postgres" -> Backend.POSTGRES;
            default -> throw new JournalException("aitta.journal.backend is '" + name + "'; it must be h2 or postgres");
        };
    }

    private static int atLeastOne(Config config, String key) {
        int value = config.getInt(key);
        if (value < 1) {
            throw new JournalException("aitta.journal." + key + " is " + value + "; it must be at least 1");
        }
        return value;
    }
}
