package io.aitta.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import io.aitta.client.AittaException;
import io.aitta.client.AittaException.OutcomeUnknown;
import io.aitta.client.AittaException.Unavailable;
import io.aitta.client.VersionedValue;
import java.io.PrintStream;
import java.util.Optional;

/** Writes answers to standard output. */
final class Answers {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final PrintStream out;

    Answers(PrintStream out) {
        this.out = out;
    }

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    void json(ObjectNode answer) {
        out.print(lineOf(answer));
    }

    /** As it is printed, with the end of the line. */
    static String lineOf(ObjectNode answer) {
        try {
            return MAPPER.writeValueAsString(answer) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of plain values cannot fail to be written", e);
        }
    }

    /** One line of text. */
    void line(String text) {
        out.print(text + "\n");
    }

    /** Text that ends its own lines. */
    void text(String text) {
        out.print(text);
    }

    void bytes(ByteString bytes) {
        byte[] raw = bytes.toByteArray();
        out.write(raw, 0, raw.length);
    }

    /** What a key held before. */
    void previous(Optional<VersionedValue> previous) {
        if (previous.isEmpty()) {
            line("previous (none)");
            return;
        }
        text("previous: ");
        bytes(Values.onOneLine(previous.get().bytes()));
        text("\n");
    }

    /** What became of one of many keys, as JSON. */
    static ObjectNode error(AittaException failure) {
        String kind = failure instanceof OutcomeUnknown
                ? "outcome_unknown"
                : failure instanceof Unavailable ? "unavailable" : "refused";
        return object().put("kind", kind).put("reason", failure.reason()).put("message", failure.getMessage());
    }
}
