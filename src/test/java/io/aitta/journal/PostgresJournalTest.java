package io.aitta.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The same promises on a real PostgreSQL, reached by configuration alone. Skipped where none is installed. */
class PostgresJournalTest extends JournalContract {
    private static PostgresServer server;

    @BeforeAll
    static void startServer() throws Exception {
        Optional<Path> binaries = PostgresServer.installed();
        if (binaries.isEmpty()) {
            System.out.println("SKIPPED: PostgreSQL is not installed (Debian: apt-get install postgresql)");
        }
        Assumptions.assumeTrue(
                binaries.isPresent(), "PostgreSQL is not installed (Debian: apt-get install postgresql)");
        server = PostgresServer.start(binaries.get());
    }

    @AfterAll
    static void stopServer() throws Exception {
        if (server != null) {
            server.close();
        }
    }

    @Override
    void removeAll() throws Exception {
        try (var connection = DriverManager.getConnection(server.url() + "?socketTimeout=20", "aitta", "");
                var statement = connection.createStatement()) {
            statement.execute("DROP TABLE aitta_journal, aitta_replica, aitta_event, aitta_snapshot");
        }
    }

    @Override
    Config config() {
        return ConfigFactory.parseMap(
                        Map.of("aitta.journal.postgres.url", server.url(), "aitta.journal.reopen-delay", "20ms"))
                .withFallback(ConfigFactory.parseResources("aitta-journal-postgres.conf"))
                .withFallback(Rig.with(Map.of()));
    }

    @Test
    void twoNodesMayShareADatabase() {
        try (Journal first = Journal.open(config());
                Journal second = Journal.open(config())) {
            for (int i = 1; i <= 50; i++) {
                var one = Rig.write(first, "node-1", i, new byte[10]);
                var two = Rig.write(second, "node-2", i, new byte[10]);
                Rig.await(one);
                Rig.await(two);
            }
            assertThat(Rig.rows(first, "node-1")).hasSize(50);
            assertThat(Rig.rows(second, "node-2")).hasSize(50);
        }
    }

    @Test
    void allThatWasAcknowledgedIsThereAfterTheDatabaseCrashedAndTheJournalConnectsAgain() throws Exception {
        try (Journal journal = Journal.open(config())) {
            for (int i = 1; i <= 20; i++) {
                Rig.await(Rig.write(journal, "a", i, new byte[10]));
            }
            server.crash();
            assertThatThrownBy(() -> Rig.await(Rig.write(journal, "a", 21, new byte[10])))
                    .isInstanceOf(JournalException.class);
            server.start();
            writeUntilItWorks(journal);
            assertThat(Rig.rows(journal, "a")).hasSizeGreaterThanOrEqualTo(21);
        }
    }

    private static void writeUntilItWorks(Journal journal) throws Exception {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        for (long n = 100; ; n++) {
            try {
                Rig.write(journal, "a", n, new byte[10]).toCompletableFuture().get(30, TimeUnit.SECONDS);
                return;
            } catch (ExecutionException e) {
                assertThat(System.nanoTime())
                        .as("still failing: %s", e.getMessage())
                        .isLessThan(until);
            }
        }
    }

    @Test
    void anUnreachableDatabaseIsNamed() {
        Config wrong = ConfigFactory.parseMap(Map.of("aitta.journal.postgres.url", "jdbc:postgresql://127.0.0.1:1/x"))
                .withFallback(config());
        assertThatThrownBy(() -> Journal.open(wrong))
                .isInstanceOf(JournalException.class)
                .hasMessageContaining("jdbc:postgresql://127.0.0.1:1/x")
                .hasMessageContaining("aitta.journal.postgres.url");
    }
}
