package io.aitta.journal;

import com.typesafe.config.Config;
import io.aitta.config.ConfigSection;
import java.nio.file.Path;
import java.time.Duration;

/** The keys under {@code aitta.journal}, parsed and checked once. What each means is told in reference.conf. */
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
    private static final int MIB = 1 << 20;

    enum Backend {
        H2,
        POSTGRES
    }

    /** @throws io.aitta.config.ConfigException naming the key that is wrong and what would be right */
    static JournalSettings from(Config root) {
        var section = ConfigSection.of(root, "aitta.journal");
        var postgres = ConfigSection.of(root, "aitta.journal.postgres");
        String name = section.string("backend");
        section.require(name.equals("h2") || name.equals("postgres"), "backend", "h2 or postgres");
        Backend backend = name.equals("h2") ? Backend.H2 : Backend.POSTGRES;
        String directory = section.string("dir");
        section.require(backend != Backend.H2 || !directory.isBlank(), "dir", "the directory of the journal");
        String url = postgres.string("url");
        postgres.require(
                backend != Backend.POSTGRES || url.startsWith("jdbc:postgresql:"),
                "url",
                "of the form jdbc:postgresql://host:5432/database");
        return new JournalSettings(
                backend,
                Path.of(directory).toAbsolutePath(),
                section.string("url-prefix"),
                section.bytes("cache", 1024, 1024 * MIB) / 1024,
                section.integer("reader-threads", 1, 64),
                section.integer("max-queued-reads", 1, 1_000_000),
                section.integer("max-queued-writes", 1, 1_000_000),
                section.bytes("max-queued-bytes", 1024, 1024 * MIB),
                section.bytes("group-bytes", 1, 256 * MIB),
                section.bytes("compact-above", 1, Integer.MAX_VALUE),
                section.duration("reopen-delay", Duration.ofMillis(1), Duration.ofMinutes(1)),
                url,
                postgres.string("user"),
                postgres.string("password"));
    }
}
