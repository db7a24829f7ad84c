package io.aitta.cli;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Has a partition go on without its majority. */
@Command(
        name = "recover",
        description = {
            "Has a partition go on with the survivors alone when its majority is gone for good.",
            "",
            "UNSAFE: what only the lost replicas had is lost for ever, also writes that were acknowledged. While there"
                    + " is hope that one of them comes back with its disk, wait: a majority is all that is needed, and"
                    + " EVENTUAL reads go on meanwhile. Lost nodes that come back later are emptied.",
            "",
            "The replicas are shown first; then it is asked twice. What was done is recorded in the topology's"
                    + " history: 'aitta query --diff'. Refused with RECOVERY_NOT_NEEDED if there is a majority."
        },
        footer = {
            "",
            "JSON: {\"epoch\"}",
            "",
            "Examples:",
            "  aitta partition recover users 3 --unsafe",
            "  aitta partition recover users 3 --unsafe --survivor n2 --yes-i-accept-loss"
        })
final class PartitionRecoverCommand extends OrderCommand {
    @Parameters(index = "0", paramLabel = "TABLE", description = "The table.")
    private String table;

    @Parameters(index = "1", paramLabel = "PARTITION", description = "Its number, from 0.")
    private int partition;

    @Option(names = "--unsafe", description = "Required: there is no safe way.")
    private boolean unsafe;

    @Option(
            names = "--survivor",
            paramLabel = "NODE",
            description = "Who goes on; may be repeated (default: the one that has the most of the log).")
    private List<String> survivors = List.of();

    @Option(names = "--yes-i-accept-loss", description = "Do not ask; for scripts.")
    private boolean accepted;

    @Override
    int order() {
        String name = table + "/" + partition;
        if (!unsafe) {
            throw CommandFailed.badInput("writes of " + Values.quoted(name)
                    + " that only the lost replicas had would be lost for ever; add --unsafe if that is what you want");
        }
        if (!accepted) {
            surroundings()
                    .err()
                    .print(PartitionCommand.text(admin().partitions().describe(table, partition)));
            String who =
                    survivors.isEmpty() ? "the replica that has the most of the log" : String.join(" and ", survivors);
            confirm(
                    name + " would go on with " + who + " alone. Are the others gone for good?",
                    "yes",
                    "--yes-i-accept-loss");
            confirm("Writes that only they had are lost then, acknowledged or not.", name, "--yes-i-accept-loss");
        }
        return ordered(
                "partition " + name + " goes on with the survivors",
                admin().partitions().recoverAcceptingLoss(table, partition, survivors));
    }
}
