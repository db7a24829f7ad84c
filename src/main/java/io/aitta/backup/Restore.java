package io.aitta.backup;

import io.aitta.backup.Chain.Link;
import io.aitta.backup.Manifest.TableBackup;
import io.aitta.client.AittaException;
import io.aitta.proto.v1.Event;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Brings tables back as they were in a backup, or at a time that lies between two. First everything that is needed is looked
 * through and every table that is to be written to is looked at; only if nothing is wrong is anything written. Of one
 * thread, but for {@link #stop}.
 */
public final class Restore {
    /**
     * What to restore, and how.
     *
     * @param table of the backup; empty: all of them
     * @param as the name it gets; with a table only
     * @param number of the backup; empty: the newest, or the one that {@code untilMillis} asks for
     * @param untilMillis everything that was ordered up to then, by the clocks of the cluster that was backed up; empty: all
     * @param partitions of tables that are made; empty: as many as they had
     * @param overwrite whether the data of a table that is there is given up
     */
    public record Options(
            Optional<String> table,
            Optional<String> as,
            OptionalInt number,
            OptionalLong untilMillis,
            OptionalInt partitions,
            boolean overwrite) {
        public static final Options DEFAULT = new Options(
                Optional.empty(),
                Optional.empty(),
                OptionalInt.empty(),
                OptionalLong.empty(),
                OptionalInt.empty(),
                false);
    }

    /**
     * What it came to.
     *
     * @param number of the backup
     * @param expired keys whose time was over, and that were left out
     */
    public record Result(int number, List<Restored> tables, long rows, long bytes, long expired) {}

    /** @param replicas of the table as it is now; fewer than it had if there are fewer nodes */
    public record Restored(String table, String as, int partitions, int replicas, int replicasBefore) {}

    /** How far it is: partitions of the backup, keys and their bytes. */
    public record State(int partitionsDone, int partitions, long rows, long bytes) {}

    private record Plan(TableBackup table, String as, List<List<Link>> partitions) {}

    private final BackupDirectory directory;
    private final RestoreTarget target;
    private final Options options;
    private final Consumer<State> told;
    private final Clock clock;
    private RestoreWindow window;
    private int done;
    private int total;
    private volatile boolean stopped;

    /** @param told now and then how far it is */
    public Restore(BackupDirectory directory, RestoreTarget target, Options options, Consumer<State> told) {
        this(directory, target, options, told, Clock.systemUTC());
    }

    Restore(BackupDirectory directory, RestoreTarget target, Options options, Consumer<State> told, Clock clock) {
        this.directory = directory;
        this.target = target;
        this.options = options;
        this.told = told;
        this.clock = clock;
    }

    /** Ends it soon: {@link #run} then throws; what was written stays. From any thread. */
    public void stop() {
        stopped = true;
    }

    /**
     * Runs it.
     *
     * @throws BackupException if it was refused, which is before anything was written, or was stopped
     * @throws AittaException if the cluster does not take it
     */
    public Result run() throws IOException {
        var manifests = directory.manifests();
        if (manifests.isEmpty()) {
            throw new BackupException("there is no whole backup in '" + directory.root() + "'");
        }
        var chain = new Chain(manifests);
        Manifest manifest = manifest(chain, manifests);
        var plans = plans(chain, manifest);
        for (Plan plan : plans) {
            check(plan);
        }
        var restored = new ArrayList<Restored>();
        window = new RestoreWindow(target, clock);
        total = plans.stream().mapToInt(plan -> plan.partitions().size()).sum();
        for (Plan plan : plans) {
            restored.add(prepare(plan));
            write(plan);
        }
        return new Result(manifest.number(), restored, window.rows(), window.bytes(), window.expired());
    }

    private Manifest manifest(Chain chain, List<Manifest> manifests) throws IOException {
        if (options.number().isPresent()) {
            int number = options.number().getAsInt();
            return manifests.stream()
                    .filter(manifest -> manifest.number() == number)
                    .findFirst()
                    .orElseThrow(() ->
                            new BackupException("there is no backup " + number + " in '" + directory.root() + "'"));
        }
        return options.untilMillis().isPresent()
                ? chain.until(options.untilMillis().getAsLong())
                : manifests.get(manifests.size() - 1);
    }

    private List<Plan> plans(Chain chain, Manifest manifest) throws IOException {
        var tables = manifest.tables().stream()
                .filter(table -> options.table().isEmpty()
                        || table.name().equals(options.table().get()))
                .toList();
        if (tables.isEmpty()) {
            throw new BackupException("backup " + manifest.number() + " holds "
                    + options.table().map(name -> "no table '" + name + "'").orElse("no table"));
        }
        var plans = new ArrayList<Plan>();
        for (TableBackup table : tables) {
            var partitions = IntStream.range(0, table.partitions())
                    .mapToObj(partition -> options.untilMillis().isPresent()
                            ? chain.until(
                                    manifest,
                                    table,
                                    partition,
                                    options.untilMillis().getAsLong())
                            : chain.of(manifest, table, partition))
                    .toList();
            plans.add(new Plan(table, options.as().orElse(table.name()), partitions));
        }
        return plans;
    }

    /** Nothing is written before all files that are needed are known to be whole, and nothing would be lost. */
    private void check(Plan plan) throws IOException {
        if (!options.overwrite() && target.table(plan.as()).isPresent() && !target.isEmpty(plan.as())) {
            throw new BackupException("the table '" + plan.as()
                    + "' has data; --overwrite removes it first, --as restores" + " to another table");
        }
        for (Link link : new LinkedHashSet<>(
                plan.partitions().stream().flatMap(List::stream).toList())) {
            PieceFiles.verify(directory.file(link.number(), link.table(), link.file()), link.table(), link.file());
            checkStopped();
        }
    }

    private Restored prepare(Plan plan) {
        var there = target.table(plan.as());
        int replicas = there.isPresent()
                ? there.get().getReplicas()
                : Math.max(1, Math.min(plan.table().replicas(), target.nodes()));
        int partitions = there.isPresent()
                ? there.get().getPartitions()
                : options.partitions().orElse(plan.table().partitions());
        if (there.isEmpty()) {
            target.create(plan.as(), plan.table(), partitions, replicas);
        } else {
            target.alter(plan.as(), plan.table());
            if (options.overwrite()) {
                target.flush(plan.as());
            }
        }
        return new Restored(
                plan.table().name(),
                plan.as(),
                partitions,
                replicas,
                plan.table().replicas());
    }

    private void write(Plan plan) throws IOException {
        var replay = new Replay(directory, options.untilMillis());
        for (var links : plan.partitions()) {
            Path scratch = Files.createTempDirectory("aitta-restore");
            try {
                replay.run(links, scratch.resolve("partition"), row -> take(plan.as(), row));
                window.settle();
            } finally {
                remove(scratch);
            }
            done++;
            tell();
        }
    }

    private void take(String table, Event row) {
        checkStopped();
        window.take(table, row);
        tell();
    }

    private void checkStopped() {
        if (stopped) {
            throw new BackupException(
                    "the restoring was stopped; what was written stays, and --overwrite begins again");
        }
    }

    private void tell() {
        told.accept(new State(done, total, window.rows(), window.bytes()));
    }

    private static void remove(Path scratch) throws IOException {
        try (var files = Files.walk(scratch)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
