package io.aitta.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SettingsReportTest {
    @Test
    void a_setting_comes_with_where_it_was_set() {
        var config = ConfigFactory.parseString("aitta { node.seeds = [\"a:1\", \"b:2\"], limits.key-bytes = 1 KiB }");
        assertThat(SettingsReport.of(config, ""))
                .extracting(setting -> setting.key() + " = " + setting.value())
                .containsExactly("aitta.limits.key-bytes = 1 KiB", "aitta.node.seeds = [\"a:1\",\"b:2\"]");
        assertThat(SettingsReport.of(ConfigFactory.defaultReference(), "aitta.http.port"))
                .singleElement()
                .satisfies(setting -> assertThat(setting.origin()).contains("reference.conf"));
    }

    @Test
    void a_section_is_not_taken_for_one_that_only_begins_alike() {
        var config = ConfigFactory.parseString("aitta { http.port = 1, https.port = 2 }");
        assertThat(SettingsReport.of(config, "aitta.http")).hasSize(1);
        assertThat(SettingsReport.of(config, "aitta.http.")).hasSize(1);
    }

    @Test
    void secrets_are_told_only_to_be_there() {
        var config = ConfigFactory.parseMap(Map.of(
                "aitta.journal.postgres.password", "hunter2",
                "aitta.journal.postgres.url", "jdbc:postgresql://u:hunter2@db/x?user=u&password=hunter2&ssl=true",
                "aitta.a.keystore-password", "",
                "aitta.a.api-token", "hunter2",
                "aitta.a.tokens-file", "/etc/aitta/tokens"));
        var report = SettingsReport.of(config, "");
        assertThat(report.toString()).doesNotContain("hunter2");
        assertThat(report)
                .extracting(SettingsReport.Setting::value)
                .containsExactly(
                        "***",
                        "",
                        "/etc/aitta/tokens",
                        "***",
                        "jdbc:postgresql://u:***@db/x?user=u&password=***&ssl=true");
    }

    /** Of all settings that there are: a new one that looks like a secret is one, or is named so that it does not. */
    @Test
    void what_is_masked_of_all_there_is() {
        assertThat(SettingsReport.of(ConfigFactory.defaultReference(), ""))
                .filteredOn(SettingsReport.Setting::secret)
                .extracting(SettingsReport.Setting::key)
                .contains("aitta.journal.postgres.password")
                .allMatch(key -> key.contains("password") || key.contains("secret") || key.contains("token"));
    }
}
