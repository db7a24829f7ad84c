package io.aitta.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import io.aitta.client.VersionedValue;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;

/** Values as people write and read them. */
final class Values {
    private Values() {}

    static ByteString utf8(String text) {
        return ByteString.copyFromUtf8(text);
    }

    /** The bytes an argument stands for. */
    static ByteString parse(String text, boolean hex) {
        return hex ? parseHex(text) : utf8(text);
    }

    /** The bytes that hex digits stand for; blanks around them are left out. */
    static ByteString parseHex(String text) {
        String digits = text.strip();
        if (digits.length() % 2 != 0) {
            throw CommandFailed.badInput("--hex needs an even number of hex digits, but " + quoted(digits) + " has "
                    + digits.length() + "; write a leading 0 if one is missing");
        }
        try {
            return ByteString.copyFrom(HexFormat.of().parseHex(digits));
        } catch (IllegalArgumentException e) {
            throw CommandFailed.badInput("--hex takes the digits 0-9 and a-f only, not " + quoted(digits));
        }
    }

    static ByteString shown(ByteString value, boolean hex) {
        return hex ? utf8(HexFormat.of().formatHex(value.toByteArray())) : value;
    }

    /** A value that fits on one line: backslash, tab, newline and carriage return are written as in C. */
    static ByteString onOneLine(ByteString value) {
        var line = ByteString.newOutput(value.size());
        for (byte b : value) {
            switch (b) {
                case '\\' -> escape(line, '\\');
                case '\t' -> escape(line, 't');
                case '\n' -> escape(line, 'n');
                case '\r' -> escape(line, 'r');
                default -> line.write(b);
            }
        }
        return line.toByteString();
    }

    private static void escape(ByteString.Output line, char letter) {
        line.write('\\');
        line.write(letter);
    }

    /** Adds {@code value} and {@code encoding}: utf-8, hex if asked for, or base64 for what is not UTF-8. */
    static void put(ObjectNode json, ByteString value, boolean hex) {
        if (hex) {
            json.put("value", shown(value, true).toStringUtf8()).put("encoding", "hex");
        } else if (value.isValidUtf8()) {
            json.put("value", value.toStringUtf8()).put("encoding", "utf-8");
        } else {
            json.put("value", Base64.getEncoder().encodeToString(value.toByteArray()))
                    .put("encoding", "base64");
        }
    }

    /** Adds a value, its version, and how long it has to live if it expires. */
    static ObjectNode put(ObjectNode json, VersionedValue value, boolean hex) {
        put(json, value.bytes(), hex);
        json.put("version", value.version());
        value.timeToLive().ifPresent(rest -> json.put("remaining_millis", rest.toMillis()));
        return json;
    }

    /** Adds {@code key}, in base64 if it is not UTF-8, which {@code key_encoding} says then. */
    static void putKey(ObjectNode json, ByteString key) {
        if (key.isValidUtf8()) {
            json.put("key", key.toStringUtf8());
        } else {
            json.put("key", Base64.getEncoder().encodeToString(key.toByteArray()))
                    .put("key_encoding", "base64");
        }
    }

    /** Adds what a key held before as {@code previous}; null if it was nothing. */
    static void putPrevious(ObjectNode json, Optional<VersionedValue> previous) {
        json.set(
                "previous",
                previous.map(value -> put(Answers.object(), value, false)).orElse(null));
    }

    /** Text in a message: in quotes, not too long. */
    static String quoted(String text) {
        int most = 40;
        return "'" + (text.length() <= most ? text : text.substring(0, most) + "...") + "'";
    }

    static String quoted(ByteString key) {
        return quoted(new String(key.toByteArray(), StandardCharsets.UTF_8));
    }
}
