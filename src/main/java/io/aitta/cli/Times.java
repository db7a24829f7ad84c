package io.aitta.cli;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Times as people write them: {@code 500ms}, {@code 5s}, {@code 2m}, {@code 1h30m}, {@code 7d}; without a unit, seconds. */
final class Times {
    private static final Pattern FORM = Pattern.compile("(?:\\d{1,12}(?:\\.\\d{1,3})?(?:ms|s|m|h|d))+");
    private static final Pattern PART = Pattern.compile("(\\d{1,12})(?:\\.(\\d{1,3}))?(ms|s|m|h|d)");
    private static final Pattern SECONDS = Pattern.compile("\\d{1,12}(?:\\.\\d{1,3})?");

    private record Unit(String letter, long millis) {}

    private static final List<Unit> UNITS =
            List.of(new Unit("d", 86_400_000), new Unit("h", 3_600_000), new Unit("m", 60_000));

    private Times() {}

    /** Empty if it is not a time. A part of a millisecond is left out. */
    static Optional<Duration> parse(String text) {
        String whole = SECONDS.matcher(text).matches() ? text + "s" : text;
        if (!FORM.matcher(whole).matches()) {
            return Optional.empty();
        }
        try {
            long millis = 0;
            Matcher parts = PART.matcher(whole);
            while (parts.find()) {
                long unit = millisOf(parts.group(3));
                String thousandths = parts.group(2) == null ? "0" : (parts.group(2) + "00").substring(0, 3);
                millis = Math.addExact(millis, Math.multiplyExact(Long.parseLong(parts.group(1)), unit));
                millis = Math.addExact(millis, Long.parseLong(thousandths) * unit / 1_000);
            }
            return Optional.of(Duration.ofMillis(millis));
        } catch (ArithmeticException e) {
            return Optional.empty(); // more than a long can count
        }
    }

    private static long millisOf(String unit) {
        return switch (unit) {
            case "ms" -> 1;
            case "s" -> 1_000;
            default ->
                UNITS.stream().filter(u -> u.letter.equals(unit)).findFirst().orElseThrow().millis;
        };
    }

    /** Exact, in the form that is read too. */
    static String shown(Duration time) {
        long millis = time.toMillis();
        var text = new StringBuilder();
        for (Unit unit : UNITS) {
            if (millis >= unit.millis) {
                text.append(millis / unit.millis).append(unit.letter);
                millis %= unit.millis;
            }
        }
        if (millis > 0 || text.isEmpty()) {
            text.append(millis % 1_000 == 0 ? millis / 1_000 + "s" : secondsOrLess(millis, text.isEmpty()));
        }
        return text.toString();
    }

    private static String secondsOrLess(long millis, boolean alone) {
        return alone && millis < 1_000
                ? millis + "ms"
                : millis / 1_000 + "." + String.format("%03d", millis % 1_000) + "s";
    }
}
