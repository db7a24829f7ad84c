package io.aitta.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aitta.client.AittaException;
import io.aitta.client.AittaTable;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Says whether keys have values. */
@Command(
        name = "exists",
        description = {
            "Says whether keys have values.",
            "",
            "Prints a line for each key in the order asked: KEY, a tab, yes or no. The exit code is 1 if any has none. "
                    + "Values are not sent over the network."
        },
        footer = {
            "",
            "JSON: {\"exists\":[{\"key\",\"exists\"} or {\"key\",\"error\":{\"kind\",\"reason\",\"message\"}}]}",
            "",
            "Examples:",
            "  aitta exists greeting",
            "  aitta exists lock --consistency strong && echo taken"
        })
final class ExistsCommand extends ClusterCommand implements EachKey.Taker<Boolean> {
    @Parameters(arity = "1..*", paramLabel = "KEY", description = "Keys, as UTF-8.")
    private List<String> keys;

    @Mixin
    private ReadMixin reads;

    private final ObjectNode report = Answers.object();
    private int worst = ExitStatus.DONE;

    @Override
    public Integer call() {
        report.putArray("exists");
        AittaTable table = reads.over(table());
        new EachKey<>(table::exists).of(keys, this);
        if (json()) {
            answers().json(report);
        }
        return worst;
    }

    @Override
    public void answered(String key, Boolean exists) {
        entry(key).put("exists", exists);
        line(key, exists ? "\tyes" : "\tno");
        worst = Math.max(worst, exists ? ExitStatus.DONE : ExitStatus.NOT_FOUND);
    }

    @Override
    public void failed(String key, AittaException failure) {
        entry(key).set("error", Answers.error(failure));
        line(key, " (error: " + failure.reason() + ")");
        worst = Math.max(worst, complain("key " + Values.quoted(key), failure));
    }

    private ObjectNode entry(String key) {
        return report.withArray("exists").addObject().put("key", key);
    }

    private void line(String key, String rest) {
        if (!json()) {
            answers().bytes(Values.onOneLine(Values.utf8(key)));
            answers().line(rest);
        }
    }
}
