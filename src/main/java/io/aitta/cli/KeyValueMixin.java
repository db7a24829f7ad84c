package io.aitta.cli;

import com.google.protobuf.ByteString;
import java.nio.file.Path;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A key and a value for it, that comes as an argument, from a file or from standard input. */
final class KeyValueMixin {
    @Parameters(index = "0", paramLabel = "KEY", description = "The key, as UTF-8.")
    private String key;

    @Parameters(index = "1", arity = "0..1", paramLabel = "VALUE", description = "The value; - reads it from stdin.")
    private String value;

    @Option(names = "--hex", description = "The value, wherever it comes from, is written in hex digits.")
    private boolean hex;

    @Option(names = "--file", paramLabel = "F", description = "Take the value from this file.")
    private Path file;

    String key() {
        return key;
    }

    ByteString value(ClusterCommand command) {
        if ((value == null) == (file == null)) {
            throw CommandFailed.badInput(
                    value == null
                            ? "a VALUE is missing; give one, or --file F, or - for stdin"
                            : "give either a VALUE or --file, not both");
        }
        if (file == null && !value.equals("-")) {
            return Values.parse(value, hex);
        }
        ByteString bytes = file != null ? ValueFiles.read(file) : ValueFiles.read(command.stdin(), "standard input");
        return hex ? Values.parseHex(bytes.toStringUtf8()) : bytes;
    }
}
