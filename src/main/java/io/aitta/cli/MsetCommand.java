package io.aitta.cli;

import com.google.protobuf.ByteString;
import io.aitta.client.WriteOutcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
            "      with --ack fast \"sent\" in place of \"version\"",
            "",
            "Examples:",
            "  aitta mset a 1 b 2 c 3",
            "  aitta mset a 1 b 2 --ttl 1h",
            "  aitta mset --hex a 00 b ff"
        })
final class MsetCommand extends ClusterCommand {
    @Parameters(arity = "2..*", paramLabel = "KEY VALUE", description = "Keys and values in turn, as UTF-8.")
    private List<String> words;

    @Option(names = "--hex", description = "The values are written in hex digits.")
    private boolean hex;

    @Option(
            names = "--ttl",
            paramLabel = "TIME",
            converter = TimeConverter.class,
            description = "How long each of the keys lives, such as 30s, 1h30m or 7d (default: the table's).")
    private Duration timeToLive;

    @Mixin
    private WriteMixin moment;

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
        var table = moment.over(table()).blocking();
        return report(timeToLive == null ? table.multiSet(entries) : table.multiSet(entries, timeToLive));
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
                written++;
                if (moment.isFast()) {
                    json.put("sent", true);
                } else {
                    json.put("version", done.version());
                }
            } else if (writes.get(i) instanceof WriteOutcome.Failed failed) {
                json.set("error", Answers.error(failed.error()));
                worst = Math.max(worst, complain("key " + Values.quoted(key), failed.error()));
            }
        }
        String text = moment.isFast() ? "SENT" : "OK";
        answer(written == writes.size() ? text : "written " + written + " of " + writes.size(), answer);
        return worst;
    }
}
