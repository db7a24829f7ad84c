package io.aitta.cli;

import com.google.protobuf.ByteString;
import io.aitta.client.VersionedValue;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints the value of one key. */
@Command(
        name = "get",
        description = {
            "Prints the value of a key.",
            "",
            "A newline follows the value. The read is linearizable: it sees every write acknowledged before it began."
        },
        footer = {
            "",
            "JSON: {\"key\",\"found\",\"value\",\"encoding\":\"utf-8\"|\"hex\"|\"base64\",\"version\"}",
            "",
            "Examples:",
            "  aitta get greeting",
            "  aitta get picture --file picture.png     the exact bytes, into a file",
            "  aitta get token --raw | sha256sum        the exact bytes, without the newline",
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

    @Override
    public Integer call() {
        Optional<VersionedValue> found = table().blocking().get(Values.utf8(key));
        if (found.isEmpty()) {
            if (json()) {
                answers().json(Answers.object().put("key", key).put("found", false));
            }
            complain("key " + Values.quoted(key) + " not found");
            return ExitStatus.NOT_FOUND;
        }
        ByteString value = found.get().bytes();
        if (file != null) {
            ValueFiles.write(file, Values.shown(value, hex));
        } else if (json()) {
            var json = Answers.object().put("key", key).put("found", true);
            Values.put(json, value, hex);
            answers().json(json.put("version", found.get().version()));
        } else {
            answers().bytes(Values.shown(value, hex));
            answers().text(raw ? "" : "\n");
        }
        return ExitStatus.DONE;
    }
}
