package io.aitta.backup;

import io.aitta.backup.BackupDirectory.Begun;
import io.aitta.backup.Manifest.PartitionFile;
import io.aitta.backup.Manifest.TableBackup;
import io.aitta.client.AittaException;
import io.aitta.proto.v1.Table;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Makes one backup: of each partition a file as of one log index, a few partitions at once. A partition goes on from the
 * newest earlier backup of it in the same directory, if the cluster still keeps what changed since then. Of one thread, but
 * for {@link #stop}.
 *
 * <p>A reading that breaks, for its node was lost or does not lead the partition any more, is begun again with another
 * node; it is then as of a later log index. So whatever was acknowledged before {@link #run} was called is in the backup.
 */
public final class BackupCreate {
    /** Partitions that are read at once. */
    public static final int PARALLEL = 4;

    /**
     * How to make it.
     *
     * @param table empty: all tables
     * @param full whether earlier backups are left aside
     * @param resume whether an interrupted one is gone on with, if there is one; its mark is that of its begin
     * @param discard whether an interrupted one is removed
     */
    public record Options(Optional<String> table, boolean full, boolean resume, boolean discard) {
        public static final Options DEFAULT = new Options(Optional.empty(), false, false, false);
    }

    private record Task(Table table, int partition) {}

    private final BackupDirectory directory;
    private final BackupSource source;
    private final Options options;
    private final Clock clock;
    private final BackupProgress progress;
    private final PartitionCopy copies;

    /**
     * @param told now and then how far it is, by any thread, one at a time
     * @param troubles told why a reading is begun again, in a sentence; likewise
     */
    public BackupCreate(
            BackupDirectory directory,
            BackupSource source,
            Options options,
            Consumer<BackupProgress.State> told,
            Consumer<String> troubles) {
        this(directory, source, options, told, troubles, Clock.systemUTC(), PartitionCopy.Patience.NORMAL);
    }

    BackupCreate(
            BackupDirectory directory,
            BackupSource source,
            Options options,
            Consumer<BackupProgress.State> told,
            Consumer<String> troubles,
            Clock clock,
            PartitionCopy.Patience patience) {
        this.directory = directory;
        this.source = source;
        this.options = options;
        this.clock = clock;
        this.progress = new BackupProgress(told, troubles);
        this.copies = new PartitionCopy(source, patience, progress);
    }

    /** Ends it soon: {@link #run} then throws, and what was done can be gone on with. From any thread. */
    public void stop() {
        copies.stop();
    }

    /**
     * Runs it.
     *
     * @throws BackupException if it was refused, or stopped
     * @throws AittaException if the cluster cannot be read
     */
    public Manifest run() throws IOException {
        try (var lock = directory.lock()) {
            var interrupted = directory.interrupted();
            if (interrupted.isPresent() && options.discard()) {
                directory.discard(interrupted.get());
                interrupted = Optional.empty();
            }
            if (interrupted.isPresent() && !options.resume()) {
                throw new BackupException(
                        "'" + interrupted.get() + "' is a backup that was interrupted; --resume goes on"
                                + " with it, and it holds what was written before it was begun; --discard removes it");
            }
            Path partial;
            Begun begun;
            if (interrupted.isPresent()) {
                partial = interrupted.get();
                begun = directory.begun(partial);
            } else {
                begun = begin();
                partial = directory.begin(begun);
            }
            return copy(partial, begun);
        }
    }

    private Begun begin() {
        // Before anything is asked: what was acknowledged until now will be in.
        long started = clock.millis();
        var topology = source.topology();
        var tables = topology.getTablesList().stream()
                .filter(BackupCreate::isOfUsers)
                .filter(table -> options.table().isEmpty()
                        || table.getName().equals(options.table().get()))
                .map(table -> TableBackup.of(table, List.of()))
                .toList();
        if (tables.isEmpty() && options.table().isPresent()) {
            throw new BackupException(
                    "there is no table '" + options.table().get() + "' in this cluster; 'aitta table list' shows all");
        }
        return new Begun(topology.getClusterId(), started, options.full(), tables);
    }

    /** Not of the cluster itself: those begin with an underscore. */
    private static boolean isOfUsers(Table table) {
        return !table.getName().startsWith("_");
    }

    private Manifest copy(Path partial, Begun begun) throws IOException {
        int number = BackupDirectory.numberOf(partial);
        var earlier = begun.full() ? List.<Manifest>of() : directory.manifests();
        var tables = present(begun);
        var tasks = new ArrayList<Task>();
        tables.forEach(table ->
                IntStream.range(0, table.getPartitions()).forEach(partition -> tasks.add(new Task(table, partition))));
        progress.begin(tasks.size());
        Map<String, List<PartitionFile>> files = new TreeMap<>();
        var pool = Executors.newFixedThreadPool(PARALLEL, work -> {
            var thread = new Thread(work, "aitta-backup");
            thread.setDaemon(true);
            return thread;
        });
        try {
            var results = new ArrayList<Future<PartitionFile>>();
            tasks.forEach(task -> results.add(pool.submit(() -> file(partial, task, earlier))));
            for (int i = 0; i < tasks.size(); i++) {
                files.computeIfAbsent(tasks.get(i).table().getName(), name -> new ArrayList<>())
                        .add(await(results.get(i)));
            }
        } finally {
            copies.stop();
            end(pool);
        }
        var manifest = new Manifest(
                number,
                begun.clusterId(),
                begun.startedMillis(),
                clock.millis(),
                tables.stream()
                        .map(table -> TableBackup.of(table, files.getOrDefault(table.getName(), List.of())))
                        .toList());
        directory.complete(partial, manifest);
        return manifest;
    }

    /** The tables that the backup was begun with, as they are now. */
    private List<Table> present(Begun begun) {
        var topology = source.topology();
        if (!topology.getClusterId().equals(begun.clusterId())) {
            throw new BackupException("the backup was begun of cluster " + begun.clusterId() + ", and this is cluster "
                    + topology.getClusterId() + "; --discard begins a new one");
        }
        return begun.tables().stream()
                .map(wanted -> topology.getTablesList().stream()
                        .filter(table ->
                                table.getName().equals(wanted.name()) && table.getCreatedEpoch() == wanted.epoch())
                        .findFirst()
                        .orElseThrow(() -> new BackupException("the table '" + wanted.name()
                                + "' was dropped after the backup was begun; --discard begins a new one")))
                .toList();
    }

    /** What was there already, if it is whole, or what is read now. */
    private PartitionFile file(Path partial, Task task, List<Manifest> earlier) throws IOException {
        Table table = task.table();
        Path file = partial.resolve(Manifest.fileName(table.getName(), table.getCreatedEpoch(), task.partition()));
        if (Files.exists(file)) {
            return progress.partition(PieceFiles.summary(file, after -> baseOf(earlier, task, after)));
        }
        var base = earlier.stream()
                .filter(manifest -> fileOf(manifest, task).isPresent())
                .max(Comparator.comparingInt(Manifest::number));
        var after = base.flatMap(manifest -> fileOf(manifest, task)).map(of -> of.position(table.getCreatedEpoch()));
        return progress.partition(copies.copy(
                table, task.partition(), after, base.map(Manifest::number).orElse(0), file));
    }

    private static Optional<PartitionFile> fileOf(Manifest manifest, Task task) {
        return manifest.table(task.table().getName(), task.table().getCreatedEpoch())
                .map(table -> table.files().get(task.partition()));
    }

    /** Which backup ends where the changes of a file begin. */
    private static int baseOf(List<Manifest> earlier, Task task, long afterIndex) {
        return earlier.stream()
                .filter(manifest -> fileOf(manifest, task)
                        .filter(file -> file.index() == afterIndex)
                        .isPresent())
                .mapToInt(Manifest::number)
                .max()
                .orElseThrow(() -> new BackupException(
                        "what was begun goes on from a backup that is not here any more; --discard begins a new one"));
    }

    /** Nothing is written any more when the directory is unlocked. */
    private static void end(ExecutorService pool) {
        pool.shutdownNow();
        try {
            if (!pool.awaitTermination(30, TimeUnit.SECONDS)) {
                throw new IllegalStateException("a partition is still being read 30 s after it was told to end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static PartitionFile await(Future<PartitionFile> result) throws IOException {
        try {
            return result.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BackupException("interrupted", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        }
    }
}
