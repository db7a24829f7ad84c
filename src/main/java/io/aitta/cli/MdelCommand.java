package io.aitta.cli;

import io.aitta.client.DeleteOutcome;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Removes many keys in one request. */
@Command(
        name = "mdel",
        description = {
            "Removes many keys in one request.",
            "",
            "Prints how many of them there were. Not atomic as a whole: each key is removed or not on its own, and "
                    + "stderr says which were not. A key that does not exist makes the exit code 1."
        },
        footer = {
            "",
            "JSON: {\"deletes\":[{\"key\",\"existed\"} or {\"key\",\"error\":{\"kind\",\"reason\",\"message\"}}]}",
            "      with --ack fast \"sent\" in place of \"existed\"",
            "",
            "Examples:",
            "  aitta mdel a b c",
            "  aitta scan --prefix tmp: --keys-only | xargs aitta mdel"
        })
final class MdelCommand extends ClusterCommand {
    @Parameters(arity = "1..*", paramLabel = "KEY", description = "Keys, as UTF-8.")
    private List<String> keys;

    @Mixin
    private WriteMixin writes;

    @Override
    public Integer call() {
        boolean fast = writes.isFast();
        List<DeleteOutcome> outcomes = writes.over(table())
                .blocking()
                .multiDelete(keys.stream().map(Values::utf8).toList());
        var removals = new Removals(this);
        for (int i = 0; i < outcomes.size(); i++) {
            if (outcomes.get(i) instanceof DeleteOutcome.Failed failed) {
                removals.failed(keys.get(i), failed.error());
            } else if (fast) {
                removals.sent(keys.get(i));
            } else {
                removals.answered(keys.get(i), ((DeleteOutcome.Deleted) outcomes.get(i)).existed());
            }
        }
        return fast ? removals.printSent() : removals.print();
    }
}
