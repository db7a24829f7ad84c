package io.aitta.cli;

import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Moves everything off a node. */
@Command(
        name = "drain",
        description = {
            "Moves everything off a node, so that it can be stopped or removed.",
            "",
            "Its primaries are handed over at once, its replicas leave as copies of them are made elsewhere; clients"
                    + " notice nothing. It gets nothing new until 'aitta node undrain'. A drained node that is empty can"
                    + " be removed. Refused if the nodes that are left could not hold everything.",
            "",
            "To restart a node there is no need to drain it: see docs/ORCHESTRATION.md."
        },
        footer = {
            "",
            "JSON: {\"epoch\"}, of the order",
            "",
            "Examples:",
            "  aitta node drain n2",
            "  aitta node drain n2 --wait && aitta node remove n2",
            "  aitta node drain n2 --replacement n5 --wait --within 2h"
        })
final class NodeDrainCommand extends OrderCommand {
    @Parameters(paramLabel = "NODE", description = "The node.")
    private String node;

    @Option(
            names = "--replacement",
            paramLabel = "NODE",
            description = "Who gets all of it, as far as zones allow (default: whoever has room).")
    private String replacement;

    @Mixin
    private WaitMixin waiting;

    @Override
    int order() {
        return drain(this, node, Optional.ofNullable(replacement), waiting);
    }

    static int drain(OrderCommand command, String node, Optional<String> replacement, WaitMixin waiting) {
        boolean wait = waiting.isGiven();
        if (replacement.filter(node::equals).isPresent()) {
            throw CommandFailed.badInput("node " + Values.quoted(node) + " cannot take its own place; name another");
        }
        var answer = command.admin().nodes().drain(node, replacement);
        if (wait) {
            command.await(waiting, new Draining(command, node, answer.getEpoch()));
        }
        String target = replacement.map(name -> " to node " + name).orElse("");
        return command.ordered("node " + node + (wait ? " is empty" : " is being drained" + target), answer);
    }
}
