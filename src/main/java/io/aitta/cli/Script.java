package io.aitta.cli;

import com.google.protobuf.ByteString;
import io.aitta.client.Condition;
import io.aitta.client.Operation;
import io.aitta.client.Transaction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A transaction as people write it, with what is needed to report on it. Collects; not thread-safe. */
final class Script {
    private static final String CONDITIONS = "absent KEY, present KEY, version KEY N, value KEY VALUE";
    private static final String OPERATIONS =
            "get KEY, set KEY VALUE [--ttl TIME], del KEY, append KEY VALUE, incr KEY [AMOUNT], expire KEY TIME, persist KEY";

    /** An operation and the words that its result is reported with. */
    record Step(String verb, String key, Operation operation) {}

    private final Transaction.Builder transaction = Transaction.builder();
    private final List<Step> thenSteps = new ArrayList<>();
    private final List<Step> elseSteps = new ArrayList<>();
    private boolean empty = true;

    void addIf(String line) {
        List<String> words = Words.of(line);
        String kind = words.isEmpty() ? "" : words.get(0);
        Condition condition =
                switch (kind + words.size()) {
                    case "absent2" -> Condition.absent();
                    case "present2" -> Condition.present();
                    case "version3" -> ConditionMixin.version(number("a version", words.get(2)));
                    case "value3" -> Condition.hasValue(Values.utf8(words.get(2)));
                    default ->
                        throw CommandFailed.badInput(
                                Values.quoted(line) + " is no condition; conditions are " + CONDITIONS);
                };
        when(words.get(1), condition);
    }

    void when(String key, Condition condition) {
        transaction.when(Values.utf8(key), condition);
        empty = false;
    }

    void addThen(String line) {
        addThen(step(line));
    }

    void addElse(String line) {
        addElse(step(line));
    }

    void addThen(Step step) {
        transaction.then(step.operation);
        thenSteps.add(step);
        empty = false;
    }

    void addElse(Step step) {
        transaction.otherwise(step.operation);
        elseSteps.add(step);
        empty = false;
    }

    Transaction transaction() {
        if (empty) {
            throw CommandFailed.badInput("the transaction has no condition and no operation");
        }
        return transaction.build();
    }

    /** Those that were done. */
    List<Step> steps(boolean succeeded) {
        return succeeded ? thenSteps : elseSteps;
    }

    private static Step step(String line) {
        List<String> words = Words.of(line);
        String verb = words.isEmpty() ? "" : words.get(0);
        if (verb.equals("set") && words.size() == 5 && words.get(3).equals("--ttl")) {
            return step(verb, words.get(1), Values.utf8(words.get(2)), time(words.get(4)), 0);
        }
        boolean known =
                switch (verb + words.size()) {
                    case "get2", "set3", "del2", "append3", "incr2", "incr3", "expire3", "persist2" -> true;
                    default -> false;
                };
        if (!known) {
            throw CommandFailed.badInput(Values.quoted(line) + " is no operation; operations are " + OPERATIONS);
        }
        String key = words.get(1);
        String last = words.get(words.size() - 1);
        return switch (verb) {
            case "incr" -> step(verb, key, null, null, words.size() == 2 ? 1 : number("an amount", last));
            case "expire" -> step(verb, key, null, time(last), 0);
            default -> step(verb, key, Values.utf8(last), null, 0);
        };
    }

    /**
     * One operation; what it has no use for is not looked at.
     *
     * @param time null: none
     */
    static Step step(String verb, String key, ByteString value, Duration time, long amount) {
        ByteString bytes = Values.utf8(key);
        return new Step(
                verb,
                key,
                switch (verb) {
                    case "get" -> Operation.get(bytes);
                    case "set" -> time == null ? Operation.set(bytes, value) : Operation.set(bytes, value, time);
                    case "del" -> Operation.delete(bytes);
                    case "append" -> Operation.append(bytes, value);
                    case "incr" -> Operation.increment(bytes, amount);
                    case "expire" -> Operation.expire(bytes, time);
                    case "persist" -> Operation.persist(bytes);
                    default ->
                        throw CommandFailed.badInput(
                                Values.quoted(verb) + " is no operation; operations are " + OPERATIONS);
                });
    }

    static Duration time(String text) {
        return Times.parse(text)
                .filter(time -> !time.isZero())
                .orElseThrow(() -> CommandFailed.badInput(
                        Values.quoted(text) + " is not a time above zero, such as 500ms, 30s, 1h30m or 7d"));
    }

    private static long number(String what, String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw CommandFailed.badInput(what + " is a whole number within 64 bits, not " + Values.quoted(text));
        }
    }
}
