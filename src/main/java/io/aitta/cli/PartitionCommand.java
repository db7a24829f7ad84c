package io.aitta.cli;

import io.aitta.proto.v1.DescribePartitionResponse;
import io.aitta.proto.v1.ListPartitionsResponse;
import io.aitta.proto.v1.Partition;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Heading of the commands about partitions. */
@Command(
        name = "partition",
        description = "Shows the partitions of tables, and recovers those that have lost their majority.",
        subcommands = {
            PartitionCommand.ListCommand.class,
            PartitionCommand.DescribeCommand.class,
            PartitionRecoverCommand.class
        })
final class PartitionCommand extends Heading {
    /** Prints the partitions. */
    @Command(
            name = "list",
            description = {
                "Prints which node holds each partition in which role, of one table or of all.",
                "",
                "With --live, as the nodes tell it now: the partition's state (active, slowdown: writers are throttled"
                        + " for a replica that catches up, stuck: the primary's role is being handed over, no primary),"
                        + " the primary's last log index, and each other replica with the entries it lacks, such as 'n3"
                        + " -12'; 'silent' if its node did not answer, 'failed', or 'copying'; a learner in brackets."
            },
            footer = {
                "",
                "JSON: {\"epoch\",\"partitions\":[{\"table\",\"partition\",\"term\",",
                "       \"replicas\":[{\"node\",\"role\":\"primary\"|\"secondary\"|\"learner\"}],",
                "       \"replicas_wanted\",\"migration\"}]}, migration 0: none; with --live also",
                "       \"state\":\"active\"|\"slowdown\"|\"stuck\"|\"no_primary\" and for each replica",
                "       \"known\",\"term\",\"log_index\",\"applied_index\",\"lag\",\"failed\",\"copying\"",
                "",
                "Examples:",
                "  aitta partition list",
                "  aitta partition list users --live",
                "  aitta partition list --live --follow"
            })
    static final class ListCommand extends OrderCommand {
        @Parameters(
                arity = "0..1",
                paramLabel = "TABLE",
                description = "Only the partitions of this table; --table says it too.")
        private String name;

        @Option(names = "--live", description = "With the state of each replica; at most 4096 partitions.")
        private boolean live;

        @Mixin
        private FollowMixin follow;

        @Override
        int order() {
            String table = namedTable(name).orElse("");
            return follow.print(this, () -> list(table));
        }

        private String list(String table) {
            ListPartitionsResponse answer = live ? admin().partitions().listLive(table) : admin().listPartitions(table);
            List<Partition> partitions = answer.getPartitionsList();
            if (json()) {
                var json = Answers.object().put("epoch", answer.getEpoch());
                if (live) {
                    LiveReport.putPartitions(json, partitions);
                } else {
                    TopologyReport.putPartitions(json, partitions);
                }
                return Answers.lineOf(json);
            }
            return live ? LiveReport.partitions(partitions) : TopologyReport.partitions(partitions);
        }
    }

    /** Prints one partition. */
    @Command(
            name = "describe",
            description = {
                "Prints a partition: its state, its replicas as their nodes tell it now, and what is in progress.",
                "",
                "The replicas stand in the order in which they are preferred as primary."
            },
            footer = {
                "",
                "JSON: {\"epoch\",\"partition\":{..},\"migration\":{..}|null}, as in 'partition list --live' and",
                "      'migrations'",
                "",
                "Examples:",
                "  aitta partition describe users 3",
                "  aitta -o json partition describe users 3 | jq -r .partition.state"
            })
    static final class DescribeCommand extends OrderCommand {
        @Parameters(index = "0", paramLabel = "TABLE", description = "The table.")
        private String table;

        @Parameters(index = "1", paramLabel = "PARTITION", description = "Its number, from 0.")
        private int partition;

        @Override
        int order() {
            return describe(this, admin().partitions().describe(table, partition));
        }
    }

    static int describe(ClusterCommand command, DescribePartitionResponse answer) {
        if (command.json()) {
            var json = Answers.object().put("epoch", answer.getEpoch());
            json.set("partition", LiveReport.json(answer.getPartition()));
            json.set("migration", answer.hasMigration() ? MovesReport.json(answer.getMigration()) : null);
            command.answers().json(json);
            return ExitStatus.DONE;
        }
        command.answers().text(text(answer));
        return ExitStatus.DONE;
    }

    static String text(DescribePartitionResponse answer) {
        Partition partition = answer.getPartition();
        return partition.getTable() + "/" + partition.getPartition() + ": " + LiveReport.state(partition) + ", term "
                + partition.getTerm() + ", " + partition.getReplicasWanted() + " voters wanted, epoch "
                + answer.getEpoch() + "\n\n" + LiveReport.replicas(partition)
                + (answer.hasMigration() ? "\n" + MovesReport.progress(List.of(answer.getMigration())) : "");
    }
}
