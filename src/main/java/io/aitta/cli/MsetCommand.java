package io.aitta.cli;

import com.google.protobuf.ByteString;
import io.aitta.client.WriteOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Stores many values in one request. */
@Command(
        name = "mset",
        description = {
            "Stores many values.",
            "",
            "Prints OK once each is on disk on a majority of its replicas. Not atomic as a whole: each entry succeeds or "
                    + "fails on its own, and stderr says which failed. The exit code is that of the worst."
        },
        footer = {
            "",
            "JSON: {\"writes\":[{\"key\",\"version\"} or {\"key\",\"error\":{\"kind\",\"reason\",\"message\"}}]}",
            "",
            "Examples:",
            "  aitta mset a 1 b 2 c 3",
            "  aitta mset --hex a 00 b ff"
        })
final class MsetCommand extends ClusterCommand {
    @Parameters(arity = "2..*", paramLabel = "KEY VALUE", description = "Keys and values in turn, as UTF-8.")
    private List<String> words;

    @Option(names = "--hex", description = "The values are written in hex digits.")
    private boolean hex;

    @Override
    public Integer call() {
        if (words.size() % 2 != 0) {
            throw CommandFailed.badInput("keys and values come in pairs, but the last key, "
                    + Values.quoted(words.get(words.size() - 1)) + ", has no value");
        }
        var entries = new ArrayList<Map.Entry<ByteString, ByteString>>();
        for (int i = 0; i < words.size(); i += 2) {
            entries.add(Map.entry(Values.utf8(words.get(i)), Values.parse(words.get(i + 1), hex)));
        }
        List<WriteOutcome> writes = table().blocking().multiSet(entries);
        return report(writes);
    }

    private int report(List<WriteOutcome> writes) {
        var answer = Answers.object();
        var array = answer.putArray("writes");
        int worst = ExitStatus.DONE;
        int written = 0;
        for (int i = 0; i < writes.size(); i++) {
            String key = words.get(2 * i);
            var json = array.addObject().put("key", key);
            if (writes.get(i) instanceof WriteOutcome.Written done) {
                json.put("version", done.version());
                written++;
            } else if (writes.get(i) instanceof WriteOutcome.Failed failed) {
                json.set("error", Answers.error(failed.error()));
                worst = Math.max(worst, complain("key " + Values.quoted(key), failed.error()));
            }
        }
        if (json()) {
            answers().json(answer);
        } else {
            answers().line(written == writes.size() ? "OK" : "written " + written + " of " + writes.size());
        }
        return worst;
    }
}
