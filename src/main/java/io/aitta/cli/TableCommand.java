package io.aitta.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aitta.client.AittaException.Refused;
import io.aitta.proto.v1.ListTablesResponse;
import java.util.List;
import java.util.OptionalInt;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Heading of the commands about tables. */
@Command(
        name = "table",
        description = "Makes, alters, shows and drops tables.",
        subcommands = {
            TableCommand.CreateCommand.class,
            TableCommand.AlterCommand.class,
            TableCommand.ListCommand.class,
            TableCommand.DescribeCommand.class,
            TableCommand.DropCommand.class,
            TableSetReplicasCommand.class,
            TableSetLearnersCommand.class
        })
final class TableCommand extends Heading {
    /** Makes a table. */
    @Command(
            name = "create",
            description = {
                "Makes a table.",
                "",
                "Returns once every partition of it takes writes, or with a warning that some do not yet. The number"
                        + " of partitions is fixed for good; take several for each node there may ever be."
            },
            footer = {
                "",
                "JSON: {\"epoch\",\"table\":{..},\"partitions_not_ready\"}, the table as in 'table list'",
                "",
                "Examples:",
                "  aitta table create users",
                "  aitta table create events --partitions 64 --replicas 3 --default-ttl 30d",
                "  aitta table create cache --default-consistency eventual --max-value-size 64KiB"
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

        @Mixin
        private TableOptionsMixin options;

        @Override
        public Integer call() {
            var answer = admin().createTable(name, optional(partitions), optional(replicas), options.options());
            var json = Answers.object().put("epoch", answer.getEpoch());
            json.set("table", TopologyReport.table(answer.getTable()));
            answer(
                    "table " + name + " created: " + answer.getTable().getPartitions() + " partitions, "
                            + answer.getTable().getReplicas() + " replicas, epoch " + answer.getEpoch(),
                    json.put("partitions_not_ready", answer.getPartitionsNotReady()));
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

    /** Changes a table's options. */
    @Command(
            name = "alter",
            description = {
                "Changes options of a table.",
                "",
                "What is not given stays as it is. Values that are there keep the time to live they have. The number"
                        + " of partitions is fixed for good; replicas are changed by 'aitta table set-replicas'."
            },
            footer = {
                "",
                "JSON: {\"epoch\",\"table\":{..}}, the table as in 'table list'",
                "",
                "Examples:",
                "  aitta table alter events --default-ttl 7d",
                "  aitta table alter events --default-ttl never --default-consistency session"
            })
    static final class AlterCommand extends ClusterCommand {
        @Parameters(paramLabel = "TABLE", description = "The table.")
        private String name;

        @Mixin
        private TableOptionsMixin options;

        @Override
        public Integer call() {
            if (!options.isGiven()) {
                throw CommandFailed.badInput(
                        "nothing to change; give --default-ttl, --default-consistency or --max-value-size");
            }
            try {
                var answer = admin().alterTable(name, options.options());
                var json = Answers.object().put("epoch", answer.getEpoch());
                json.set("table", TopologyReport.table(answer.getTable()));
                return answer("table " + name + " altered, epoch " + answer.getEpoch(), json);
            } catch (Refused e) {
                throw orNotFound(e);
            }
        }
    }

    /** Prints the tables. */
    @Command(
            name = "list",
            description = {
                "Prints every table.",
                "",
                "CREATED is the epoch in which it was made, LEARNERS the asynchronous copies that are wanted in each"
                        + " zone, SHORT the number of partitions that have fewer voters than wanted."
            },
            footer = {
                "",
                "JSON: {\"epoch\",\"tables\":[{\"name\",\"partitions\",\"replicas\",\"created_epoch\",",
                "       \"options\":{\"default_time_to_live_millis\",",
                "       \"default_read_consistency\":\"strong\"|\"session\"|\"eventual\",\"max_value_bytes\"},",
                "       \"learners\":{ZONE:N},\"under_replicated\"}]}",
                "      0 is: never expires, the cluster's limit",
                "",
                "Examples:",
                "  aitta table list",
                "  aitta -o json table list | jq -r '.tables[].name'"
            })
    static final class ListCommand extends ListingCommand<ListTablesResponse> {
        @Override
        ListTablesResponse ask() {
            return admin().listTables();
        }

        @Override
        long epoch(ListTablesResponse answer) {
            return answer.getEpoch();
        }

        @Override
        String text(ListTablesResponse answer) {
            return TopologyReport.tables(answer.getTablesList());
        }

        @Override
        void put(ObjectNode json, ListTablesResponse answer) {
            TopologyReport.putTables(json, answer.getTablesList());
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
        @Parameters(paramLabel = "TABLE", description = "The table.")
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
        @Parameters(paramLabel = "TABLE", description = "The table.")
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
                return answer(
                        "table " + name + " dropped, epoch " + answer.getEpoch(),
                        Answers.object().put("epoch", answer.getEpoch()));
            } catch (Refused e) {
                throw orNotFound(e);
            }
        }
    }

    /** To a command about a table the table is what a key is to {@code get}: that it does not exist is exit code 1. */
    static RuntimeException orNotFound(Refused e) {
        return e.kind() == Refused.Kind.NOT_FOUND ? new CommandFailed(ExitStatus.NOT_FOUND, Cli.describe(e)) : e;
    }
}
