package io.aitta.cli;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Stores one value. */
@Command(
        name = "set",
        description = {
            "Stores a value under a key.",
            "",
            "Prints OK once a majority of the replicas have it on disk. The value is an argument, a file (--file), "
                    + "or standard input (-). Its bytes are stored as they are."
        },
        footer = {
            "",
            "JSON: {\"key\",\"version\"}",
            "",
            "Examples:",
            "  aitta set greeting hello",
            "  aitta set motto 'two words'",
            "  aitta set picture --file picture.png",
            "  date | aitta set now -",
            "  aitta set bits --hex 00ff10",
            "  aitta set -- temperature -5              a value that begins with '-'"
        })
final class SetCommand extends ClusterCommand {
    @Parameters(index = "0", paramLabel = "KEY", description = "The key, as UTF-8.")
    private String key;

    @Parameters(index = "1", arity = "0..1", paramLabel = "VALUE", description = "The value; - reads it from stdin.")
    private String value;

    @Option(names = "--hex", description = "The value, wherever it comes from, is written in hex digits.")
    private boolean hex;

    @Option(names = "--file", paramLabel = "F", description = "Take the value from this file.")
    private Path file;

    @Override
    public Integer call() {
        long version = table().blocking().set(Values.utf8(key), value());
        if (json()) {
            answers().json(Answers.object().put("key", key).put("version", version));
        } else {
            answers().line("OK");
        }
        return ExitStatus.DONE;
    }

    private ByteString value() {
        if ((value == null) == (file == null)) {
            throw CommandFailed.badInput(
                    value == null
                            ? "a VALUE is missing; give one, or --file F, or - for stdin"
                            : "give either a VALUE or --file, not both");
        }
        if (file == null && !value.equals("-")) {
            return Values.parse(value, hex);
        }
        ByteString bytes = file != null ? ValueFiles.read(file) : ValueFiles.read(stdin(), "standard input");
        return hex ? Values.parseHex(bytes.toStringUtf8()) : bytes;
    }
}
