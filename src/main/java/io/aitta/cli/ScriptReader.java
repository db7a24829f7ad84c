package io.aitta.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.aitta.client.Condition;
import java.time.Duration;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** Reads a transaction from a text: one condition or operation a line, or one JSON object. */
final class ScriptReader {
    private static final ObjectMapper MAPPER =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    private static final Set<String> LISTS = Set.of("if", "then", "else");
    private static final Set<String> CONDITION_FIELDS = Set.of("key", "exists", "version", "value", "encoding");
    private static final Set<String> OPERATION_FIELDS = Set.of("op", "key", "value", "encoding", "ttl", "amount");

    private final Script script = new Script();

    private ScriptReader() {}

    static Script read(String text) {
        var reader = new ScriptReader();
        if (text.stripLeading().startsWith("{")) {
            reader.json(text);
        } else {
            text.lines().map(String::strip).forEach(reader::line);
        }
        return reader.script;
    }

    private void line(String line) {
        if (line.isEmpty() || line.startsWith("#")) {
            return;
        }
        String[] parts = line.split("\\s+", 2);
        String rest = parts.length == 2 ? parts[1] : "";
        switch (parts[0]) {
            case "if" -> script.addIf(rest);
            case "then" -> script.addThen(rest);
            case "else" -> script.addElse(rest);
            default ->
                throw CommandFailed.badInput(
                        "the line " + Values.quoted(line) + " does not begin with if, then or else");
        }
    }

    // ---- JSON

    private void json(String text) {
        JsonNode root;
        try {
            root = MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw CommandFailed.badInput("the transaction is not JSON: " + e.getOriginalMessage() + " (line "
                    + e.getLocation().getLineNr() + ", column "
                    + e.getLocation().getColumnNr() + ")");
        }
        checkFields(root, LISTS);
        each(root, "if", this::condition);
        each(root, "then", node -> script.addThen(operation(node)));
        each(root, "else", node -> script.addElse(operation(node)));
    }

    private static void each(JsonNode root, String name, Consumer<JsonNode> action) {
        JsonNode list = root.path(name);
        if (!list.isMissingNode() && !list.isArray()) {
            throw CommandFailed.badInput("\"" + name + "\" must be a list");
        }
        list.forEach(action);
    }

    private void condition(JsonNode node) {
        checkFields(node, CONDITION_FIELDS);
        List<String> kinds =
                List.of("exists", "version", "value").stream().filter(node::has).toList();
        if (kinds.size() != 1) {
            throw CommandFailed.badInput("a condition has one of \"exists\", \"version\" and \"value\", not " + node);
        }
        Condition condition =
                switch (kinds.get(0)) {
                    case "exists" -> bool(node, "exists") ? Condition.present() : Condition.absent();
                    case "version" -> ConditionMixin.version(number(node, "version"));
                    default -> Condition.hasValue(value(node));
                };
        script.when(text(node, "key"), condition);
    }

    private static Script.Step operation(JsonNode node) {
        checkFields(node, OPERATION_FIELDS);
        String verb = text(node, "op");
        boolean takesValue = verb.equals("set") || verb.equals("append");
        boolean takesTime = verb.equals("expire") || verb.equals("set") && node.has("ttl");
        ByteString value = takesValue ? value(node) : null;
        Duration time = takesTime ? Script.time(text(node, "ttl")) : null;
        long amount = verb.equals("incr") && node.has("amount") ? number(node, "amount") : 1;
        return Script.step(verb, text(node, "key"), value, time, amount);
    }

    private static ByteString value(JsonNode node) {
        String value = text(node, "value");
        String encoding = node.has("encoding") ? text(node, "encoding") : "utf-8";
        return switch (encoding) {
            case "utf-8" -> Values.utf8(value);
            case "hex" -> Values.parseHex(value);
            case "base64" -> base64(value);
            default ->
                throw CommandFailed.badInput("\"encoding\" is utf-8, hex or base64, not " + Values.quoted(encoding));
        };
    }

    private static ByteString base64(String value) {
        try {
            return ByteString.copyFrom(Base64.getDecoder().decode(value));
        } catch (IllegalArgumentException e) {
            throw CommandFailed.badInput(Values.quoted(value) + " is not base64: " + e.getMessage());
        }
    }

    private static void checkFields(JsonNode node, Set<String> allowed) {
        if (!node.isObject()) {
            throw CommandFailed.badInput("a JSON object is wanted, not " + node);
        }
        for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!allowed.contains(name)) {
                throw CommandFailed.badInput(
                        "there is no field " + Values.quoted(name) + " in " + node + "; see 'aitta txn --help'");
            }
        }
    }

    private static String text(JsonNode node, String name) {
        if (!node.path(name).isTextual()) {
            throw CommandFailed.badInput("\"" + name + "\" must be a text in " + node);
        }
        return node.get(name).textValue();
    }

    private static long number(JsonNode node, String name) {
        if (!node.path(name).canConvertToLong() || !node.get(name).isIntegralNumber()) {
            throw CommandFailed.badInput("\"" + name + "\" must be a whole number within 64 bits in " + node);
        }
        return node.get(name).longValue();
    }

    private static boolean bool(JsonNode node, String name) {
        if (!node.path(name).isBoolean()) {
            throw CommandFailed.badInput("\"" + name + "\" must be true or false in " + node);
        }
        return node.get(name).booleanValue();
    }
}
