package io.aitta.cli;

import io.aitta.backup.BackupDirectory;
import io.aitta.backup.BackupException;
import io.aitta.backup.Restore;
import io.aitta.backup.RestoreTarget;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Brings tables back from a backup. */
@Command(
        name = "restore",
        description = {
            "Writes the tables of a backup, or one, into the cluster.",
            "",
            "It may be another cluster, with other partition counts. Tables that are not there are made, with the options "
                    + "they had; one that is there and has data is refused unless --overwrite says that it may be lost. "
                    + "Keys keep the time at which they expire; those whose time is over are left out.",
            "",
            "First all files that are needed are verified; nothing is written if one is damaged."
        },
        footer = {
            "",
            "JSON: {\"number\",\"rows\",\"bytes\",\"expired\",\"millis\",\"tables\":[{\"table\",\"as\",\"partitions\","
                    + "\"replicas\",\"replicas_before\"}]}",
            "",
            "Examples:",
            "  aitta restore /backups/shop",
            "  aitta restore /backups/shop --table users --as users-of-monday --until 3",
            "  aitta restore /backups/shop --table users --as users2 --until 2026-11-20T10:15:00Z",
            "  aitta restore /backups/shop --table users --overwrite"
        })
final class RestoreCommand extends OrderCommand {
    @Parameters(paramLabel = "DIR", description = "Where the backups are.")
    private Path directory;

    @Option(names = "--as", paramLabel = "NAME", description = "What the table is to be called; with --table.")
    private String as;

    @Option(
            names = "--until",
            paramLabel = "TIME|NUMBER",
            description =
                    "As it was at a time, such as 2026-11-20T10:15:00Z, if changes up to then are in the backups; or "
                            + "as a backup holds it, by its number (default: the newest backup).")
    private String until;

    @Option(
            names = "--partitions",
            paramLabel = "N",
            description = "Of tables that are made: 1 to 4096 (default: as many as they had).")
    private Integer partitions;

    @Option(names = "--overwrite", description = "Remove the data of tables that are there.")
    private boolean overwrite;

    @Option(names = "--progress", description = "Tell on stderr how far it is, also when not at a terminal.")
    private boolean progress;

    @Override
    int order() {
        if (as != null && namedTable(null).isEmpty()) {
            throw CommandFailed.badInput("--as goes with --table: say which table is to be called so");
        }
        if (partitions != null && (partitions < 1 || partitions > 4_096)) {
            throw CommandFailed.badInput("--partitions is 1 to 4096, not " + partitions);
        }
        boolean isNumber = until != null && until.matches("\\d{1,6}");
        var options = new Restore.Options(
                namedTable(null),
                Optional.ofNullable(as),
                isNumber ? OptionalInt.of(Integer.parseInt(until)) : OptionalInt.empty(),
                until == null || isNumber ? OptionalLong.empty() : OptionalLong.of(millis(until)),
                partitions == null ? OptionalInt.empty() : OptionalInt.of(partitions),
                overwrite);
        var shown = new TransferProgress(
                surroundings().err(),
                progress || surroundings().terminal(),
                surroundings().terminal());
        var restore = new Restore(
                new BackupDirectory(directory),
                RestoreTarget.of(client(), common().timeout()),
                options,
                now -> shown.tell(
                        now.rows(),
                        now.bytes(),
                        OptionalLong.of(now.partitionsDone() * 100L / Math.max(1, now.partitions()))));
        long begun = System.nanoTime();
        try (var interrupts = Interrupts.tell(restore::stop)) {
            var result = restore.run();
            shown.end(result.rows(), result.bytes());
            return tell(result, Duration.ofNanos(System.nanoTime() - begun));
        } catch (BackupException | IOException e) {
            throw BackupCommand.failed(e);
        }
    }

    private static long millis(String time) {
        try {
            return Instant.parse(time).toEpochMilli();
        } catch (DateTimeParseException e) {
            throw CommandFailed.badInput(
                    "--until is a time in UTC, such as 2026-11-20T10:15:00Z, or the number of a backup, " + "not "
                            + Values.quoted(time));
        }
    }

    private int tell(Restore.Result result, Duration took) {
        var json = Answers.object()
                .put("number", result.number())
                .put("rows", result.rows())
                .put("bytes", result.bytes())
                .put("expired", result.expired())
                .put("millis", took.toMillis());
        var tables = json.putArray("tables");
        for (var table : result.tables()) {
            tables.addObject()
                    .put("table", table.table())
                    .put("as", table.as())
                    .put("partitions", table.partitions())
                    .put("replicas", table.replicas())
                    .put("replicas_before", table.replicasBefore());
            if (table.replicas() < table.replicasBefore()) {
                complain("table " + Values.quoted(table.as()) + " has " + table.replicas() + " replicas here, it had "
                        + table.replicasBefore() + "; 'aitta table set-replicas' changes that");
            }
        }
        return answer(
                "restored " + result.rows() + " keys, " + Sizes.about(result.bytes()) + ", of "
                        + BackupCommand.counted(result.tables().size(), "table") + " from backup " + result.number()
                        + (result.expired() > 0 ? ", left out " + result.expired() + " expired" : "") + ", in "
                        + Times.shown(took),
                json);
    }
}
