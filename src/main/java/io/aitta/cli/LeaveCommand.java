package io.aitta.cli;

import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Drains a node and removes it. */
@Command(
        name = "leave",
        description = {
            "Takes a node out of the cluster: moves everything off it, waits, and removes it.",
            "",
            "The same as 'aitta node drain NODE --wait' and then 'aitta node remove NODE'. The node's process can be"
                    + " stopped afterwards. If this is cut short, the node goes on being drained: run it again, or take it"
                    + " back by 'aitta node undrain'."
        },
        footer = {"", "JSON: {\"epoch\"}", "", "Examples:", "  aitta leave n2", "  aitta leave n2 --within 1h"})
final class LeaveCommand extends OrderCommand {
    @Parameters(paramLabel = "NODE", description = "The node.")
    private String node;

    @Option(
            names = "--within",
            paramLabel = "TIME",
            converter = TimeConverter.class,
            description = "Return with exit code 1 if the draining takes longer (default: as long as it takes).")
    private Duration within;

    @Override
    int order() {
        var drained = admin().nodes().drain(node, Optional.empty());
        await(Optional.ofNullable(within), new Draining(this, node, drained.getEpoch()));
        var answer = admin().nodes().remove(node);
        return answer(
                "node " + node + " has left, epoch " + answer.getEpoch(),
                Answers.object().put("epoch", answer.getEpoch()));
    }
}
