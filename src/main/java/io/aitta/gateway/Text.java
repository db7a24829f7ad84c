package io.aitta.gateway;

/** What clients sent, made fit to be shown: short, and without control characters. */
final class Text {
    private static final int MAX_SHOWN = 80;

    private Text() {}

    static String shortened(String text) {
        String shown = text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "...";
        return shown.codePoints()
                .map(point -> Character.isISOControl(point) ? '?' : point)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
