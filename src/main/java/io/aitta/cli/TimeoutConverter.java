package io.aitta.cli;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code 500ms}, {@code 5s}, {@code 2m}, or a plain number of seconds; above zero and at most ten minutes. */
final class TimeoutConverter implements ITypeConverter<Duration> {
    private static final Pattern FORM = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,3})?)(ms|s|m)?");
    private static final Duration LONGEST = Duration.ofMinutes(10);

    @Override
    public Duration convert(String text) {
        Matcher form = FORM.matcher(text);
        if (form.matches()) {
            double millisOfUnit = form.group(2) == null
                    ? 1_000
                    : switch (form.group(2)) {
                        case "ms" -> 1;
                        case "m" -> 60_000;
                        default -> 1_000;
                    };
            var duration = Duration.ofMillis((long) (Double.parseDouble(form.group(1)) * millisOfUnit));
            if (!duration.isZero() && duration.compareTo(LONGEST) <= 0) {
                return duration;
            }
        }
        throw new TypeConversionException("'" + text + "' is not a time of 1ms to 10m, such as 500ms, 5s or 2m");
    }
}
