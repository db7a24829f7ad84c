package io.aitta.multijvm;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The running clusters that tests of all classes use one after the other, one for each of the last plans: starting one takes
 * longer than most of what a test does with it. They end with the last test.
 */
final class SharedClusters implements ExtensionContext.Store.CloseableResource {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** Even nodes that nobody asks take their part of the machine. */
    private static final int MOST = 2;

    /** That which was used last stands last. */
    private final Map<Cluster.Plan, Shared> clusters = new LinkedHashMap<>(MOST, 1, true);

    private int made;
    private int tables;

    private static final class Shared {
        final Cluster cluster;
        final Path data;
        /** Of tests that are over; removed before the next one begins. */
        final List<String> tables = new ArrayList<>();

        Shared(Cluster cluster, Path data) {
            this.cluster = cluster;
            this.data = data;
        }
    }

    static SharedClusters of(ExtensionContext context) {
        return context.getRoot()
                .getStore(ExtensionContext.Namespace.create(SharedClusters.class))
                .getOrComputeIfAbsent(SharedClusters.class, type -> new SharedClusters(), SharedClusters.class);
    }

    /** Whole, with nothing of what the tests before have left dead or made. */
    Cluster take(Cluster.Plan plan) {
        var shared = clusters.get(plan);
        if (shared == null) {
            if (clusters.size() == MOST) {
                end(clusters.remove(clusters.keySet().iterator().next()));
            }
            shared = begin(plan);
            clusters.put(plan, shared);
            return shared.cluster;
        }
        var cluster = shared.cluster;
        cluster.nodes().stream().filter(node -> !node.isAlive()).forEach(cluster::begin);
        cluster.awaitWhole();
        var admin = cluster.client(PATIENCE).admin().blocking();
        shared.tables.forEach(admin::dropTable);
        shared.tables.clear();
        return cluster;
    }

    private Shared begin(Cluster.Plan plan) {
        try {
            var data = Files.createTempDirectory("aitta-multijvm-");
            var logs = Path.of("target", "multijvm", "shared-" + ++made);
            Stage.removeAll(logs);
            var cluster = new Cluster(plan, data, logs);
            cluster.start();
            cluster.awaitWhole();
            return new Shared(cluster, data);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Makes a table for one test alone. */
    String ownTable(Cluster.Plan plan) {
        var shared = clusters.get(plan);
        String table = "test-" + ++tables;
        shared.tables.add(table);
        shared.cluster.client(PATIENCE).admin().blocking().createTable(table, OptionalInt.empty(), OptionalInt.empty());
        return table;
    }

    /** After a test that failed: the next one gets a new cluster. */
    void discard(Cluster.Plan plan) {
        var shared = clusters.remove(plan);
        if (shared != null) {
            System.out.println(shared.cluster.logTails());
            end(shared);
        }
    }

    private static void end(Shared shared) {
        try {
            shared.cluster.close();
            Stage.removeAll(shared.data);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        clusters.values().forEach(SharedClusters::end);
        clusters.clear();
    }
}
