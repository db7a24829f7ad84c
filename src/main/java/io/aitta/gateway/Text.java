package io.aitta.gateway;

import com.google.protobuf.ByteString;
import java.util.Locale;

/** What clients sent, made fit to be shown: short, and without control characters. */
final class Text {
    private static final int MAX_SHOWN = 80;
    /** Each may take four characters. */
    private static final int BYTES_SHOWN = 40;

    private Text() {}

    static String shortened(String text) {
        String shown = text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "...";
        return shown.codePoints()
                .map(point -> Character.isISOControl(point) ? '?' : point)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    /** A key: printable ASCII as it is, all else, quotes and backslashes as {@code \xHH}. */
    static String escaped(ByteString key) {
        var shown = new StringBuilder();
        for (int i = 0; i < Math.min(key.size(), BYTES_SHOWN); i++) {
            int value = key.byteAt(i) & 0xff;
            if (value < ' ' || value > '~' || value == '\'' || value == '\\') {
                shown.append(String.format(Locale.ROOT, "\\x%02x", value));
            } else {
                shown.append((char) value);
            }
        }
        return key.size() > BYTES_SHOWN ? shown.append("...").toString() : shown.toString();
    }
}
