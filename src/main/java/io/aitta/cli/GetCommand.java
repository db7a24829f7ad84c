package io.aitta.cli;

import com.google.protobuf.ByteString;
import io.aitta.client.VersionedValue;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints the value of one key. */
@Command(
        name = "get",
        description = {
            "Prints the value of a key.",
            "",
            "A newline follows the value. The read sees what the table's consistency says (strong, unless the table was "
                    + "made with another one: every write acknowledged before it began), or --consistency."
        },
        footer = {
            "",
            "JSON: {\"key\",\"found\",\"value\",\"encoding\":\"utf-8\"|\"hex\"|\"base64\",\"version\",",
            "       \"remaining_millis\"}; the last only if the key expires",
            "",
            "Examples:",
            "  aitta get greeting",
            "  aitta get picture --file picture.png     the exact bytes, into a file",
            "  aitta get token --raw | sha256sum        the exact bytes, without the newline",
            "  aitta get news --consistency eventual --max-staleness 2s",
            "  aitta -t users -o json get user:42"
        })
final class GetCommand extends ClusterCommand {
    @Parameters(paramLabel = "KEY", description = "The key, as UTF-8.")
    private String key;

    @Option(names = "--hex", description = "Print the value as hex digits.")
    private boolean hex;

    @Option(names = "--raw", description = "Print the value without a newline after it.")
    private boolean raw;

    @Option(
            names = "--file",
            paramLabel = "F",
            description = "Write the value to this file instead, without a newline.")
    private Path file;

    @Mixin
    private ReadMixin reads;

    @Override
    public Integer call() {
        Optional<VersionedValue> found = reads.over(table()).blocking().get(Values.utf8(key));
        if (found.isEmpty()) {
            return notFound(key, Answers.object().put("key", key).put("found", false));
        }
        ByteString value = found.get().bytes();
        if (file != null) {
            ValueFiles.write(file, Values.shown(value, hex));
        } else if (json()) {
            var json = Answers.object().put("key", key).put("found", true);
            answers().json(Values.put(json, found.get(), hex));
        } else {
            answers().bytes(Values.shown(value, hex));
            answers().text(raw ? "" : "\n");
        }
        return ExitStatus.DONE;
    }
}
