package io.aitta.journal;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** What the journal's tests share: configurations, rows, waiting. */
final class Rig {
    private Rig() {}

    static Config h2(Path directory) {
        return h2(directory, "");
    }

    static Config h2(Path directory, String urlPrefix) {
        return with(Map.of(
                "aitta.journal.dir",
                directory.toString(),
                "aitta.journal.url-prefix",
                urlPrefix,
                "aitta.journal.reopen-delay",
                "20ms"));
    }

    static Config with(Map<String, Object> settings) {
        return ConfigFactory.parseMap(settings)
                .withFallback(
                        ConfigFactory.parseString(
                                """
                        pekko.loglevel = WARNING
                        pekko.actor.provider = local
                        pekko.actor.allow-java-serialization = off
                        pekko.persistence.journal.plugin = jdbc-journal
                        """))
                .withFallback(ConfigFactory.parseResources("aitta-journal.conf"))
                .withFallback(ConfigFactory.load());
    }

    static EventRow row(long sequenceNumber, byte[] payload) {
        return new EventRow(sequenceNumber, "writer", 1, "", 4, "", payload);
    }

    static CompletionStage<Void> write(Journal journal, String id, long sequenceNumber, byte[] payload) {
        return journal.writer().insert(id, List.of(row(sequenceNumber, payload)));
    }

    static List<EventRow> rows(Journal journal, String id) {
        return await(journal.readers().submit(id, (connection, replica) -> {
            List<EventRow> found = new ArrayList<>();
            try (var select = connection.prepareStatement(
                    "SELECT row_key, payload FROM aitta_event WHERE row_key BETWEEN ? AND ? ORDER BY row_key")) {
                select.setLong(1, RowKey.of(replica, 0));
                select.setLong(2, RowKey.atMost(replica, Long.MAX_VALUE));
                try (var rows = select.executeQuery()) {
                    while (rows.next()) {
                        found.add(row(RowKey.sequenceNumber(rows.getLong(1)), rows.getBytes(2)));
                    }
                }
            }
            return found;
        }));
    }

    static <T> T await(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
        } catch (java.util.concurrent.ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new AssertionError(e.getCause());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
