package io.aitta.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** What {@code serve} is told by keys alone, as by {@code -D}. */
public final class TestSettings {
    private TestSettings() {}

    public static Settings with(Map<String, String> keys) {
        return Settings.load(options(Optional.empty(), keys));
    }

    static ServeOptions options(Optional<Path> file, Map<String, String> keys) {
        return new ServeOptions(
                file,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                List.of(),
                Optional.empty(),
                OptionalInt.empty(),
                keys);
    }
}
