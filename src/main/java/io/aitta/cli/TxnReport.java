package io.aitta.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import io.aitta.client.TransactionResult;
import java.util.List;

/** Prints what became of a transaction, operation by operation. */
final class TxnReport {
    private static final ByteString OK = Values.utf8("OK");

    private final ClusterCommand command;
    private final List<Script.Step> asked;
    private final TransactionResult result;

    TxnReport(ClusterCommand command, Script script, TransactionResult result) {
        this.command = command;
        this.asked = script.steps(result.succeeded());
        this.result = result;
    }

    /** Gives the exit status. */
    int print() {
        if (command.json()) {
            var json = Answers.object().put("succeeded", result.succeeded()).put("version", result.version());
            var results = json.putArray("results");
            for (int i = 0; i < asked.size(); i++) {
                Script.Step step = asked.get(i);
                results.add(json(
                        Answers.object().put("op", step.verb()).put("key", step.key()),
                        result.steps().get(i)));
            }
            command.answers().json(json);
        } else {
            command.answers().line(result.succeeded() ? "OK" : "ELSE");
            for (int i = 0; i < asked.size(); i++) {
                line(asked.get(i), result.steps().get(i));
            }
        }
        if (!result.succeeded()) {
            command.complain("a condition does not hold"
                    + (asked.isEmpty() ? ", nothing happened" : "; the operations of --else were done"));
        }
        return result.succeeded() ? ExitStatus.DONE : ExitStatus.NOT_FOUND;
    }

    private void line(Script.Step asked, TransactionResult.Step step) {
        Answers answers = command.answers();
        answers.text(asked.verb() + " ");
        answers.bytes(Values.onOneLine(Values.utf8(asked.key())));
        ByteString shown = shown(step);
        if (shown == null) {
            answers.text(" (not found)\n");
            return;
        }
        answers.text("\t");
        answers.bytes(Values.onOneLine(shown));
        answers.text("\n");
    }

    /** Null: there was no such key. */
    private static ByteString shown(TransactionResult.Step step) {
        if (step instanceof TransactionResult.Step.Got got) {
            return got.value().map(value -> value.bytes()).orElse(null);
        } else if (step instanceof TransactionResult.Step.Appended appended) {
            return Values.utf8(Long.toString(appended.length()));
        } else if (step instanceof TransactionResult.Step.Incremented incremented) {
            return Values.utf8(Long.toString(incremented.value()));
        } else if (step instanceof TransactionResult.Step.Deleted deleted) {
            return deleted.existed() ? OK : null;
        } else if (step instanceof TransactionResult.Step.Expired expired) {
            return expired.existed() ? OK : null;
        } else if (step instanceof TransactionResult.Step.Persisted persisted) {
            return persisted.existed() ? OK : null;
        }
        return OK;
    }

    private static ObjectNode json(ObjectNode json, TransactionResult.Step step) {
        if (step instanceof TransactionResult.Step.Got got) {
            json.put("found", got.value().isPresent());
            got.value().ifPresent(value -> Values.put(json, value, false));
        } else if (step instanceof TransactionResult.Step.Appended appended) {
            json.put("length", appended.length()).put("version", appended.version());
        } else if (step instanceof TransactionResult.Step.Incremented incremented) {
            json.put("value", incremented.value()).put("version", incremented.version());
        } else if (step instanceof TransactionResult.Step.Deleted deleted) {
            json.put("existed", deleted.existed());
        } else if (step instanceof TransactionResult.Step.Set set) {
            json.put("existed", set.existed()).put("version", set.version());
        } else if (step instanceof TransactionResult.Step.Expired expired) {
            json.put("existed", expired.existed()).put("version", expired.version());
        } else if (step instanceof TransactionResult.Step.Persisted persisted) {
            json.put("existed", persisted.existed()).put("version", persisted.version());
        }
        return json;
    }
}
