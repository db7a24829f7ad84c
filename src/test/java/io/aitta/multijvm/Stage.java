package io.aitta.multijvm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/**
 * Where a test with real processes plays: it makes clusters, chooses the seed, and afterwards ends all processes and
 * removes their data, however the test went. When it went wrong, the ends of the nodes' logs are shown; the whole logs are
 * in {@code target/multijvm}.
 */
final class Stage implements BeforeEachCallback, AfterEachCallback, AfterAllCallback, TestExecutionExceptionHandler {
    /** Repeat a test with {@code -Daitta.multijvm.seed=N}; what depends on timing will differ all the same. */
    private static final String SEED = "aitta.multijvm.seed";

    private final List<Cluster> clusters = new ArrayList<>();
    private String name;
    private Path data;
    private Random random;
    private long begin;
    private Cluster shared;
    private int sharedBefore;
    private int tables;
    private final List<Path> directories = new ArrayList<>();

    Cluster cluster(Cluster.Plan plan) {
        var cluster = new Cluster(plan, data, Path.of("target", "multijvm", name));
        clusters.add(cluster);
        return cluster;
    }

    /**
     * A running, whole cluster that the tests of a class use one after the other, each with a table of its own: starting
     * one takes longer than most of what they do with it. After a test that fails, the next one gets a new one. The class
     * must have one instance for all of its tests.
     */
    Cluster shared(Cluster.Plan plan) {
        if (shared == null) {
            String of = name.substring(0, name.indexOf('.')) + "-shared-" + ++sharedBefore;
            shared = new Cluster(plan, newDirectory(), Path.of("target", "multijvm", of));
            shared.start();
        }
        // What the test before has left dead.
        shared.nodes().stream().filter(node -> !node.isAlive()).forEach(shared::begin);
        shared.awaitWhole();
        return shared;
    }

    /** Makes a table in the shared cluster for this test alone. */
    String ownTable() {
        String table = "test-" + ++tables;
        shared.client(Duration.ofSeconds(20))
                .admin()
                .blocking()
                .createTable(table, OptionalInt.empty(), OptionalInt.empty());
        return table;
    }

    private Path newDirectory() {
        try {
            var directory = Files.createTempDirectory("aitta-multijvm-");
            directories.add(directory);
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
        if (shared != null) {
            System.out.println(shared.logTails());
            endShared();
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

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
        endShared();
    }

    private void endShared() throws IOException {
        if (shared != null) {
            shared.close();
            shared = null;
        }
        for (var directory : directories) {
            removeAll(directory);
        }
        directories.clear();
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
