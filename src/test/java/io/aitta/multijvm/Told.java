package io.aitta.multijvm;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Which versions clients were told of, and what the key held then. Whoever tells one of them another value than another
 * did is wrong. Thread-safe.
 */
final class Told {
    record KeyVersion(String key, long version) {}

    private final Map<KeyVersion, Optional<String>> values = new ConcurrentHashMap<>();
    private final Queue<String> contradictions = new ConcurrentLinkedQueue<>();

    /** A write was acknowledged, and what came of it was not told. */
    void wrote(String key, long version) {
        values.putIfAbsent(new KeyVersion(key, version), Optional.empty());
    }

    /** A write was acknowledged, or a read answered. */
    void holds(String key, long version, String value) {
        var told = Optional.of(value);
        var before = values.put(new KeyVersion(key, version), told);
        if (before != null && before.isPresent() && !before.equals(told)) {
            contradictions.add(key + " at version " + version + " is both " + before.get() + " and " + value);
        }
    }

    List<String> contradictions() {
        return List.copyOf(contradictions);
    }

    /** Which of what was told is not so by these versions of each key. */
    List<String> missingIn(Map<String, ? extends Map<Long, Optional<String>>> versions) {
        var missing = new ArrayList<String>();
        values.forEach((told, value) -> {
            var found = versions.containsKey(told.key()) ? versions.get(told.key()).get(told.version()) : null;
            if (found == null || value.isPresent() && !value.equals(found)) {
                missing.add(told + " is " + value.orElse("some value") + ", not " + found);
            }
        });
        return missing;
    }

    int size() {
        return values.size();
    }
}
