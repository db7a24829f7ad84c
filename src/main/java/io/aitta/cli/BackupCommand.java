package io.aitta.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aitta.backup.BackupCreate;
import io.aitta.backup.BackupDirectory;
import io.aitta.backup.BackupException;
import io.aitta.backup.BackupSource;
import io.aitta.backup.BackupVerify;
import io.aitta.backup.Manifest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Heading of the commands about backups. */
@Command(
        name = "backup",
        description = "Makes, verifies and shows backups.",
        subcommands = {
            BackupCommand.CreateCommand.class,
            BackupCommand.VerifyCommand.class,
            BackupCommand.ListCommand.class,
            BackupCommand.DescribeCommand.class
        })
final class BackupCommand extends Heading {
    /** Makes a backup. */
    @Command(
            name = "create",
            description = {
                "Backs up the tables of the cluster, or one, while it goes on.",
                "",
                "Every write that was acknowledged before the command began is in the backup; each partition is as of one "
                        + "moment, later ones later. The first backup in DIR holds everything, those after it what changed "
                        + "since, partition by partition, as far as the cluster still keeps that. If a node is lost "
                        + "meanwhile, the partitions it was reading are begun again with another one.",
                "",
                "A backup counts when all of it is on disk. One that was stopped or killed has to be gone on with "
                        + "(--resume) or removed (--discard) before the next."
            },
            footer = {
                "",
                "JSON: {\"directory\",\"number\",\"tables\",\"partitions\",\"whole_partitions\",\"events\",\"bytes\","
                        + "\"mark_millis\",\"millis\"}",
                "",
                "Examples:",
                "  aitta backup create /backups/shop",
                "  aitta backup create /backups/users --table users",
                "  aitta backup create /backups/shop --full",
                "  aitta backup create /backups/shop --resume"
            })
    static final class CreateCommand extends OrderCommand {
        @Parameters(paramLabel = "DIR", description = "Where the backups of this cluster are.")
        private Path directory;

        @Option(names = "--full", description = "All of it, whatever earlier backups hold.")
        private boolean full;

        @Option(names = "--resume", description = "Go on with the backup that was interrupted, if there is one.")
        private boolean resume;

        @Option(names = "--discard", description = "Remove what was interrupted, and begin anew.")
        private boolean discard;

        @Option(names = "--progress", description = "Tell on stderr how far it is, also when not at a terminal.")
        private boolean progress;

        @Override
        int order() {
            if (resume && discard) {
                throw CommandFailed.badInput("give --resume or --discard, not both");
            }
            var place = new BackupDirectory(directory);
            var shown = new TransferProgress(
                    surroundings().err(),
                    progress || surroundings().terminal(),
                    surroundings().terminal());
            var create = new BackupCreate(
                    place,
                    BackupSource.of(client()),
                    new BackupCreate.Options(namedTable(null), full, resume, discard),
                    now -> shown.tell(
                            now.events(),
                            now.bytes(),
                            OptionalLong.of(now.partitionsDone() * 100L / Math.max(1, now.partitions()))),
                    this::complain);
            long begun = System.nanoTime();
            try (var interrupts = Interrupts.tell(create::stop)) {
                var made = create.run();
                shown.end(made.events(), made.bytes());
                return tell(place, made, Duration.ofNanos(System.nanoTime() - begun));
            } catch (BackupException | IOException e) {
                throw failed(e);
            }
        }

        private int tell(BackupDirectory place, Manifest made, Duration took) {
            String what = made.whole() ? "keys" : "keys and changes";
            return answer(
                    "backup " + made.number() + " of " + counted(made.tables().size(), "table") + ": " + made.events()
                            + " "
                            + what + ", " + Sizes.about(made.bytes()) + ", all written before "
                            + Instant.ofEpochMilli(made.startedMillis()) + ", in " + Times.shown(took),
                    summary(made).put("directory", place.root().toString()).put("millis", took.toMillis()));
        }
    }

    /** Looks whether backups are as they were written. */
    @Command(
            name = "verify",
            description = {
                "Reads all backups of a directory, and says what is damaged or missing.",
                "",
                "Exit code 3 if anything is. No cluster is needed."
            },
            footer = {
                "",
                "JSON: {\"backups\",\"files\",\"bytes\",\"problems\":[..],\"interrupted\"}; interrupted is true if a backup "
                        + "was begun and not ended",
                "",
                "Examples:",
                "  aitta backup verify /backups/shop"
            })
    static final class VerifyCommand extends ClusterCommand {
        @Parameters(paramLabel = "DIR", description = "Where the backups are.")
        private Path directory;

        @Option(names = "--progress", description = "Tell on stderr how far it is, also when not at a terminal.")
        private boolean progress;

        @Override
        public Integer call() {
            var shown = new TransferProgress(
                    surroundings().err(),
                    progress || surroundings().terminal(),
                    surroundings().terminal());
            try {
                var place = new BackupDirectory(directory);
                int[] files = new int[1];
                var report =
                        new BackupVerify(place, bytes -> shown.tell(++files[0], bytes, OptionalLong.empty())).run();
                if (report.backups() == 0 && report.problems().isEmpty()) {
                    throw CommandFailed.badInput("there is no whole backup in " + Values.quoted(directory.toString()));
                }
                var interrupted = place.interrupted();
                interrupted.ifPresent(partial ->
                        complain(Values.quoted(partial.toString()) + " was begun and not ended; it is not a backup"));
                report.problems().forEach(this::complain);
                var json = Answers.object()
                        .put("backups", report.backups())
                        .put("files", report.files())
                        .put("bytes", report.bytes());
                report.problems().forEach(json.putArray("problems")::add);
                answer(
                        counted(report.backups(), "backup") + ", " + counted(report.files(), "file") + ", "
                                + Sizes.about(report.bytes()) + ": "
                                + (report.problems().isEmpty()
                                        ? "all as written"
                                        : counted(report.problems().size(), "problem")),
                        json.put("interrupted", interrupted.isPresent()));
                return report.problems().isEmpty() ? ExitStatus.DONE : ExitStatus.REFUSED_OR_UNAVAILABLE;
            } catch (BackupException | IOException e) {
                throw failed(e);
            }
        }
    }

    /** Lists backups. */
    @Command(
            name = "list",
            description = {"Lists the backups of a directory.", "", "No cluster is needed."},
            footer = {
                "",
                "JSON: {\"backups\":[{\"number\",\"tables\",\"partitions\",\"whole_partitions\",\"events\",\"bytes\","
                        + "\"mark_millis\"}]}",
                "",
                "Examples:",
                "  aitta backup list /backups/shop"
            })
    static final class ListCommand extends ClusterCommand {
        @Parameters(paramLabel = "DIR", description = "Where the backups are.")
        private Path directory;

        @Override
        public Integer call() {
            try {
                var json = Answers.object();
                var all = json.putArray("backups");
                var text = new TextTable("NUMBER", "MARK", "KIND", "TABLES", "EVENTS", "SIZE");
                for (var manifest : new BackupDirectory(directory).manifests()) {
                    all.add(summary(manifest));
                    text.row(
                            manifest.number(),
                            Instant.ofEpochMilli(manifest.startedMillis()),
                            manifest.whole() ? "whole" : "changes",
                            manifest.tables().size(),
                            manifest.events(),
                            Sizes.about(manifest.bytes()));
                }
                if (json()) {
                    answers().json(json);
                } else {
                    answers().text(text.toString());
                }
                return ExitStatus.DONE;
            } catch (BackupException | IOException e) {
                throw failed(e);
            }
        }
    }

    /** Shows what a backup holds. */
    @Command(
            name = "describe",
            description = {"Shows what a backup holds, table by table.", "", "No cluster is needed."},
            footer = {
                "",
                "JSON: {\"number\",\"cluster\",..as in 'backup list'..,\"tables\":[{\"name\",\"epoch\",\"partitions\","
                        + "\"replicas\",\"events\",\"bytes\",\"files\":[{\"partition\",\"base\",\"after_index\",\"index\","
                        + "\"timestamp_millis\",\"events\",\"bytes\",\"crc32c\"}]}]}; base 0: the file holds everything",
                "",
                "Examples:",
                "  aitta backup describe /backups/shop",
                "  aitta -o json backup describe /backups/shop 2"
            })
    static final class DescribeCommand extends ClusterCommand {
        @Parameters(index = "0", paramLabel = "DIR", description = "Where the backups are.")
        private Path directory;

        @Parameters(
                index = "1",
                arity = "0..1",
                paramLabel = "NUMBER",
                description = "Of the backup, as 'backup list' has it (default: the newest).")
        private Integer number;

        @Override
        public Integer call() {
            try {
                var place = new BackupDirectory(directory);
                var numbers = place.numbers();
                if (numbers.isEmpty() || number != null && !numbers.contains(number)) {
                    throw new CommandFailed(
                            ExitStatus.NOT_FOUND,
                            "there is no " + (number == null ? "whole backup" : "backup " + number) + " in "
                                    + Values.quoted(directory.toString()));
                }
                describe(place.manifest(number != null ? number : numbers.get(numbers.size() - 1)));
                return ExitStatus.DONE;
            } catch (BackupException | IOException e) {
                throw failed(e);
            }
        }

        private void describe(Manifest manifest) {
            var json = summary(manifest).put("cluster", manifest.clusterId());
            var tables = json.putArray("tables");
            var text = new TextTable("TABLE", "PARTITIONS", "WHOLE", "REPLICAS", "EVENTS", "SIZE");
            for (var table : manifest.tables()) {
                var one = tables.addObject()
                        .put("name", table.name())
                        .put("epoch", table.epoch())
                        .put("partitions", table.partitions())
                        .put("replicas", table.replicas())
                        .put("events", table.events())
                        .put("bytes", table.bytes());
                var files = one.putArray("files");
                table.files().forEach(file -> files.addObject()
                        .put("partition", file.partition())
                        .put("base", file.base())
                        .put("after_index", file.afterIndex())
                        .put("index", file.index())
                        .put("timestamp_millis", file.timestampMillis())
                        .put("events", file.events())
                        .put("bytes", file.bytes())
                        .put("crc32c", file.crc32c()));
                text.row(
                        table.name(),
                        table.partitions(),
                        table.files().stream()
                                .filter(Manifest.PartitionFile::whole)
                                .count(),
                        table.replicas(),
                        table.events(),
                        Sizes.about(table.bytes()));
            }
            if (json()) {
                answers().json(json);
                return;
            }
            answers()
                    .line("backup " + manifest.number() + " of cluster " + manifest.clusterId()
                            + ": everything written before " + Instant.ofEpochMilli(manifest.startedMillis()));
            answers().text(text.toString());
        }
    }

    static ObjectNode summary(Manifest manifest) {
        var files = manifest.tables().stream()
                .flatMap(table -> table.files().stream())
                .toList();
        return Answers.object()
                .put("number", manifest.number())
                .put("tables", manifest.tables().size())
                .put("partitions", files.size())
                .put(
                        "whole_partitions",
                        files.stream().filter(Manifest.PartitionFile::whole).count())
                .put("events", manifest.events())
                .put("bytes", manifest.bytes())
                .put("mark_millis", manifest.startedMillis());
    }

    static String counted(long count, String what) {
        return count + " " + what + (count == 1 ? "" : "s");
    }

    /** What the files do not give, or the cluster refuses: nothing of it has happened, or it can be done again. */
    static CommandFailed failed(Exception failure) {
        return new CommandFailed(
                ExitStatus.REFUSED_OR_UNAVAILABLE,
                failure instanceof BackupException ? failure.getMessage() : "the files: " + failure.getMessage());
    }
}
