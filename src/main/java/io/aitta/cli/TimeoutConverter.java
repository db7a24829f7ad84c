package io.aitta.cli;

import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads how long a request may take: above zero and at most ten minutes; see {@link Times}. */
final class TimeoutConverter implements ITypeConverter<Duration> {
    private static final Duration LONGEST = Duration.ofMinutes(10);

    @Override
    public Duration convert(String text) {
        return Times.parse(text)
                .filter(time -> !time.isZero() && time.compareTo(LONGEST) <= 0)
                .orElseThrow(() -> new TypeConversionException(
                        "'" + text + "' is not a time of 1ms to 10m, such as 500ms, 5s or 2m"));
    }
}
