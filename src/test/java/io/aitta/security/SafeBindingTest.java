package io.aitta.security;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aitta.config.ConfigException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SafeBindingTest {
    private static final Optional<Path> TOKENS = Optional.of(Path.of("tokens"));
    private static final Optional<TlsFiles> TLS =
            Optional.of(new TlsFiles(Path.of("c"), Path.of("k"), Optional.of(Path.of("a"))));

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "127.8.0.3", "localhost", "::1", "no-such-host.invalid"})
    void what_only_this_machine_can_reach_needs_nothing(String host) {
        assertThatCode(() -> SafeBinding.check(host, settings(false, false, false, false)))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.1", "192.0.2.7", "2001:db8::1"})
    void what_others_can_reach_is_refused_and_the_message_says_what_is_missing_and_what_to_do(String host) {
        assertThatThrownBy(() -> SafeBinding.check(host, settings(false, false, false, false)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContainingAll(
                        "aitta.node.host = " + host,
                        "aitta.security.tls",
                        "aitta.security.node-tls",
                        "aitta.security.token-file",
                        "127.0.0.1",
                        "--insecure");
    }

    @Test
    void each_of_the_three_is_needed() {
        assertRefused(settings(false, false, true, true), "aitta.security.token-file");
        assertRefused(settings(false, true, false, true), "aitta.security.tls");
        assertRefused(settings(false, true, true, false), "aitta.security.node-tls");
        assertThatCode(() -> SafeBinding.check("10.0.0.1", settings(false, true, true, true)))
                .doesNotThrowAnyException();
    }

    @Test
    void whoever_says_insecure_gets_it() {
        assertThatCode(() -> SafeBinding.check("10.0.0.1", settings(true, false, false, false)))
                .doesNotThrowAnyException();
    }

    private static void assertRefused(SecuritySettings settings, String missing) {
        assertThatThrownBy(() -> SafeBinding.check("10.0.0.1", settings)).hasMessageContaining(missing);
    }

    private static SecuritySettings settings(boolean insecure, boolean tokens, boolean tls, boolean nodeTls) {
        return new SecuritySettings(
                insecure,
                tokens ? TOKENS : Optional.empty(),
                Optional.empty(),
                tls ? TLS : Optional.empty(),
                nodeTls ? TLS : Optional.empty(),
                Duration.ofSeconds(5));
    }
}
