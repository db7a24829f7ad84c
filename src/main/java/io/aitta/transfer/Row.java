package io.aitta.transfer;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.OptionalLong;

/**
 * A key with its value.
 *
 * @param key at least one byte
 * @param remainingMillis the rest of its time to live, above 0; empty: it never expires
 */
public record Row(ByteString key, ByteString value, OptionalLong remainingMillis) {
    static final String UTF_8 = "utf-8";
    static final String BASE64 = "base64";

    /** About what it takes in memory. */
    long bytes() {
        return key.size() + value.size() + 64L;
    }

    /** How bytes can be text: as they are if they are UTF-8, else in base64. */
    static String encodingOf(ByteString bytes) {
        return bytes.isValidUtf8() ? UTF_8 : BASE64;
    }

    static String encode(ByteString bytes) {
        return bytes.isValidUtf8() ? bytes.toStringUtf8() : Base64.getEncoder().encodeToString(bytes.toByteArray());
    }

    /**
     * From what a file says.
     *
     * @param remaining null or empty: none
     * @throws BadRow if it is not a row
     */
    static Row of(String key, String keyEncoding, String value, String encoding, String remaining) {
        if (key == null) {
            throw new BadRow("there is no key");
        }
        if (value == null) {
            throw new BadRow("there is no value");
        }
        ByteString keyBytes = decode("key", key, "key_encoding", keyEncoding);
        if (keyBytes.isEmpty()) {
            throw new BadRow("the key is empty; a key has at least one byte");
        }
        return new Row(keyBytes, decode("value", value, "encoding", encoding), millis(remaining));
    }

    private static ByteString decode(String field, String text, String encodingField, String encoding) {
        if (encoding == null || encoding.isEmpty() || encoding.equals(UTF_8)) {
            return ByteString.copyFrom(text, StandardCharsets.UTF_8);
        }
        if (!encoding.equals(BASE64)) {
            throw new BadRow(encodingField + " is utf-8 or base64, not '" + encoding + "'");
        }
        try {
            return ByteString.copyFrom(Base64.getDecoder().decode(text));
        } catch (IllegalArgumentException e) {
            throw new BadRow("the " + field + " is not base64: " + e.getMessage());
        }
    }

    private static OptionalLong millis(String remaining) {
        if (remaining == null || remaining.isEmpty()) {
            return OptionalLong.empty();
        }
        try {
            long millis = Long.parseLong(remaining);
            if (millis > 0) {
                return OptionalLong.of(millis);
            }
        } catch (NumberFormatException e) {
            // Said below, together with what is a number but not above zero.
        }
        throw new BadRow("remaining_millis is a whole number above 0, not '" + remaining + "'");
    }

    /** What stands in a file where a row should, is none. */
    static final class BadRow extends RuntimeException {
        private static final long serialVersionUID = 1L;

        BadRow(String what) {
            super(what);
        }
    }
}
