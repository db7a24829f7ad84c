package io.aitta.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Makes another replica the primary. */
@Command(
        name = "transfer-primary",
        description = {
            "Makes the replica on a node the partition's primary.",
            "",
            "It is preferred from then on: after a failover the role returns to it. Returns when it is primary;"
                    + " requests wait for some milliseconds meanwhile. If that takes longer than --timeout, the exit code"
                    + " is 1, and it goes on."
        },
        footer = {"", "JSON: {\"epoch\",\"done\"}", "", "Examples:", "  aitta transfer-primary users 3 n2"})
final class TransferPrimaryCommand extends OrderCommand {
    @Parameters(index = "0", paramLabel = "TABLE", description = "The table.")
    private String table;

    @Parameters(index = "1", paramLabel = "PARTITION", description = "Its number, from 0.")
    private int partition;

    @Parameters(index = "2", paramLabel = "NODE", description = "The node; it holds a replica with a vote.")
    private String node;

    @Override
    int order() {
        var answer = admin().partitions().transferPrimary(table, partition, node);
        var json = Answers.object().put("epoch", answer.getEpoch()).put("done", answer.getDone());
        String who = "node " + node + " is primary of " + table + "/" + partition;
        if (answer.getDone()) {
            return answer(who + ", epoch " + answer.getEpoch(), json);
        }
        if (json()) {
            answers().json(json);
        }
        complain("not done within " + Times.shown(common().timeout()) + ", but it goes on; 'aitta partition describe "
                + table + " " + partition + "' shows when it is");
        return ExitStatus.NOT_FOUND;
    }
}
