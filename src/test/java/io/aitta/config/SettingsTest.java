package io.aitta.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {
    @TempDir
    Path directory;

    @Test
    void with_nothing_said_the_defaults_hold() {
        Settings settings = Settings.load(ServeOptions.NONE);
        assertThat(settings.node().id()).isEmpty();
        assertThat(settings.node().host()).isEqualTo("127.0.0.1");
        assertThat(settings.node().clusterPort()).isEqualTo(7401);
        assertThat(settings.grpc())
                .isEqualTo(new GrpcSettings(
                        7400, Duration.ofSeconds(5), Duration.ofSeconds(60), Duration.ofMinutes(2), 9 << 20));
        assertThat(settings.http().port()).isEqualTo(7402);
        assertThat(settings.limits())
                .isEqualTo(new LimitSettings(
                        1024, 524_288, 10_000, 8 << 20, 8 << 20, 4096, 64 << 20, 16_384, 16_384, 1024, 2 << 20));
    }

    @Test
    void flags_win_over_overrides_and_those_over_the_file() {
        var options = new ServeOptions(
                Optional.of(file("aitta { grpc.port = 1, http.port = 2, node { zone = a, weight = 3 } }")),
                Optional.of("n7"),
                Optional.of(Path.of("/data/7")),
                Optional.of("host7"),
                OptionalInt.of(10),
                OptionalInt.of(11),
                OptionalInt.empty(),
                List.of("a:1", "[::1]:2"),
                Optional.empty(),
                OptionalInt.empty(),
                Map.of("aitta.grpc.port", "20", "aitta.http.port", "21"));
        Settings settings = Settings.load(options);
        assertThat(settings.grpc().port()).isEqualTo(10);
        assertThat(settings.http().port()).isEqualTo(21);
        assertThat(settings.node().zone()).isEqualTo("a");
        assertThat(settings.node().weight()).isEqualTo(3);
        assertThat(settings.node().id())
                .hasValueSatisfying(id -> assertThat(id.value()).isEqualTo("n7"));
        assertThat(settings.node().dataDir()).isEqualTo(Path.of("/data/7"));
        assertThat(settings.node().host()).isEqualTo("host7");
        assertThat(settings.node().clusterPort()).isEqualTo(11);
        assertThat(settings.node().seeds()).containsExactly("a:1", "[::1]:2");
    }

    @Test
    void a_list_can_be_overridden_by_its_elements_between_commas() {
        var options = overriding("aitta.node.seeds", "a:1,b:2");
        assertThat(Settings.load(options).node().seeds()).containsExactly("a:1", "b:2");
    }

    @Test
    void libraries_keys_and_substitutions_pass_through() {
        Path file = file("here = east\naitta.node.zone = ${here}-1\npekko.loglevel = DEBUG");
        Settings settings = Settings.load(with(file));
        assertThat(settings.node().zone()).isEqualTo("east-1");
        assertThat(settings.config().getString("pekko.loglevel")).isEqualTo("DEBUG");
    }

    @Test
    void an_unknown_key_is_named_with_its_place_and_the_nearest_one() {
        Path file = file("# mine\naitta {\n  grpc.prot = 7400\n}");
        refused(with(file), "unknown key aitta.grpc.prot in " + file + ":3; did you mean aitta.grpc.port?");
        refused(
                overriding("aitta.limits.value-byte", "1"),
                "unknown key aitta.limits.value-byte in the command line; did you mean aitta.limits.value-bytes?");
    }

    @Test
    void an_unknown_key_that_is_like_no_other_is_named_too() {
        refused(overriding("aitta.zebra.stripes", "1"), "unknown key aitta.zebra in the command line;");
        refused(with(file("aita.grpc.port = 1")), "unknown key aita in", "did you mean aitta?");
    }

    @Test
    void a_section_is_not_a_value_and_a_value_no_section() {
        refused(overriding("aitta.grpc", "7400"), "aitta.grpc (the command line) is a section with keys of its own");
        refused(with(file("aitta.grpc.port.number = 1")), "aitta.grpc.port", ":1) is one value, not a section");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "aitta.grpc.port | 70000 | a whole number from 0 to 65,535",
                "aitta.grpc.port | http | a whole number from 0 to 65,535",
                "aitta.http.port | -1 | a whole number from 0 to 65,535",
                "aitta.node.weight | 10001 | a whole number from 0 to 10,000",
                "aitta.node.host | 0.0.0.0 | a name or address by which other nodes",
                "aitta.node.zone | a/b | 1 to 40 letters",
                "aitta.node.seeds | a | HOST:PORT of other nodes",
                "aitta.node.seeds | a:0 | HOST:PORT of other nodes",
                "aitta.grpc.default-deadline | soon | a time from 1 ms to 3600 s",
                "aitta.grpc.default-deadline | 2 minutes | no longer than aitta.grpc.max-deadline",
                "aitta.limits.value-bytes | 1 MiB | a size from 0 to 524,288 bytes",
                "aitta.limits.request-bytes | 1 KiB | at least key-bytes and value-bytes together",
                "aitta.limits.request-bytes | 10 MiB | at most aitta.grpc.max-message-bytes",
                "aitta.limits.in-flight-bytes | 1 MiB | at least aitta.grpc.max-message-bytes",
            })
    void a_value_that_does_not_fit_is_told_what_would(String key, String value, String right) {
        refused(overriding(key, value), key + " = ", value, "(the command line): must be " + right);
    }

    @Test
    void a_flag_that_does_not_fit_is_named() {
        var port = new ServeOptions(
                Optional.empty(),
                Optional.of("N 1"),
                Optional.empty(),
                Optional.empty(),
                OptionalInt.of(99_999),
                OptionalInt.empty(),
                OptionalInt.empty(),
                List.of(),
                Optional.empty(),
                OptionalInt.empty(),
                Map.of());
        refused(port, "aitta.grpc.port = 99999 (--grpc-port)");
    }

    @Test
    void a_node_id_with_odd_characters_is_refused() {
        refused(overriding("aitta.node.id", "N 1"), "node id 'N 1' is not 1 to 40 characters");
    }

    @Test
    void a_file_that_is_missing_or_no_configuration_is_named() {
        Path missing = directory.resolve("none.conf");
        refused(with(missing), "--config " + missing + ": there is no such file");
        Path broken = file("aitta {\n  grpc.port = ");
        refused(with(broken), "--config " + broken + " cannot be read");
        Path dangling = file("aitta.node.zone = ${nowhere}");
        refused(with(dangling), "--config " + dangling, "nowhere");
    }

    @Test
    void an_override_whose_key_is_none_is_refused() {
        refused(overriding("aitta..port", "1"), "'aitta..port' is not a configuration key");
    }

    private static void refused(ServeOptions options, String... parts) {
        assertThatThrownBy(() -> Settings.load(options))
                .isInstanceOf(ConfigException.class)
                .hasMessageContainingAll(parts);
    }

    private static ServeOptions overriding(String key, String value) {
        return TestSettings.options(Optional.empty(), Map.of(key, value));
    }

    private static ServeOptions with(Path file) {
        return TestSettings.options(Optional.of(file), Map.of());
    }

    private Path file(String text) {
        try {
            return Files.writeString(directory.resolve("aitta.conf"), text);
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }
}
