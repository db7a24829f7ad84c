package io.aitta.gateway;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * Bytes as people read and write them: text as it is, with a backslash as {@code \\}; where bytes are no text that can be
 * shown, all of them as {@code \xHH}. What is written can be read again.
 */
final class KeyText {
    private KeyText() {}

    /** @param maxBytes more are left out */
    static String write(ByteString bytes, int maxBytes) {
        ByteString shown = bytes.size() <= maxBytes ? bytes : wholeCharacters(bytes, maxBytes);
        if (shown.isValidUtf8()) {
            String text = shown.toStringUtf8();
            if (text.codePoints().noneMatch(KeyText::isUnseen)) {
                return text.replace("\\", "\\\\");
            }
        }
        var escaped = new StringBuilder();
        for (byte each : bytes.substring(0, Math.min(bytes.size(), maxBytes))) {
            escaped.append("\\x").append(HexFormat.of().toHexDigits(each));
        }
        return escaped.toString();
    }

    /** Does not end in the middle of a character, unless it is no text anyway. */
    private static ByteString wholeCharacters(ByteString bytes, int maxBytes) {
        int end = maxBytes;
        while (end > maxBytes - 3 && end > 0 && (bytes.byteAt(end) & 0xc0) == 0x80) {
            end--;
        }
        return bytes.substring(0, end);
    }

    private static boolean isUnseen(int point) {
        return Character.isISOControl(point)
                || Character.getType(point) == Character.FORMAT
                || Character.getType(point) == Character.UNASSIGNED
                || Character.getType(point) == Character.SURROGATE;
    }

    /** @throws ProblemException naming {@code field} if a backslash is followed by anything but a backslash or xHH */
    static ByteString read(String text, String field) {
        var bytes = ByteString.newOutput(text.length());
        int at = 0;
        while (at < text.length()) {
            int backslash = text.indexOf('\\', at);
            int end = backslash < 0 ? text.length() : backslash;
            byte[] plain = text.substring(at, end).getBytes(StandardCharsets.UTF_8);
            bytes.write(plain, 0, plain.length);
            at = end;
            if (at < text.length()) {
                at = readEscaped(text, at, bytes, field);
            }
        }
        return bytes.toByteString();
    }

    private static int readEscaped(String text, int at, ByteString.Output bytes, String field) {
        if (text.startsWith("\\\\", at)) {
            bytes.write('\\');
            return at + 2;
        }
        boolean isHex = text.startsWith("\\x", at)
                && at + 4 <= text.length()
                && HexFormat.isHexDigit(text.charAt(at + 2))
                && HexFormat.isHexDigit(text.charAt(at + 3));
        if (!isHex) {
            throw Problem.inField(
                            ErrorReason.BAD_RANGE,
                            field,
                            "after a backslash comes another one, or x and two hex digits: " + Text.shortened(text))
                    .asException();
        }
        bytes.write(HexFormat.fromHexDigits(text, at + 2, at + 4));
        return at + 4;
    }
}
