package io.aitta.cli;

import io.aitta.client.AittaTable;
import io.aitta.client.Condition;
import io.aitta.client.SetOptions;
import io.aitta.client.SetResult;
import io.aitta.transfer.ExportFile;
import io.aitta.transfer.Row;
import io.aitta.transfer.RowFormat;
import io.aitta.transfer.TableImport;
import io.aitta.transfer.TableImport.Failure;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes the rows of a file into a table. */
@Command(
        name = "import",
        description = {
            "Writes the rows of a file, as 'export' makes them, into a table.",
            "",
            "A row needs a key and a value. An encoding says how the bytes of one are written (utf-8, the default, or "
                    + "base64); with remaining_millis it expires after so long, without it never. Keys that the file "
                    + "does not name stay.",
            "",
            "While it runs FILE.import.progress says how many rows are done with; --resume leaves those out. Rows may be "
                    + "written twice then, which comes to the same."
        },
        footer = {
            "",
            "JSON: {\"rows\",\"written\",\"kept\",\"failed\",\"complete\"}",
            "",
            "Examples:",
            "  aitta import backup.jsonl",
            "  aitta -t users import users.csv --on-error skip",
            "  aitta import backup.jsonl --resume",
            "  gunzip < backup.csv.gz | aitta import - --format csv --if-absent"
        })
final class ImportCommand extends ClusterCommand {
    @Mixin
    private TransferMixin transfer;

    @Option(
            names = "--on-error",
            paramLabel = "stop|skip",
            description = "What to do about a row that cannot be taken over (default: stop).")
    private String onError = "stop";

    @Option(names = "--if-absent", description = "Keys that are there stay as they are.")
    private boolean ifAbsent;

    private int worst = ExitStatus.DONE;
    private CountingStream read;

    @Override
    public Integer call() {
        RowFormat format = transfer.format();
        boolean resume = transfer.resume();
        if (!onError.equals("stop") && !onError.equals("skip")) {
            throw CommandFailed.badInput("--on-error is stop or skip, not " + Values.quoted(onError));
        }
        try (InputStream in = open()) {
            return run(in, format, resume);
        } catch (IOException e) {
            throw CommandFailed.badInput(transfer.name() + ": " + e.getMessage());
        }
    }

    private InputStream open() throws IOException {
        if (transfer.isPipe()) {
            return stdin();
        }
        Path path = transfer.path();
        if (!Files.isReadable(path) || Files.isDirectory(path)) {
            throw CommandFailed.badInput("there is no file " + Values.quoted(transfer.name()) + " that can be read");
        }
        if (Files.exists(ExportFile.sidecarOf(path))) {
            throw CommandFailed.badInput(
                    Values.quoted(ExportFile.sidecarOf(path).toString())
                            + " says that the export of this file has not ended; end it with 'export --resume', or remove that file");
        }
        return Files.newInputStream(path);
    }

    private int run(InputStream in, RowFormat format, boolean resume) throws IOException {
        AittaTable table = table();
        var progress = transfer.progress(surroundings());
        Optional<Path> sidecar =
                transfer.isPipe() ? Optional.empty() : Optional.of(TableImport.sidecarOf(transfer.path()));
        long size = transfer.isPipe() ? 0 : Files.size(transfer.path());
        read = new CountingStream(in);
        var work = new TableImport(
                row -> write(table, row),
                onError.equals("skip"),
                sidecar,
                "table " + common().table(),
                this::failed,
                rows -> progress.tell(
                        rows, read.bytes, size == 0 ? OptionalLong.empty() : OptionalLong.of(read.bytes * 100 / size)));
        try (var interrupts = Interrupts.tell(work::stop)) {
            var result = work.run(new BufferedInputStream(read, 1 << 16), format, resume);
            progress.end(result.rows(), read.bytes);
            return tell(result);
        }
    }

    private CompletionStage<Boolean> write(AittaTable table, Row row) {
        var options = row.remainingMillis().isPresent()
                ? SetOptions.DEFAULT.expiringAfter(
                        Duration.ofMillis(row.remainingMillis().getAsLong()))
                : SetOptions.DEFAULT.neverExpiring();
        return table.set(row.key(), row.value(), ifAbsent ? options.onlyIf(Condition.absent()) : options)
                .thenApply(SetResult::applied);
    }

    private void failed(Failure failure) {
        String where = transfer.name() + ":" + failure.line() + ": ";
        complain(where + failure.failure().map(Cli::describe).orElse(failure.problem()));
        worst = Math.max(worst, failure.failure().map(ExitStatus::of).orElse(ExitStatus.BAD_INPUT));
    }

    private int tell(TableImport.Result result) {
        if (!result.whole()) {
            complain("stopped after " + result.rows() + " rows"
                    + (transfer.isPipe() ? "" : "; --resume goes on from here"));
            worst = Math.max(worst, result.failed() > 0 ? worst : ExitStatus.REFUSED_OR_UNAVAILABLE);
        }
        if (json()) {
            answers()
                    .json(Answers.object()
                            .put("rows", result.rows())
                            .put("written", result.written())
                            .put("kept", result.kept())
                            .put("failed", result.failed())
                            .put("complete", result.whole()));
        } else {
            answers()
                    .line("imported " + result.written() + " rows"
                            + (result.kept() > 0 ? ", kept " + result.kept() : "")
                            + (result.failed() > 0 ? ", failed " + result.failed() : ""));
        }
        return worst;
    }

    /** How much of a file has been read. Of one thread. */
    private static final class CountingStream extends FilterInputStream {
        private long bytes;

        CountingStream(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int one = super.read();
            bytes += one < 0 ? 0 : 1;
            return one;
        }

        @Override
        public int read(byte[] buffer, int from, int length) throws IOException {
            int count = super.read(buffer, from, length);
            bytes += Math.max(0, count);
            return count;
        }
    }
}
