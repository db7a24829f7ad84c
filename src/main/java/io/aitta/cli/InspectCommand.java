package io.aitta.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aitta.inspect.BinlogReport;
import io.aitta.inspect.EntryDump;
import io.aitta.inspect.Inspection;
import io.aitta.inspect.InspectionException;
import io.aitta.inspect.Problem;
import io.aitta.inspect.StoppedNode;
import io.aitta.inspect.StoreReport;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Heading of the commands that look at the data of a node that is not running. */
@Command(
        name = "inspect",
        description = "Looks at the data of a node that is not running, and names what is damaged.",
        subcommands = {InspectCommand.BinlogCommand.class, InspectCommand.StoreCommand.class})
final class InspectCommand extends Heading {
    /** What both have in common. */
    abstract static class OfDirectory extends ClusterCommand {
        @Parameters(
                paramLabel = "DIR",
                description = "The data directory of a node that is not running, or its journal or store alone.")
        private Path directory;

        @Override
        public Integer call() {
            try (var node = StoppedNode.open(directory)) {
                return inspect(node) ? ExitStatus.DONE : ExitStatus.NOT_FOUND;
            } catch (InspectionException e) {
                throw new CommandFailed(
                        e.isInUse() ? ExitStatus.REFUSED_OR_UNAVAILABLE : ExitStatus.BAD_INPUT, e.getMessage());
            }
        }

        /** @return whether all is sound */
        abstract boolean inspect(StoppedNode node);

        final void tell(List<Problem> problems, long leftOut) {
            for (Problem problem : problems) {
                answers()
                        .line("damaged: "
                                + (problem.partition().isEmpty() ? "" : problem.partition() + ", ")
                                + problem.where() + ": " + problem.what());
            }
            if (leftOut > 0) {
                answers().line("and " + leftOut + " more");
            }
        }

        static void add(ObjectNode json, List<Problem> problems) {
            ArrayNode array = json.putArray("problems");
            for (Problem problem : problems) {
                array.addObject()
                        .put("partition", problem.partition())
                        .put("where", problem.where())
                        .put("what", problem.what());
            }
        }
    }

    /** Reads the binlogs. */
    @Command(
            name = "binlog",
            description = {
                "Reads the binlogs of a node that is not running, and names what is damaged.",
                "",
                "Read are the file's own checksums, then every row: its checksum, its record version, whether it follows"
                        + " from those before it, and whether the log holds what the store has applied. Nothing is written."
                        + " Exit code 0 if all is sound, 1 if not, 3 if a running node uses the directory.",
                "",
                "With --partition or --from the entries are printed too, values by their sizes only.",
                "",
                "A binlog in PostgreSQL is not looked at: it has its own tools and checksums."
            },
            footer = {
                "",
                "JSON: {\"sound\",\"binlogs\":[{\"partition\",\"rows\",\"log_last\",..}],\"problems\":[{\"partition\",\"where\",\"what\"}],",
                "      \"entries\":[{\"partition\",\"row\",\"index\",\"term\",\"kind\",\"what\":[..]}]}",
                "",
                "Examples:",
                "  aitta inspect binlog /var/lib/aitta",
                "  aitta inspect binlog /var/lib/aitta --partition users/3 --from 1000 --limit 50"
            })
    static final class BinlogCommand extends OfDirectory {
        private static final int MOST_ENTRIES = 100_000;

        @Option(names = "--partition", paramLabel = "TABLE/N", description = "Only this one, with its entries.")
        private String partition;

        @Option(names = "--from", paramLabel = "INDEX", description = "Print entries from this log index on.")
        private Long from;

        @Option(
                names = "--limit",
                paramLabel = "N",
                description = "Print at most so many entries (default: 100); 1 to 100000.")
        private int limit = 100;

        @Override
        boolean inspect(StoppedNode node) {
            if (limit < 1 || limit > MOST_ENTRIES) {
                throw CommandFailed.badInput("--limit must be 1 to " + MOST_ENTRIES + ", not " + limit);
            }
            boolean dumps = partition != null || from != null;
            var entries = new ArrayList<EntryDump>();
            var found = Inspection.binlogs(node, Optional.ofNullable(partition), entry -> {
                if (dumps && entries.size() < limit && entry.index() >= (from == null ? 0 : from)) {
                    entries.add(entry);
                }
            });
            if (partition != null
                    && found.reports().isEmpty()
                    && found.problems().isEmpty()) {
                throw new CommandFailed(
                        ExitStatus.NOT_FOUND, "there is no binlog of a partition " + Values.quoted(partition));
            }
            var problems = new ArrayList<>(found.problems());
            found.reports().forEach(report -> problems.addAll(report.problems()));
            if (json()) {
                answers().json(json(found.reports(), problems, entries));
            } else {
                answers().text(text(found.reports()));
                if (dumps) {
                    answers().text(dump(entries));
                }
                tell(problems, 0);
                if (problems.isEmpty()) {
                    answers().line("sound: " + found.reports().size() + " binlogs");
                }
            }
            return problems.isEmpty();
        }

        private static String text(List<BinlogReport> reports) {
            var table = new TextTable("PARTITION", "ROWS", "BYTES", "FROM ROW", "TO ROW", "LOG", "TERM", "APPLIED");
            for (BinlogReport report : reports) {
                table.row(
                        report.partition(),
                        report.rows(),
                        report.bytes(),
                        report.firstRow(),
                        report.lastRow(),
                        (report.logBase() + 1) + ".." + report.logLast(),
                        report.term(),
                        report.applied() < 0 ? "-" : report.applied());
            }
            return table.toString();
        }

        private static String dump(List<EntryDump> entries) {
            var table = new TextTable("ROW", "INDEX", "TERM", "KIND", "WHAT");
            for (EntryDump entry : entries) {
                table.row(
                        entry.row(),
                        entry.index() == 0 ? "-" : entry.index(),
                        entry.term(),
                        entry.kind(),
                        TopologyReport.orDash(String.join("; ", entry.what())));
            }
            return table.toString();
        }

        private static ObjectNode json(List<BinlogReport> reports, List<Problem> problems, List<EntryDump> entries) {
            ObjectNode json = Answers.object().put("sound", problems.isEmpty());
            ArrayNode binlogs = json.putArray("binlogs");
            for (BinlogReport report : reports) {
                binlogs.addObject()
                        .put("replica", report.replica())
                        .put("partition", report.partition())
                        .put("rows", report.rows())
                        .put("bytes", report.bytes())
                        .put("first_row", report.firstRow())
                        .put("last_row", report.lastRow())
                        .put("checkpoint_row", report.checkpointRow())
                        .put("log_base", report.logBase())
                        .put("log_last", report.logLast())
                        .put("term", report.term())
                        .put("checkpoint", report.checkpoint())
                        .put("applied", report.applied());
            }
            add(json, problems);
            ArrayNode dumped = json.putArray("entries");
            for (EntryDump entry : entries) {
                ObjectNode one = dumped.addObject()
                        .put("partition", entry.partition())
                        .put("row", entry.row())
                        .put("index", entry.index())
                        .put("term", entry.term())
                        .put("kind", entry.kind());
                entry.what().forEach(one.putArray("what")::add);
            }
            return json;
        }
    }

    /** Reads the store. */
    @Command(
            name = "store",
            description = {
                "Reads the store of a node that is not running, and names what is damaged.",
                "",
                "Read are the checksums of all blocks, then every row: whether it decodes, its record version, that values are"
                        + " no newer than the mark says and, if they expire, are in the expiry index. Nothing is written."
                        + " Exit code 0 if all is sound, 1 if not, 3 if a running node uses the directory."
            },
            footer = {
                "",
                "JSON: {\"sound\",\"replicas\":[{\"partition\",\"applied\",\"values\",..}],\"problems\":[{\"partition\",\"where\",\"what\"}],",
                "      \"problems_left_out\"}",
                "",
                "Examples:",
                "  aitta inspect store /var/lib/aitta"
            })
    static final class StoreCommand extends OfDirectory {
        @Override
        boolean inspect(StoppedNode node) {
            StoreReport report = Inspection.store(node);
            if (json()) {
                answers().json(json(report));
            } else {
                answers().text(text(report));
                tell(report.problems(), report.problemsLeftOut());
                if (report.problems().isEmpty()) {
                    answers().line("sound: " + report.replicas().size() + " replicas");
                }
            }
            return report.problems().isEmpty();
        }

        private static String text(StoreReport report) {
            var table = new TextTable(
                    "PARTITION", "APPLIED", "TERM", "REVISION", "VALUES", "SESSIONS", "EXPIRY", "CHANGES", "BYTES");
            for (StoreReport.Replica replica : report.replicas()) {
                table.row(
                        replica.partition(),
                        replica.applied() < 0 ? "-" : replica.applied(),
                        replica.term(),
                        replica.revision(),
                        replica.values(),
                        replica.sessions(),
                        replica.expiry(),
                        replica.changes(),
                        replica.bytes());
            }
            return table.toString();
        }

        private static ObjectNode json(StoreReport report) {
            ObjectNode json = Answers.object().put("sound", report.problems().isEmpty());
            ArrayNode replicas = json.putArray("replicas");
            for (StoreReport.Replica replica : report.replicas()) {
                replicas.addObject()
                        .put("partition", replica.partition())
                        .put("applied", replica.applied())
                        .put("term", replica.term())
                        .put("revision", replica.revision())
                        .put("values", replica.values())
                        .put("sessions", replica.sessions())
                        .put("expiry", replica.expiry())
                        .put("changes", replica.changes())
                        .put("bytes", replica.bytes());
            }
            add(json, report.problems());
            return json.put("problems_left_out", report.problemsLeftOut());
        }
    }
}
