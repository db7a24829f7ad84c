package io.aitta.journal;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
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

    private final Map<String, NavigableSet<Long>> acknowledged = new ConcurrentHashMap<>();
    private final AtomicInteger acknowledgements = new AtomicInteger();
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
            Journal journal = Journal.open(config());
            verify(journal);
            if (random.nextBoolean()) {
                PowerCutFilePath.cutAtForce(
                        directory.toString(), 1 + random.nextInt(100), survivors, new Random(random.nextLong()));
            }
            writeForAWhile(journal, random);
            PowerCutFilePath.cut(directory.toString(), survivors, random);
            journal.close();
        }
        try (Journal journal = Journal.open(config())) {
            verify(journal);
        }
        assertThat(acknowledgements).as("seed %d", seed).hasValueGreaterThan(CUTS * 10);
    }

    private Config config() {
        // Compacting from the start, so that the power also goes while chunks are being moved.
        return ConfigFactory.parseMap(Map.of("aitta.journal.compact-above", "64 KiB"))
                .withFallback(Rig.h2(directory, "powercut:"));
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
                    of(id).add(next);
                    acknowledgements.incrementAndGet();
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
        long to = of(id).isEmpty() ? 0 : of(id).last() - 20;
        if (to > 0) {
            purged.merge(id, to, Math::max);
            journal.purge().purge(id, to);
        }
    }

    private NavigableSet<Long> of(String id) {
        return acknowledged.computeIfAbsent(id, unused -> new ConcurrentSkipListSet<>());
    }

    private void verify(Journal journal) {
        for (String id : attempted.keySet()) {
            Map<Long, byte[]> rows = new HashMap<>();
            Rig.rows(journal, id).forEach(row -> rows.put(row.sequenceNumber(), row.payload()));
            rows.forEach(
                    (n, payload) -> assertThat(payload).as("%s/%d", id, n).isEqualTo(payload(id, n, payload.length)));
            of(id).headSet(purged.getOrDefault(id, 0L), true).clear();
            assertThat(rows.keySet()).as(id).containsAll(of(id));
            // What was written without an answer may be there or not; but if it was seen once, it must stay.
            of(id).addAll(rows.keySet());
        }
    }

    private static byte[] payload(String id, long n, int length) {
        byte[] bytes = new byte[length];
        new Random(id.hashCode() * 31L + n).nextBytes(bytes);
        return bytes;
    }
}
