package io.aitta.cli;

import java.util.List;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** How answers are written. */
enum Output {
    /** For people, and for simple pipes. */
    TEXT,
    /** One JSON document on one line, with field names that stay. */
    JSON;

    /** The words for it. */
    static final class Words extends ListOfWords {
        Words() {
            super(List.of("text", "json"));
        }
    }

    /** Reads {@code text} or {@code json}. */
    static final class Converter implements ITypeConverter<Output> {
        @Override
        public Output convert(String text) {
            return switch (text) {
                case "text" -> TEXT;
                case "json" -> JSON;
                default -> throw new TypeConversionException("'" + text + "' is neither text nor json");
            };
        }
    }
}
