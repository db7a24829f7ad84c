package io.aitta.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigValue;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * Reads the keys of one section, such as {@code aitta.grpc}, each with its type and range. Whatever does not fit is a
 * {@link ConfigException} that names the key, its value, where it was set, and what would be right. Immutable.
 */
public final class ConfigSection {
    private final Config root;
    private final String path;

    private ConfigSection(Config root, String path) {
        this.root = root;
        this.path = path;
    }

    /** @param root resolved, and holding all keys of the section (reference.conf gives the defaults) */
    public static ConfigSection of(Config root, String path) {
        return new ConfigSection(root, path);
    }

    public String string(String key) {
        return read(key, "text", root::getString);
    }

    public boolean flag(String key) {
        return read(key, "true or false", root::getBoolean);
    }

    public int integer(String key, int min, int max) {
        String right = String.format(Locale.ROOT, "a whole number from %,d to %,d", min, max);
        long value = read(key, right, root::getLong);
        require(value >= min && value <= max, key, right);
        return (int) value;
    }

    public double number(String key, double min, double max) {
        String right = "a number from " + min + " to " + max;
        double value = read(key, right, root::getDouble);
        require(value >= min && value <= max, key, right);
        return value;
    }

    /** A size such as {@code 512 KiB}. */
    public int bytes(String key, int min, int max) {
        String right = String.format(Locale.ROOT, "a size from %,d to %,d bytes, such as \"512 KiB\"", min, max);
        long value = read(key, right, root::getBytes);
        require(value >= min && value <= max, key, right);
        return (int) value;
    }

    /** A time such as {@code 5 s}. */
    public Duration duration(String key, Duration min, Duration max) {
        String right = String.format("a time from %s to %s, such as \"%s\"", spell(min), spell(max), spell(max));
        Duration value = read(key, right, root::getDuration);
        require(value.compareTo(min) >= 0 && value.compareTo(max) <= 0, key, right);
        return value;
    }

    public List<String> strings(String key) {
        return read(key, "a list of texts, such as [\"a\", \"b\"]", root::getStringList);
    }

    /** For conditions over what was read: fails naming {@code key} and what is right unless {@code holds}. */
    public void require(boolean holds, String key, String right) {
        if (!holds) {
            throw new ConfigException(describe(key) + ": must be " + right);
        }
    }

    private <T> T read(String key, String right, Function<String, T> reader) {
        try {
            return reader.apply(path + "." + key);
        } catch (com.typesafe.config.ConfigException failure) {
            throw new ConfigException(describe(key) + ": must be " + right, failure);
        }
    }

    private String describe(String key) {
        String full = path + "." + key;
        if (!root.hasPath(full)) {
            return full + " is not set";
        }
        ConfigValue value = root.getValue(full);
        return full + " = " + value.unwrapped() + " (" + where(value.origin()) + ")";
    }

    /** FILE:LINE, or whatever else is known of where a value came from. */
    static String where(ConfigOrigin origin) {
        if (origin.filename() != null) {
            return origin.filename() + ":" + origin.lineNumber();
        }
        return origin.description();
    }

    private static String spell(Duration duration) {
        return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + " s" : duration.toMillis() + " ms";
    }
}
