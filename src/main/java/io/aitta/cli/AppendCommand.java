package io.aitta.cli;

import com.google.protobuf.ByteString;
import io.aitta.client.AppendResult;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Adds to the end of a value. */
@Command(
        name = "append",
        description = {
            "Adds bytes to the end of a value.",
            "",
            "Prints the length the value has then, in bytes. A missing key counts as empty. The key keeps its time to "
                    + "live; one that was missing gets the table's. What is added comes as with set: an argument, a "
                    + "file, or standard input."
        },
        footer = {
            "",
            "JSON: {\"key\",\"version\",\"length\"}; with --ack fast only {\"key\",\"sent\"}",
            "",
            "Examples:",
            "  aitta append log 'one more line'",
            "  date | aitta append log -"
        })
final class AppendCommand extends ClusterCommand {
    @Mixin
    private KeyValueMixin entry;

    @Mixin
    private WriteMixin writes;

    @Override
    public Integer call() {
        boolean fast = writes.isFast();
        String key = entry.key();
        ByteString bytes = entry.value(this);
        AppendResult result = writes.over(table()).blocking().append(Values.utf8(key), bytes);
        var json = Answers.object().put("key", key);
        return fast
                ? writes.sent(this, json)
                : answer(
                        Long.toString(result.length()),
                        json.put("version", result.version()).put("length", result.length()));
    }
}
