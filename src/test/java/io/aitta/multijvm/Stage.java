package io.aitta.multijvm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/**
 * Where a test with real processes plays: it makes clusters, chooses the seed, and afterwards ends all processes and
 * removes their data, however the test went. When it went wrong, the ends of the nodes' logs are shown; the whole logs are
 * in {@code target/multijvm}.
 */
final class Stage implements BeforeEachCallback, AfterEachCallback, TestExecutionExceptionHandler {
    /** Repeat a test with {@code -Daitta.multijvm.seed=N}; what depends on timing will differ all the same. */
    private static final String SEED = "aitta.multijvm.seed";

    private final List<Cluster> clusters = new ArrayList<>();
    private String name;
    private Path data;
    private Random random;
    private long begin;
    private SharedClusters sharedClusters;
    /** Of the cluster that the test shares with others; null if it does not. */
    private Cluster.Plan sharedPlan;

    Cluster cluster(Cluster.Plan plan) {
        var cluster = new Cluster(plan, data, Path.of("target", "multijvm", name));
        clusters.add(cluster);
        return cluster;
    }

    /**
     * A running, whole cluster that the tests of all classes use one after the other, each with a table of its own. After
     * a test that fails, the next one gets a new one.
     */
    Cluster shared(Cluster.Plan plan) {
        sharedPlan = plan;
        return sharedClusters.take(plan);
    }

    /** Makes a table in the shared cluster for this test alone. */
    String ownTable() {
        return sharedClusters.ownTable(sharedPlan);
    }

    Random random() {
        return random;
    }

    /** One line for whoever reads the output of the tests. */
    void say(String format, Object... arguments) {
        System.out.printf("%s [%.1f s] %s%n", name, seconds(), String.format(format, arguments));
    }

    private double seconds() {
        return (System.nanoTime() - begin) / 1e9;
    }

    @Override
    public void beforeEach(ExtensionContext context) throws IOException {
        begin = System.nanoTime();
        sharedClusters = SharedClusters.of(context);
        sharedPlan = null;
        name = context.getRequiredTestClass().getSimpleName() + "."
                + context.getRequiredTestMethod().getName();
        data = Files.createTempDirectory("aitta-multijvm-");
        removeAll(Path.of("target", "multijvm", name));
        long seed = Long.getLong(SEED, System.nanoTime() & 0xffff_ffffL);
        random = new Random(seed);
        say("begins with -D%s=%d", SEED, seed);
    }

    @Override
    public void handleTestExecutionException(ExtensionContext context, Throwable failure) throws Throwable {
        say("failed: %s", failure);
        clusters.forEach(cluster -> System.out.println(cluster.logTails()));
        if (sharedPlan != null) {
            sharedClusters.discard(sharedPlan);
        }
        throw failure;
    }

    @Override
    public void afterEach(ExtensionContext context) throws IOException {
        try {
            for (var cluster : clusters) {
                cluster.close();
            }
        } finally {
            clusters.clear();
            removeAll(data);
        }
        say("is over");
    }

    static void removeAll(Path directory) throws IOException {
        if (Files.exists(directory)) {
            try (var paths = Files.walk(directory)) {
                for (var path : paths.sorted((a, b) -> b.compareTo(a)).toList()) {
                    Files.deleteIfExists(path);
                }
            }
        }
    }
}
