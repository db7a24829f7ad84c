package io.aitta.cli;

import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a time above zero, of any length; see {@link Times}. */
final class TimeConverter implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
        return Times.parse(text)
                .filter(time -> !time.isZero())
                .orElseThrow(() -> new TypeConversionException(
                        "'" + text + "' is not a time above zero, such as 500ms, 30s, 1h30m or 7d"));
    }
}
