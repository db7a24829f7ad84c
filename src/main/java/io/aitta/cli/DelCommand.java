package io.aitta.cli;

import io.aitta.client.AittaException;
import io.aitta.client.AittaTable;
import io.aitta.client.DeleteOptions;
import io.aitta.client.DeleteResult;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Removes keys, each on its own. */
@Command(
        name = "del",
        description = {
            "Removes keys.",
            "",
            "Prints how many of them there were. Keys are removed each on its own; a key that does not exist makes the "
                    + "exit code 1, and the others are removed all the same.",
            "",
            "A condition, and --previous, take one key. If the condition does not hold nothing is removed, and the exit "
                    + "code is 1. With --previous a second line says what the key held: 'previous: VALUE', written as "
                    + "by mget, or 'previous (none)'."
        },
        footer = {
            "",
            "JSON: {\"deletes\":[{\"key\",\"existed\"} or {\"key\",\"error\":{\"kind\",\"reason\",\"message\"}}]}",
            "      with a condition or --previous: {\"key\",\"applied\",\"existed\",\"version\",",
            "       \"previous\":null or {\"value\",\"encoding\",\"version\",\"remaining_millis\"}}",
            "      \"version\" is that of a value that stays; with --ack fast \"sent\" in place of \"existed\"",
            "",
            "Examples:",
            "  aitta del greeting",
            "  aitta -t users del user:1 user:2",
            "  aitta del lock --if-value me",
            "  aitta del job --if-version 12 --previous"
        })
final class DelCommand extends ClusterCommand {
    @Parameters(arity = "1..*", paramLabel = "KEY", description = "Keys, as UTF-8.")
    private List<String> keys;

    @Mixin
    private ConditionMixin conditions;

    @Mixin
    private WriteMixin writes;

    @Override
    public Integer call() {
        var condition = conditions.condition();
        boolean special = condition.isPresent() || conditions.wantsPrevious();
        if (special && keys.size() > 1) {
            throw CommandFailed.badInput("a condition or --previous takes one key, not " + keys.size());
        }
        if (writes.isFast() && conditions.wantsPrevious()) {
            throw CommandFailed.badInput(
                    "--previous does not go with --ack fast, which tells nothing of what came of it");
        }
        AittaTable table = writes.over(table());
        DeleteOptions options = condition.map(DeleteOptions.DEFAULT::onlyIf).orElse(DeleteOptions.DEFAULT);
        if (special && !writes.isFast()) {
            return one(table, conditions.wantsPrevious() ? options.returningPrevious() : options);
        }
        var removals = new Removals(this);
        new EachKey<DeleteResult>(key -> table.delete(key, options)).of(keys, taker(removals));
        return writes.isFast() ? removals.printSent() : removals.print();
    }

    private EachKey.Taker<DeleteResult> taker(Removals removals) {
        boolean fast = writes.isFast();
        return new EachKey.Taker<>() {
            @Override
            public void answered(String key, DeleteResult result) {
                if (fast) {
                    removals.sent(key);
                } else {
                    removals.answered(key, result.existed());
                }
            }

            @Override
            public void failed(String key, AittaException failure) {
                removals.failed(key, failure);
            }
        };
    }

    private int one(AittaTable table, DeleteOptions options) {
        String key = keys.get(0);
        DeleteResult result = table.blocking().delete(Values.utf8(key), options);
        var json = Answers.object()
                .put("key", key)
                .put("applied", result.applied())
                .put("existed", result.existed())
                .put("version", result.version());
        if (conditions.wantsPrevious()) {
            Values.putPrevious(json, result.previous());
        }
        if (json()) {
            answers().json(json);
        } else {
            if (result.applied()) {
                answers().line("removed " + (result.existed() ? 1 : 0) + " of 1");
            }
            if (conditions.wantsPrevious()) {
                answers().previous(result.previous());
            }
        }
        if (!result.applied()) {
            return ConditionMixin.complain(this, key, result.version());
        }
        if (!result.existed()) {
            complain("key " + Values.quoted(key) + " not found");
        }
        return result.existed() ? ExitStatus.DONE : ExitStatus.NOT_FOUND;
    }
}
