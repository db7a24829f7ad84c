package io.aitta.config;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The keys there are: those of reference.conf, no others. A misspelt key would otherwise be taken as silence, and the
 * node would run with a default that nobody wanted.
 */
final class KnownKeys {
    private static final String ROOT = "aitta";

    private final ConfigObject reference;
    private final List<String> paths = new ArrayList<>();

    /** @param reference the merged reference.conf, resolved */
    KnownKeys(ConfigObject reference) {
        this.reference = reference;
        collect(reference.toConfig().getObject(ROOT), ROOT);
    }

    /**
     * Checks what a user set. Keys outside {@code aitta} belong to the libraries and are not judged, except for a top
     * level so near to {@code aitta} that it must be meant.
     *
     * @throws ConfigException naming the first key that is unknown, or a section where a value belongs, or the reverse
     */
    void check(ConfigObject given) {
        for (var entry : given.entrySet()) {
            if (entry.getKey().equals(ROOT)) {
                check(entry.getValue(), reference.get(ROOT), ROOT);
            } else if (!reference.containsKey(entry.getKey()) && distance(entry.getKey(), ROOT) <= 2) {
                throw unknown(entry.getKey(), originOf(entry.getValue()), Optional.of(ROOT));
            }
        }
    }

    private void check(ConfigValue given, ConfigValue known, String path) {
        if (known == null) {
            throw unknown(path, originOf(given), nearest(path));
        }
        boolean isSection = known.valueType() == ConfigValueType.OBJECT;
        if (isSection != (given.valueType() == ConfigValueType.OBJECT)) {
            throw new ConfigException(path + " (" + ConfigSection.where(given.origin()) + ") is "
                    + (isSection ? "a section with keys of its own, not a value" : "one value, not a section"));
        }
        if (isSection) {
            ((ConfigObject) given)
                    .forEach((key, value) ->
                            check(value, ((ConfigObject) known).get(key), path + "." + ConfigUtil.joinPath(key)));
        }
    }

    /** Where a value was set; a section that exists only because of a value in it was set where that was. */
    private static ConfigOrigin originOf(ConfigValue value) {
        return value instanceof ConfigObject section && !section.isEmpty()
                ? originOf(section.values().iterator().next())
                : value.origin();
    }

    private static ConfigException unknown(String path, ConfigOrigin origin, Optional<String> nearest) {
        return new ConfigException("unknown key " + path + " in " + ConfigSection.where(origin)
                + nearest.map(known -> "; did you mean " + known + "?")
                        .orElse("; reference.conf explains all keys there are"));
    }

    private Optional<String> nearest(String path) {
        int tolerable = Math.max(3, path.length() / 4);
        return paths.stream()
                .min(Comparator.comparingInt(known -> distance(path, known)))
                .filter(known -> distance(path, known) <= tolerable);
    }

    private void collect(ConfigObject section, String path) {
        section.forEach((key, value) -> {
            String full = path + "." + ConfigUtil.joinPath(key);
            paths.add(full);
            if (value instanceof ConfigObject inner) {
                collect(inner, full);
            }
        });
    }

    /** Levenshtein's: insertions, deletions and replacements that lead from one to the other. */
    private static int distance(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[to.length()];
    }
}
