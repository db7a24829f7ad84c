package io.aitta.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import io.aitta.client.AittaException;
import io.aitta.client.AittaTable;
import io.aitta.client.KeyRange;
import io.aitta.client.ScanEntry;
import io.aitta.client.ScanOptions;
import io.aitta.client.ScanPage;
import java.util.Base64;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Prints the keys of a range, as they come. */
@Command(
        name = "scan",
        description = {
            "Prints the keys of a table, or of a part of it, as they come.",
            "",
            "A line for each: KEY, a tab, the value, written as by mget; with --keys-only the key alone. Keys come "
                    + "partition by partition, within one in the order of their bytes and as of one moment. However long "
                    + "it takes, a page at most is held in memory. Ctrl-C ends it after a whole line; the exit code is "
                    + "130 then.",
            "",
            "With --page one page is printed, and on stderr the cursor to go on with: give it as --cursor with the same "
                    + "range, within 30 s unless --relaxed is given."
        },
        footer = {
            "",
            "JSON: a line for each key: {\"key\",\"value\",\"encoding\",\"version\",\"remaining_millis\"}; without value and",
            "      encoding with --keys-only; a key that is not UTF-8 is in base64, with \"key_encoding\":\"base64\";",
            "      after a page {\"cursor\"}, null at the end",
            "",
            "Examples:",
            "  aitta scan --prefix user: --limit 10",
            "  aitta scan --tag acct --keys-only",
            "  aitta scan --from 2026-01 --to 2026-02 -o json | jq -r .key",
            "  aitta scan --page --limit 100",
            "  aitta scan --page --limit 100 --cursor CAESBWs6MTAw"
        })
final class ScanCommand extends ClusterCommand {
    @Mixin
    private RangeMixin range;

    @Option(names = "--keys-only", description = "Leave the values where they are.")
    private boolean keysOnly;

    @Option(names = "--limit", paramLabel = "N", description = "So many keys at most.")
    private Long limit;

    @Option(
            names = "--relaxed",
            description = "When the moment of a partition is gone (after 30 s, or with its node), go on at a later one "
                    + "instead of failing with SCAN_EXPIRED.")
    private boolean relaxed;

    @Option(names = "--page", description = "Print one page and the cursor of the next.")
    private boolean page;

    @Option(names = "--cursor", paramLabel = "C", description = "Print the page after the one that gave this cursor.")
    private String cursor;

    @Option(names = "--hex", description = "Print the values as hex digits.")
    private boolean hex;

    @Mixin
    private ReadMixin reads;

    @Override
    public Integer call() {
        ScanOptions options = options();
        AittaTable.BlockingView table = reads.over(table()).blocking();
        KeyRange keys = range.range();
        if (page || cursor != null) {
            return printPage(table.scanPage(keys, options, decoded(cursor)));
        }
        Thread running = Thread.currentThread();
        try (var interrupts = Interrupts.tell(running::interrupt)) {
            return stream(table, keys, options);
        }
    }

    private ScanOptions options() {
        if (limit != null && limit < 1) {
            throw CommandFailed.badInput("--limit must be at least 1, not " + limit);
        }
        ScanOptions options = limit == null ? ScanOptions.DEFAULT : ScanOptions.DEFAULT.limit(limit);
        options = keysOnly ? options.keysOnly() : options;
        return relaxed ? options.relaxed() : options;
    }

    private int stream(AittaTable.BlockingView table, KeyRange keys, ScanOptions options) {
        try (var entries = table.scan(keys, options)) {
            while (!interrupted() && entries.hasNext()) {
                print(entries.next());
            }
        } catch (AittaException e) {
            if (!interrupted()) {
                throw e;
            }
        }
        return interrupted() ? ExitStatus.INTERRUPTED : ExitStatus.DONE;
    }

    private static boolean interrupted() {
        return Thread.currentThread().isInterrupted();
    }

    private int printPage(ScanPage page) {
        page.entries().forEach(this::print);
        String next = page.isLast()
                ? null
                : Base64.getUrlEncoder()
                        .withoutPadding()
                        .encodeToString(page.cursor().toByteArray());
        if (json()) {
            answers().json(Answers.object().put("cursor", next));
        } else {
            complain(next == null ? "this was the last page" : "there may be more: --cursor " + next);
        }
        return ExitStatus.DONE;
    }

    private static ByteString decoded(String cursor) {
        try {
            return cursor == null
                    ? ByteString.EMPTY
                    : ByteString.copyFrom(Base64.getUrlDecoder().decode(cursor));
        } catch (IllegalArgumentException e) {
            throw CommandFailed.badInput(Values.quoted(cursor) + " is not a cursor; a page before prints it");
        }
    }

    private void print(ScanEntry entry) {
        if (json()) {
            answers().json(json(entry));
            return;
        }
        answers().bytes(Values.onOneLine(entry.key()));
        if (!keysOnly) {
            answers().text("\t");
            answers().bytes(Values.onOneLine(Values.shown(entry.value().bytes(), hex)));
        }
        answers().text("\n");
    }

    private ObjectNode json(ScanEntry entry) {
        var json = Answers.object();
        Values.putKey(json, entry.key());
        Values.put(json, entry.value(), hex);
        if (keysOnly) {
            json.remove("value");
            json.remove("encoding");
        }
        return json;
    }
}
