package io.aitta.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aitta.client.AittaException;
import io.aitta.client.AittaTable;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Removes keys, each on its own. */
@Command(
        name = "del",
        description = {
            "Removes keys.",
            "",
            "Prints how many of them there were. Keys are removed each on its own; a key that does not exist makes the "
                    + "exit code 1, and the others are removed all the same."
        },
        footer = {
            "",
            "JSON: {\"deletes\":[{\"key\",\"existed\"} or {\"key\",\"error\":{\"kind\",\"reason\",\"message\"}}]}",
            "",
            "Examples:",
            "  aitta del greeting",
            "  aitta -t users del user:1 user:2"
        })
final class DelCommand extends ClusterCommand {
    private static final int IN_FLIGHT = 64;

    @Parameters(arity = "1..*", paramLabel = "KEY", description = "Keys, as UTF-8.")
    private List<String> keys;

    private final ObjectNode report = Answers.object();
    private int removed;
    private int worst = ExitStatus.DONE;

    @Override
    public Integer call() {
        report.putArray("deletes");
        AittaTable table = table();
        var underWay = new ArrayDeque<CompletionStage<Boolean>>();
        int asked = 0;
        for (String key : keys) {
            while (asked < keys.size() && underWay.size() < IN_FLIGHT) {
                underWay.add(table.delete(Values.utf8(keys.get(asked++))));
            }
            await(key, underWay.remove());
        }
        if (json()) {
            answers().json(report);
        } else {
            answers().line("removed " + removed + " of " + keys.size());
        }
        return worst;
    }

    private void await(String key, CompletionStage<Boolean> answer) {
        var json = report.withArray("deletes").addObject().put("key", key);
        try {
            boolean existed = answer.toCompletableFuture().join();
            json.put("existed", existed);
            if (existed) {
                removed++;
            } else {
                complain("key " + Values.quoted(key) + " not found");
                worst = Math.max(worst, ExitStatus.NOT_FOUND);
            }
        } catch (CompletionException e) {
            if (!(e.getCause() instanceof AittaException failure)) {
                throw e;
            }
            json.set("error", Answers.error(failure));
            worst = Math.max(worst, complain("key " + Values.quoted(key), failure));
        }
    }
}
