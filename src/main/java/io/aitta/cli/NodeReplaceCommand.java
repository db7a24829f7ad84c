package io.aitta.cli;

import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Moves everything from one node to another. */
@Command(
        name = "replace",
        description = {
            "Moves everything from one node to another.",
            "",
            "The same as 'aitta node drain OLD --replacement NEW'. OLD stays in the cluster, empty, until it is"
                    + " removed."
        },
        footer = {
            "",
            "JSON: {\"epoch\"}, of the order",
            "",
            "Examples:",
            "  aitta node replace n2 n5 --wait && aitta node remove n2"
        })
final class NodeReplaceCommand extends OrderCommand {
    @Parameters(index = "0", paramLabel = "OLD", description = "The node that is to be emptied.")
    private String old;

    @Parameters(index = "1", paramLabel = "NEW", description = "The node that gets what it has; it has joined already.")
    private String replacement;

    @Mixin
    private WaitMixin waiting;

    @Override
    int order() {
        return NodeDrainCommand.drain(this, old, Optional.of(replacement), waiting);
    }
}
