package io.aitta.cli;

import io.aitta.client.AittaException.Refused;
import java.util.List;
import java.util.OptionalInt;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Heading of the commands about tables. */
@Command(
        name = "table",
        description = "Makes, shows and drops tables.",
        subcommands = {
            TableCommand.CreateCommand.class,
            TableCommand.ListCommand.class,
            TableCommand.DescribeCommand.class,
            TableCommand.DropCommand.class
        })
final class TableCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), Cli.missingCommand(spec));
    }

    /** Makes a table. */
    @Command(
            name = "create",
            description = {
                "Makes a table.",
                "",
                "Returns once every partition of it takes writes, or with a warning that some do not yet. The number of "
                        + "partitions is fixed for good; take several for each node there may ever be."
            },
            footer = {
                "",
                "JSON: {\"epoch\",\"table\":{\"name\",\"partitions\",\"replicas\",\"created_epoch\"},\"partitions_not_ready\"}",
                "",
                "Examples:",
                "  aitta table create users",
                "  aitta table create events --partitions 64 --replicas 3"
            })
    static final class CreateCommand extends ClusterCommand {
        @Parameters(
                paramLabel = "NAME",
                description = "1 to 64 letters, digits, '-', '_' and '.', beginning with a letter or a digit.")
        private String name;

        @Option(names = "--partitions", paramLabel = "N", description = "1 to 4096 (default: the cluster's).")
        private Integer partitions;

        @Option(
                names = "--replicas",
                paramLabel = "R",
                description =
                        "Copies of each partition: 1 to 7, at most the number of nodes up (default: the cluster's).")
        private Integer replicas;

        @Override
        public Integer call() {
            var answer = admin().createTable(name, optional(partitions), optional(replicas));
            if (json()) {
                var json = Answers.object().put("epoch", answer.getEpoch());
                json.set("table", TopologyReport.table(answer.getTable()));
                answers().json(json.put("partitions_not_ready", answer.getPartitionsNotReady()));
            } else {
                answers()
                        .line("table " + name + " created: " + answer.getTable().getPartitions() + " partitions, "
                                + answer.getTable().getReplicas() + " replicas, epoch " + answer.getEpoch());
            }
            if (answer.getPartitionsNotReady() > 0) {
                complain("the table is made, but " + answer.getPartitionsNotReady()
                        + " of its partitions have no primary yet; 'aitta partition list " + name
                        + "' shows when they do");
            }
            return ExitStatus.DONE;
        }

        private static OptionalInt optional(Integer number) {
            return number == null ? OptionalInt.empty() : OptionalInt.of(number);
        }
    }

    /** Prints the tables. */
    @Command(
            name = "list",
            description = "Prints every table.",
            footer = {
                "",
                "JSON: {\"epoch\",\"tables\":[{\"name\",\"partitions\",\"replicas\",\"created_epoch\"}]}",
                "",
                "Examples:",
                "  aitta table list"
            })
    static final class ListCommand extends ClusterCommand {
        @Override
        public Integer call() {
            var answer = admin().listTables();
            if (json()) {
                var json = Answers.object().put("epoch", answer.getEpoch());
                TopologyReport.putTables(json, answer.getTablesList());
                answers().json(json);
            } else {
                answers().text(TopologyReport.tables(answer.getTablesList()));
            }
            return ExitStatus.DONE;
        }
    }

    /** Prints one table. */
    @Command(
            name = "describe",
            description = "Prints a table and which node holds each of its partitions in which role.",
            footer = {
                "",
                "JSON: {\"epoch\",\"table\":{..},\"partitions\":[..]}, as in 'table list' and 'partition list'",
                "",
                "Examples:",
                "  aitta table describe default"
            })
    static final class DescribeCommand extends ClusterCommand {
        @Parameters(paramLabel = "NAME", description = "The table.")
        private String name;

        @Override
        public Integer call() {
            try {
                var answer = admin().describeTable(name);
                if (json()) {
                    var json = Answers.object().put("epoch", answer.getEpoch());
                    json.set("table", TopologyReport.table(answer.getTable()));
                    TopologyReport.putPartitions(json, answer.getPartitionsList());
                    answers().json(json);
                } else {
                    answers().text(TopologyReport.tables(List.of(answer.getTable())));
                    answers().text("\n" + TopologyReport.partitions(answer.getPartitionsList()));
                }
                return ExitStatus.DONE;
            } catch (Refused e) {
                throw orNotFound(e);
            }
        }
    }

    /** Removes a table. */
    @Command(
            name = "drop",
            description = "Removes a table and all of its data on all nodes. This cannot be taken back.",
            footer = {"", "JSON: {\"epoch\"}", "", "Examples:", "  aitta table drop events --yes"})
    static final class DropCommand extends ClusterCommand {
        @Parameters(paramLabel = "NAME", description = "The table.")
        private String name;

        @Option(names = "--yes", description = "Required: says that the data is to be lost.")
        private boolean yes;

        @Override
        public Integer call() {
            if (!yes) {
                throw CommandFailed.badInput("this would remove table " + Values.quoted(name)
                        + " and all of its data for good; add --yes if that is what you want");
            }
            try {
                var answer = admin().dropTable(name);
                if (json()) {
                    answers().json(Answers.object().put("epoch", answer.getEpoch()));
                } else {
                    answers().line("table " + name + " dropped, epoch " + answer.getEpoch());
                }
                return ExitStatus.DONE;
            } catch (Refused e) {
                throw orNotFound(e);
            }
        }
    }

    /** To a command about a table the table is what a key is to {@code get}: that it does not exist is exit code 1. */
    private static RuntimeException orNotFound(Refused e) {
        return e.kind() == Refused.Kind.NOT_FOUND ? new CommandFailed(ExitStatus.NOT_FOUND, Cli.describe(e)) : e;
    }
}
