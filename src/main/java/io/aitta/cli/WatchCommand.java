package io.aitta.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import io.aitta.client.AittaException;
import io.aitta.client.Change;
import io.aitta.client.ChangeFeed;
import io.aitta.client.WatchTarget;
import java.time.Duration;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints what changes, as it happens. */
@Command(
        name = "watch",
        description = {
            "Prints what changes in a table, as it happens, until Ctrl-C.",
            "",
            "Each change is told at least once, and those of one key in their order, across nodes that come and go. A line "
                    + "has the kind (set, delete, expired, expiry_changed, range_deleted), the key, the version and, of "
                    + "a set, the value; with tabs between them.",
            "",
            "At the end a token is printed on stderr: --from-token goes on after what was printed, perhaps with a few "
                    + "changes again. One that is too old is refused with the oldest there is."
        },
        footer = {
            "",
            "JSON: a line for each change: {\"kind\",\"key\",\"key_encoding\",\"value\",\"encoding\",\"version\",\"expires_at_millis\",",
            "  \"to\",\"ordered_at_millis\",\"partition\",\"index\",\"token\"}, those that apply",
            "",
            "Examples:",
            "  aitta watch                              all of the table",
            "  aitta watch greeting",
            "  aitta watch --prefix user: -o json",
            "  aitta watch greeting --limit 1           waits for the next change",
            "  aitta watch --from-token CAMaBggBEAUY"
        })
final class WatchCommand extends ClusterCommand {
    /** How soon a Ctrl-C is seen. */
    private static final Duration PATIENCE = Duration.ofMillis(100);

    @Parameters(arity = "0..1", paramLabel = "KEY", description = "The key (default: all keys).")
    private String key;

    @Option(names = "--prefix", paramLabel = "P", description = "All keys that begin so.")
    private String prefix;

    @Option(names = "--from-token", paramLabel = "TOKEN", description = "Go on where another watch of the same ended.")
    private String token;

    @Option(names = "--limit", paramLabel = "N", description = "End after so many changes.")
    private Long limit;

    private final AtomicBoolean stopped = new AtomicBoolean();

    @Override
    public Integer call() {
        WatchTarget target = target();
        ByteString from = token();
        if (limit != null && limit < 1) {
            throw CommandFailed.badInput("--limit must be at least 1, not " + limit);
        }
        try (var interrupts = Interrupts.tell(() -> stopped.set(true));
                ChangeFeed feed = table().watch(target, from)) {
            try {
                follow(feed);
            } finally {
                surroundings().out().flush();
                if (!feed.token().isEmpty()) {
                    complain("go on with --from-token " + text(feed.token()));
                }
            }
            return ExitStatus.DONE;
        } catch (AittaException.Refused e) {
            ByteString oldest = e.oldestToken();
            throw oldest.isEmpty()
                    ? e
                    : new CommandFailed(
                            ExitStatus.of(e), Cli.describe(e) + "; the oldest is --from-token " + text(oldest));
        }
    }

    private void follow(ChangeFeed feed) {
        long left = limit == null ? Long.MAX_VALUE : limit;
        while (left > 0 && !stopped.get()) {
            Optional<Change> change = feed.poll(PATIENCE);
            if (change.isPresent()) {
                left--;
                print(change.get(), feed.token());
            } else {
                // Nobody is to wait for what is known already; while there is more at once, more is sent at once.
                surroundings().out().flush();
            }
        }
    }

    private void print(Change change, ByteString after) {
        if (json()) {
            answers().json(json(change, after));
            return;
        }
        answers().text(word(change) + "\t");
        answers().bytes(Values.onOneLine(change.key()));
        answers().text("\t" + change.version());
        if (change.kind() == Change.Kind.SET) {
            answers().text("\t");
            answers().bytes(Values.onOneLine(change.value()));
        }
        answers().text("\n");
    }

    private static ObjectNode json(Change change, ByteString after) {
        ObjectNode json = Answers.object().put("kind", word(change));
        put(json, "key", change.key());
        if (change.kind() == Change.Kind.SET) {
            Values.put(json, change.value(), false);
        }
        json.put("version", change.version());
        change.expiresAt().ifPresent(at -> json.put("expires_at_millis", at.toEpochMilli()));
        if (change.kind() == Change.Kind.RANGE_DELETED) {
            put(json, "to", change.to());
        }
        return json.put("ordered_at_millis", change.orderedAt().toEpochMilli())
                .put("partition", change.partition())
                .put("index", change.index())
                .put("token", text(after));
    }

    private static void put(ObjectNode json, String field, ByteString bytes) {
        if (bytes.isValidUtf8()) {
            json.put(field, bytes.toStringUtf8());
        } else {
            json.put(field, Base64.getEncoder().encodeToString(bytes.toByteArray()))
                    .put(field + "_encoding", "base64");
        }
    }

    private static String word(Change change) {
        return change.kind().name().toLowerCase(Locale.ROOT);
    }

    /** Letters that need no quotes in a shell. */
    private static String text(ByteString token) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(token.toByteArray());
    }

    private ByteString token() {
        try {
            return token == null
                    ? ByteString.EMPTY
                    : ByteString.copyFrom(Base64.getUrlDecoder().decode(token));
        } catch (IllegalArgumentException e) {
            throw CommandFailed.badInput(
                    "--from-token takes what a watch printed at its end, not " + Values.quoted(token));
        }
    }

    private WatchTarget target() {
        if (key != null && prefix != null) {
            throw CommandFailed.badInput("give either a KEY or --prefix, not both");
        }
        if (key != null) {
            return WatchTarget.key(Values.utf8(key));
        }
        return prefix == null ? WatchTarget.table() : WatchTarget.prefix(Values.utf8(prefix));
    }
}
