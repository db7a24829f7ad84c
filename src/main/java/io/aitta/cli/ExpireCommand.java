package io.aitta.cli;

import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Gives a key a time to live. */
@Command(
        name = "expire",
        description = {
            "Gives a key a time to live, instead of the one it has.",
            "",
            "Prints OK. The key reads as absent once the time is over. A missing key stays missing; the exit code is 1 "
                    + "then."
        },
        footer = {
            "",
            "JSON: {\"key\",\"existed\"}; with --ack fast only {\"key\",\"sent\"}",
            "",
            "Examples:",
            "  aitta expire greeting 30s",
            "  aitta expire session:42 1h30m"
        })
final class ExpireCommand extends ClusterCommand {
    @Parameters(index = "0", paramLabel = "KEY", description = "The key, as UTF-8.")
    private String key;

    @Parameters(
            index = "1",
            paramLabel = "TIME",
            converter = TimeConverter.class,
            description = "How long from now, such as 500ms, 30s, 1h30m or 7d.")
    private Duration time;

    @Mixin
    private WriteMixin writes;

    @Override
    public Integer call() {
        boolean fast = writes.isFast();
        boolean existed = writes.over(table()).blocking().expire(Values.utf8(key), time);
        var json = Answers.object().put("key", key);
        if (fast) {
            return writes.sent(this, json);
        }
        json.put("existed", existed);
        return existed ? answer("OK", json) : notFound(key, json);
    }
}
