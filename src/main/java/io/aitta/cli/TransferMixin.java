package io.aitta.cli;

import io.aitta.transfer.RowFormat;
import java.nio.file.Path;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What {@code export} and {@code import} share: which file, and how rows stand in it. */
final class TransferMixin {
    /** The file's name for a pipe. */
    private static final String PIPE = "-";

    @Parameters(paramLabel = "FILE", description = "The file; - is a pipe: standard output or input.")
    private String file;

    @Option(
            names = "--format",
            paramLabel = "F",
            description =
                    "jsonl (a JSON object a line) or csv (RFC 4180, with a line of names first). By itself what the "
                            + "file's name ends with: .jsonl, .ndjson, .json or .csv.")
    private String format;

    @Option(
            names = "--resume",
            description = "Go on where the same command was stopped or killed, as the file beside FILE says.")
    private boolean resume;

    @Option(names = "--progress", description = "Tell on stderr how far it is, also when this is not at a terminal.")
    private boolean progress;

    boolean isPipe() {
        return file.equals(PIPE);
    }

    /** Not of a pipe. */
    Path path() {
        return Path.of(file);
    }

    String name() {
        return file;
    }

    boolean resume() {
        if (resume && isPipe()) {
            throw CommandFailed.badInput("--resume needs a file; a pipe cannot be gone on with");
        }
        return resume;
    }

    RowFormat format() {
        if (format != null) {
            return RowFormat.named(format)
                    .orElseThrow(
                            () -> CommandFailed.badInput("--format is jsonl or csv, not " + Values.quoted(format)));
        }
        return RowFormat.ofFile(file)
                .orElseThrow(() -> CommandFailed.badInput("what format " + Values.quoted(file)
                        + " has does not show in its name; add --format jsonl or --format csv"));
    }

    TransferProgress progress(Surroundings surroundings) {
        return new TransferProgress(surroundings.err(), progress || surroundings.terminal(), surroundings.terminal());
    }
}
