package io.aitta.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every acknowledged row survives any number of power cuts, at any moment, whatever part of the rest reached the disk. */
class JournalPowerCutTest {
    private static final int REPLICAS = 6;
    private static final int CUTS = Integer.getInteger("aitta.journal.cuts", 12);

    @TempDir
    Path directory;

    private final Map<String, Long> acknowledged = new ConcurrentHashMap<>();
    private final Map<String, Long> attempted = new ConcurrentHashMap<>();
    private final Map<String, Long> purged = new ConcurrentHashMap<>();

    @BeforeAll
    static void register() {
        PowerCutFilePath.register();
    }

    @ParameterizedTest(name = "{1} of what was not forced survives, seed {0}")
    @CsvSource({"1, 0", "2, 0.5", "3, 0.9", "4, 0.98", "5, 0.1", "6, 1"})
    void everyAcknowledgedRowSurvivesPowerCuts(long seed, double survivors) throws Exception {
        Random random = new Random(seed);
        for (int cut = 0; cut < CUTS; cut++) {
            Journal journal = Journal.open(Rig.h2(directory, "powercut:"));
            verify(journal);
            writeForAWhile(journal, random);
            PowerCutFilePath.cut(directory.toString(), survivors, random);
            journal.close();
        }
        try (Journal journal = Journal.open(Rig.h2(directory, "powercut:"))) {
            verify(journal);
        }
        assertThat(acknowledged.values().stream().mapToLong(Long::longValue).sum())
                .as("rows acknowledged, seed %d", seed)
                .isGreaterThan(CUTS * 10L);
    }

    private void writeForAWhile(Journal journal, Random random) throws Exception {
        int writes = 50 + random.nextInt(300);
        Semaphore inFlight = new Semaphore(REPLICAS);
        for (int i = 0; i < writes; i++) {
            assertThat(inFlight.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
            String id = "replica-" + random.nextInt(REPLICAS);
            long next = attempted.merge(id, 1L, Long::sum);
            byte[] payload = payload(id, next, random.nextInt(20) == 0 ? 20_000 : random.nextInt(600));
            Rig.write(journal, id, next, payload).whenComplete((done, failure) -> {
                if (failure == null) {
                    acknowledged.merge(id, next, Math::max);
                }
                inFlight.release();
            });
            if (random.nextInt(40) == 0) {
                purge(journal, "replica-" + random.nextInt(REPLICAS));
            }
        }
        // Cut while some are on their way.
    }

    private void purge(Journal journal, String id) {
        long to = acknowledged.getOrDefault(id, 0L) - 20;
        if (to > 0) {
            purged.merge(id, to, Math::max);
            journal.purge().purge(id, to);
        }
    }

    private void verify(Journal journal) {
        for (String id : attempted.keySet()) {
            Map<Long, byte[]> rows = new TreeMap<>();
            Rig.rows(journal, id).forEach(row -> rows.put(row.sequenceNumber(), row.payload()));
            long last = acknowledged.getOrDefault(id, 0L);
            for (long n = purged.getOrDefault(id, 0L) + 1; n <= last; n++) {
                assertThat(rows).as("%s, acknowledged to %d", id, last).containsKey(n);
            }
            rows.forEach((n, payload) -> assertThat(payload).as("%s/%d", id, n).isEqualTo(payload(id, n, payload.length)));
            // What was written without an answer may be there or not; go on after it.
            long highest = rows.isEmpty() ? last : ((TreeMap<Long, byte[]>) rows).lastKey();
            attempted.put(id, Math.max(highest, last));
            acknowledged.put(id, Math.max(highest, last));
        }
    }

    private static byte[] payload(String id, long n, int length) {
        byte[] bytes = new byte[length];
        new Random(id.hashCode() * 31L + n).nextBytes(bytes);
        return bytes;
    }
}
