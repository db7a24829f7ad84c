package io.aitta.cli;

import io.aitta.client.IncrementResult;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Adds to a number. */
@Command(
        name = "incr",
        description = {
            "Adds to the number that a key holds.",
            "",
            "Prints the number as it is then. A missing key counts from 0. The amount is a signed 64-bit number. A value "
                    + "that is no number (an optional '-' and digits), and a sum beyond 64 bits, are refused. The key "
                    + "keeps its time to live; one that was missing gets the table's."
        },
        footer = {
            "",
            "JSON: {\"key\",\"version\",\"value\"}; with --ack fast only {\"key\",\"sent\"}",
            "",
            "Examples:",
            "  aitta incr visits",
            "  aitta incr visits 10",
            "  aitta incr stock -3",
            "  aitta incr stock --by -3"
        })
final class IncrCommand extends ClusterCommand {
    @Parameters(index = "0", paramLabel = "KEY", description = "The key, as UTF-8.")
    private String key;

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "AMOUNT",
            description = "What to add, possibly below zero (default: 1).")
    private Long amount;

    @Option(names = "--by", paramLabel = "AMOUNT", description = "What to add, instead of the argument.")
    private Long by;

    @Mixin
    private WriteMixin writes;

    @Override
    public Integer call() {
        if (amount != null && by != null) {
            throw CommandFailed.badInput("give either an AMOUNT or --by, not both");
        }
        boolean fast = writes.isFast();
        long toAdd = amount != null ? amount : by != null ? by : 1;
        IncrementResult result = writes.over(table()).blocking().increment(Values.utf8(key), toAdd);
        var json = Answers.object().put("key", key);
        return fast
                ? writes.sent(this, json)
                : answer(
                        Long.toString(result.value()),
                        json.put("version", result.version()).put("value", result.value()));
    }
}
