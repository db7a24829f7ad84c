package io.aitta.cli;

import io.aitta.client.AittaException;
import io.aitta.client.AittaTable;
import io.aitta.client.KeyRange;
import io.aitta.client.ScanOptions;
import io.aitta.transfer.ExportFile;
import io.aitta.transfer.RowFormat;
import io.aitta.transfer.TableExport;
import io.aitta.transfer.Transferred;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes the keys of a table into a file. */
@Command(
        name = "export",
        description = {
            "Writes the keys and values of a table into a file, with the rest of their times to live.",
            "",
            "A row has the fields key, key_encoding, value, encoding and remaining_millis. What is not UTF-8 is in base64, "
                    + "and its encoding says so. Each partition is read as of one moment, later ones later; keys that are "
                    + "there all the time are there exactly once.",
            "",
            "While it runs FILE.progress says how far it is. If it is stopped or killed, or no node could be reached, "
                    + "--resume goes on there. A FILE without FILE.progress is whole."
        },
        footer = {
            "",
            "JSON: {\"rows\",\"bytes\",\"complete\"}; with - only the rows are printed",
            "",
            "Examples:",
            "  aitta export backup.jsonl",
            "  aitta export backup.jsonl --resume",
            "  aitta -t users export users.csv --prefix user:",
            "  aitta export - --format csv | gzip > backup.csv.gz"
        })
final class ExportCommand extends ClusterCommand {
    @Mixin
    private TransferMixin transfer;

    @Option(names = "--prefix", paramLabel = "P", description = "Only keys that begin so.")
    private String prefix;

    @Option(names = "--tag", paramLabel = "T", description = "Only keys with this hash tag, given without braces.")
    private String tag;

    @Option(names = "--overwrite", description = "Replace FILE if it is there.")
    private boolean overwrite;

    @Mixin
    private ReadMixin reads;

    @Override
    public Integer call() {
        RowFormat format = transfer.format();
        boolean resume = transfer.resume();
        try (ExportFile file = open(format, resume)) {
            return file == null ? nothingToResume() : run(format, file);
        } catch (IOException e) {
            throw CommandFailed.badInput(
                    "file " + Values.quoted(transfer.name()) + " cannot be written: " + e.getMessage());
        }
    }

    private ExportFile open(RowFormat format, boolean resume) throws IOException {
        if (transfer.isPipe()) {
            return ExportFile.to(surroundings().out());
        }
        Path path = transfer.path();
        String what = what(format);
        if (resume) {
            var before = ExportFile.resume(path, what);
            if (before.isPresent() || Files.exists(path)) {
                return before.orElse(null);
            }
        } else if (Files.exists(path) && !overwrite) {
            throw CommandFailed.badInput("file " + Values.quoted(transfer.name())
                    + " is there already; add --overwrite to replace it, or --resume to go on with it");
        }
        return ExportFile.begin(path, what);
    }

    /** What has to be the same for an export to be gone on with. */
    private String what(RowFormat format) {
        return format.word() + " of table " + common().table()
                + (prefix == null ? "" : ", prefix " + prefix)
                + (tag == null ? "" : ", tag " + tag);
    }

    private int nothingToResume() {
        complain("file " + Values.quoted(transfer.name()) + " is whole; there is nothing to go on with");
        return ExitStatus.DONE;
    }

    private int run(RowFormat format, ExportFile file) throws IOException {
        AittaTable table = reads.over(table());
        KeyRange range = range();
        var progress = transfer.progress(surroundings());
        var last = new AtomicReference<>(new Transferred(0, 0));
        var export = new TableExport(
                cursor -> table.scanPage(range, ScanOptions.DEFAULT.relaxed(), cursor), format, file, now -> {
                    last.set(now);
                    progress.tell(now.rows(), now.bytes(), OptionalLong.empty());
                });
        try (var interrupts = Interrupts.tell(export::stop)) {
            boolean whole = export.run();
            progress.end(last.get().rows(), last.get().bytes());
            tell(last.get(), whole);
            return whole ? ExitStatus.DONE : ExitStatus.REFUSED_OR_UNAVAILABLE;
        } catch (AittaException e) {
            throw transfer.isPipe() || e.reason().equals("TABLE_NOT_FOUND")
                    ? e
                    : new CommandFailed(ExitStatus.of(e), Cli.describe(e) + "; --resume goes on from here");
        }
    }

    private void tell(Transferred end, boolean whole) {
        if (!whole) {
            complain("stopped after " + end.rows() + " rows"
                    + (transfer.isPipe() ? "" : "; --resume goes on from here"));
        }
        if (transfer.isPipe()) {
            return;
        }
        if (json()) {
            answers()
                    .json(Answers.object()
                            .put("rows", end.rows())
                            .put("bytes", end.bytes())
                            .put("complete", whole));
        } else if (whole) {
            answers().line("exported " + end.rows() + " rows, " + end.bytes() + " bytes");
        }
    }

    private KeyRange range() {
        KeyRange range = prefix == null ? KeyRange.all() : KeyRange.ofPrefix(Values.utf8(prefix));
        return tag == null ? range : range.withTag(Values.utf8(tag));
    }
}
