package io.aitta.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aitta.client.AittaException;

/** Reports what became of keys that were to be removed: the shape that {@code del} and {@code mdel} share. */
final class Removals implements EachKey.Taker<Boolean> {
    private final ClusterCommand command;
    private final ObjectNode report = Answers.object();
    private int keys;
    private int removed;
    private int worst = ExitStatus.DONE;

    Removals(ClusterCommand command) {
        this.command = command;
        report.putArray("deletes");
    }

    @Override
    public void answered(String key, Boolean existed) {
        entry(key).put("existed", existed);
        if (existed) {
            removed++;
        } else {
            command.complain("key " + Values.quoted(key) + " not found");
            worst = Math.max(worst, ExitStatus.NOT_FOUND);
        }
    }

    @Override
    public void failed(String key, AittaException failure) {
        entry(key).set("error", Answers.error(failure));
        worst = Math.max(worst, command.complain("key " + Values.quoted(key), failure));
    }

    /** It is under way; whether there was a value is not told. */
    void sent(String key) {
        entry(key).put("sent", true);
    }

    private ObjectNode entry(String key) {
        keys++;
        return report.withArray("deletes").addObject().put("key", key);
    }

    /** Prints it; gives the exit status of the worst. */
    int print() {
        command.answer("removed " + removed + " of " + keys, report);
        return worst;
    }

    /** As {@link #print}, where whether there were values is not told. */
    int printSent() {
        command.answer("SENT", report);
        return worst;
    }
}
