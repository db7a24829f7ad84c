package io.aitta.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Takes a key's time to live away. */
@Command(
        name = "persist",
        description = {
            "Takes a key's time to live away, so that it stays until it is removed.",
            "",
            "Prints OK, also if the key had none. The exit code of a missing key is 1."
        },
        footer = {
            "",
            "JSON: {\"key\",\"existed\"}; with --ack fast only {\"key\",\"sent\"}",
            "",
            "Examples:",
            "  aitta persist session:42"
        })
final class PersistCommand extends ClusterCommand {
    @Parameters(paramLabel = "KEY", description = "The key, as UTF-8.")
    private String key;

    @Mixin
    private WriteMixin writes;

    @Override
    public Integer call() {
        boolean fast = writes.isFast();
        boolean existed = writes.over(table()).blocking().persist(Values.utf8(key));
        var json = Answers.object().put("key", key);
        if (fast) {
            return writes.sent(this, json);
        }
        json.put("existed", existed);
        return existed ? answer("OK", json) : notFound(key, json);
    }
}
