package io.aitta.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** The settings that a node runs with, for people: each with where it was set, and none of the secrets. */
public final class SettingsReport {
    private static final String ROOT = "aitta";
    /** Of the last part of a key. What ends so names a file that holds one. */
    private static final Pattern SECRET = Pattern.compile("(?i).*(password|passphrase|secret|token|credential).*");

    private static final Pattern NO_SECRET = Pattern.compile("(?i).*(file|dir|path|interval|bytes|count)");
    /** In the URL of a database. */
    private static final Pattern IN_URL = Pattern.compile("(?i)((?:password|passwd|pwd|secret|token)=)[^&;]*");

    private static final Pattern USER_INFO = Pattern.compile("(://[^/@:]*:)[^/@]*@");
    private static final String MASK = "***";

    /**
     * One setting.
     *
     * @param value as it would stand in a file; of a secret {@code ***}, or nothing if it is not set
     * @param origin a file with its line, a flag, or reference.conf
     */
    public record Setting(String key, String value, String origin, boolean secret) {}

    private SettingsReport() {}

    /** @param prefix such as {@code aitta.limits}; empty: all of {@code aitta}. By key */
    public static List<Setting> of(Config config, String prefix) {
        return config.getConfig(ROOT).atPath(ROOT).entrySet().stream()
                .filter(entry -> prefix.isEmpty()
                        || entry.getKey().equals(prefix)
                        || entry.getKey().startsWith(prefix.endsWith(".") ? prefix : prefix + "."))
                .sorted(Map.Entry.comparingByKey())
                .map(entry -> setting(entry.getKey(), entry.getValue()))
                .toList();
    }

    private static Setting setting(String key, ConfigValue value) {
        boolean secret = isSecret(key);
        String text = value.valueType() == ConfigValueType.STRING
                ? (String) value.unwrapped()
                : value.render(ConfigRenderOptions.concise());
        return new Setting(
                key,
                secret ? text.isEmpty() ? "" : MASK : withoutSecrets(text),
                ConfigSection.where(value.origin()),
                secret);
    }

    private static boolean isSecret(String key) {
        var parts = ConfigUtil.splitPath(key);
        String last = parts.get(parts.size() - 1);
        return SECRET.matcher(last).matches() && !NO_SECRET.matcher(last).matches();
    }

    private static String withoutSecrets(String text) {
        return USER_INFO.matcher(IN_URL.matcher(text).replaceAll("$1" + MASK)).replaceAll("$1" + MASK + "@");
    }
}
