package io.aitta.cli;

import com.google.protobuf.ByteString;
import io.aitta.client.ReadOutcome;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints the values of many keys. */
@Command(
        name = "mget",
        description = {
            "Prints the values of many keys, one line each.",
            "",
            "Lines come in the order asked: KEY, a tab, the value. A missing key's line is 'KEY (not found)', without a "
                    + "tab. In values and keys a backslash, tab, newline or carriage return is written as \\\\, \\t, "
                    + "\\n or \\r; for the exact bytes take --hex or -o json."
        },
        footer = {
            "",
            "JSON: {\"reads\":[{\"key\",\"found\",\"value\",\"encoding\",\"version\",\"remaining_millis\"}",
            "                or {\"key\",\"error\":{\"kind\",\"reason\",\"message\"}}]}",
            "",
            "Examples:",
            "  aitta mget a b c",
            "  aitta mget a b c --consistency eventual",
            "  aitta mget a b c | cut -f 2              values alone"
        })
final class MgetCommand extends ClusterCommand {
    @Parameters(arity = "1..*", paramLabel = "KEY", description = "Keys, as UTF-8.")
    private List<String> keys;

    @Option(names = "--hex", description = "Print the values as hex digits.")
    private boolean hex;

    @Mixin
    private ReadMixin level;

    @Override
    public Integer call() {
        List<ReadOutcome> reads = level.over(table())
                .blocking()
                .multiGet(keys.stream().map(Values::utf8).toList());
        if (json()) {
            json(reads);
        } else {
            for (int i = 0; i < reads.size(); i++) {
                line(keys.get(i), reads.get(i));
            }
        }
        int worst = ExitStatus.DONE;
        for (int i = 0; i < reads.size(); i++) {
            if (reads.get(i) instanceof ReadOutcome.Failed failed) {
                worst = Math.max(worst, complain("key " + Values.quoted(keys.get(i)), failed.error()));
            } else if (reads.get(i) instanceof ReadOutcome.Missing) {
                worst = Math.max(worst, ExitStatus.NOT_FOUND);
            }
        }
        return worst;
    }

    private void line(String key, ReadOutcome read) {
        answers().bytes(Values.onOneLine(Values.utf8(key)));
        if (read instanceof ReadOutcome.Found found) {
            ByteString value = Values.shown(found.value().bytes(), hex);
            answers().text("\t");
            answers().bytes(Values.onOneLine(value));
            answers().text("\n");
        } else if (read instanceof ReadOutcome.Failed failed) {
            answers().line(" (error: " + failed.error().reason() + ")");
        } else {
            answers().line(" (not found)");
        }
    }

    private void json(List<ReadOutcome> reads) {
        var answer = Answers.object();
        var array = answer.putArray("reads");
        for (int i = 0; i < reads.size(); i++) {
            var json = array.addObject().put("key", keys.get(i));
            if (reads.get(i) instanceof ReadOutcome.Found found) {
                json.put("found", true);
                Values.put(json, found.value(), hex);
            } else if (reads.get(i) instanceof ReadOutcome.Failed failed) {
                json.set("error", Answers.error(failed.error()));
            } else {
                json.put("found", false);
            }
        }
        answers().json(answer);
    }
}
