package io.aitta.cli;

import io.aitta.client.TimeToLive;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Prints how long a key has to live. */
@Command(
        name = "ttl",
        description = {
            "Prints how long a key has still to live.",
            "",
            "As 1d2h3m4.567s (or 567ms), the form that set and expire read too; 'never' if it does not expire. The exit "
                    + "code of a missing key is 1."
        },
        footer = {
            "",
            "JSON: {\"key\",\"found\",\"version\",\"remaining_millis\"}; the last only if the key expires",
            "",
            "Examples:",
            "  aitta ttl session:42",
            "  aitta -o json ttl session:42 | jq .remaining_millis"
        })
final class TtlCommand extends ClusterCommand {
    @Parameters(paramLabel = "KEY", description = "The key, as UTF-8.")
    private String key;

    @Mixin
    private ReadMixin reads;

    @Override
    public Integer call() {
        Optional<TimeToLive> found = reads.over(table()).blocking().timeToLive(Values.utf8(key));
        var json = Answers.object().put("key", key).put("found", found.isPresent());
        if (found.isEmpty()) {
            return notFound(key, json);
        }
        json.put("version", found.get().version());
        var remaining = found.get().remaining();
        remaining.ifPresent(rest -> json.put("remaining_millis", rest.toMillis()));
        return answer(remaining.map(Times::shown).orElse("never"), json);
    }
}
