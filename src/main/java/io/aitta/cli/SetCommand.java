package io.aitta.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import io.aitta.client.SetOptions;
import io.aitta.client.SetResult;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Stores one value. */
@Command(
        name = "set",
        description = {
            "Stores a value under a key.",
            "",
            "Prints OK once a majority of the replicas have it on disk. The value is an argument, a file (--file), "
                    + "or standard input (-). Its bytes are stored as they are. It lives as long as --ttl says, else as "
                    + "the table says, whatever the key had before.",
            "",
            "With a condition that does not hold nothing is written, and the exit code is 1. With --previous a second "
                    + "line says what the key held before: 'previous: VALUE', written as by mget, or 'previous "
                    + "(none)'."
        },
        footer = {
            "",
            "JSON: {\"key\",\"applied\",\"version\",",
            "       \"previous\":null or {\"value\",\"encoding\",\"version\",\"remaining_millis\"}}",
            "      \"version\" is the key's now; with --ack fast only {\"key\",\"sent\"}",
            "",
            "Examples:",
            "  aitta set greeting hello",
            "  aitta set motto 'two words' --ttl 1h30m",
            "  aitta set lock me --if-absent --ttl 30s",
            "  aitta set counter 5 --if-version 17      if nobody has written it since",
            "  aitta set picture --file picture.png",
            "  date | aitta set now -",
            "  aitta set bits --hex 00ff10",
            "  aitta set -- temperature -5              a value that begins with '-'"
        })
final class SetCommand extends ClusterCommand {
    @Mixin
    private KeyValueMixin entry;

    @Option(
            names = "--ttl",
            paramLabel = "TIME",
            converter = TimeConverter.class,
            description = "How long the key lives, such as 30s, 1h30m or 7d.")
    private Duration timeToLive;

    @Option(names = "--never-expires", description = "The key lives until it is removed, whatever the table says.")
    private boolean neverExpires;

    @Mixin
    private ConditionMixin conditions;

    @Mixin
    private WriteMixin writes;

    @Override
    public Integer call() {
        SetOptions options = options();
        if (writes.isFast() && conditions.wantsPrevious()) {
            throw CommandFailed.badInput(
                    "--previous does not go with --ack fast, which tells nothing of what came of it");
        }
        String key = entry.key();
        ByteString bytes = entry.value(this);
        SetResult result = writes.over(table()).blocking().set(Values.utf8(key), bytes, options);
        var json = Answers.object().put("key", key);
        if (writes.isFast()) {
            return writes.sent(this, json);
        }
        return report(result, json.put("applied", result.applied()).put("version", result.version()));
    }

    private SetOptions options() {
        if (timeToLive != null && neverExpires) {
            throw CommandFailed.badInput("give either --ttl or --never-expires, not both");
        }
        SetOptions options = SetOptions.DEFAULT;
        if (timeToLive != null) {
            options = options.expiringAfter(timeToLive);
        } else if (neverExpires) {
            options = options.neverExpiring();
        }
        if (conditions.wantsPrevious()) {
            options = options.returningPrevious();
        }
        var condition = conditions.condition();
        return condition.isPresent() ? options.onlyIf(condition.get()) : options;
    }

    private int report(SetResult result, ObjectNode json) {
        if (conditions.wantsPrevious()) {
            Values.putPrevious(json, result.previous());
        }
        if (json()) {
            answers().json(json);
        } else {
            if (result.applied()) {
                answers().line("OK");
            }
            if (conditions.wantsPrevious()) {
                answers().previous(result.previous());
            }
        }
        return result.applied() ? ExitStatus.DONE : ConditionMixin.complain(this, entry.key(), result.version());
    }
}
