package io.aitta.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.aitta.config.ConfigException;
import io.aitta.config.TestSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What protects a node, read from files that change while it runs. */
@Timeout(60)
class SecurityTest {
    @TempDir
    private Path dir;

    @Test
    void files_that_change_are_read_again_and_wrong_ones_are_not_taken() throws Exception {
        String old = Tokens.create();
        String young = Tokens.create();
        var tokens = write("tokens", line(old));
        var quotas = write("quotas", "other 1 -");
        try (var security = Security.open(TestSettings.with(Map.of(
                "aitta.security.token-file", tokens.toString(),
                "aitta.security.quota-file", quotas.toString(),
                "aitta.security.reload-interval", "100ms")))) {
            var access = security.protection().access();
            assertThat(access.caller("Bearer " + old).name()).isEqualTo("app");

            write("tokens", "app is no line of tokens");
            write("quotas", "mine 1 -");
            eventually(() -> refuses(security.protection().quotas(), "mine"));
            assertThat(access.caller("Bearer " + old).name()).isEqualTo("app");

            write("tokens", line(young));
            eventually(() -> catchThrowable(() -> access.caller("Bearer " + old)) != null);
            assertThat(access.caller("Bearer " + young).name()).isEqualTo("app");
        }
    }

    @Test
    void a_certificate_that_is_exchanged_is_used_from_then_on() throws Exception {
        var ca = new TestCa(dir.resolve("ca"), "n1=127.0.0.1").expired("old=127.0.0.1");
        var certificate = copied(ca.certificate("old"), "live.crt");
        var key = copied(ca.key("old"), "live.key");
        try (var security = Security.open(TestSettings.with(Map.of(
                "aitta.security.tls.certificate", certificate.toString(),
                "aitta.security.tls.key", key.toString(),
                "aitta.security.reload-interval", "100ms")))) {
            var tls = security.protection().tls().orElseThrow();
            var until = tls.validUntil();
            copied(ca.certificate("n1"), "live.crt");
            copied(ca.key("n1"), "live.key");
            eventually(() -> tls.validUntil().isAfter(until));
        }
    }

    @Test
    void what_is_missing_or_half_said_is_refused_at_the_start() {
        assertThatThrownBy(
                        () -> Security.open(TestSettings.with(Map.of("aitta.security.token-file", "/no/such/tokens"))))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("/no/such/tokens");
        assertThatThrownBy(() -> Security.open(TestSettings.with(Map.of("aitta.security.tls.certificate", "/c"))))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("aitta.security.tls must say all of certificate, key");
        assertThatThrownBy(() -> Security.open(TestSettings.with(
                        Map.of("aitta.security.node-tls.certificate", "/c", "aitta.security.node-tls.key", "/k"))))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("aitta.security.node-tls must say all of certificate, key and authorities");
        assertThatThrownBy(() -> Security.open(TestSettings.with(Map.of("aitta.node.host", "192.0.2.1"))))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("--insecure");
    }

    private static boolean refuses(Quotas quotas, String table) {
        return quotas.take(table, 10, 1) > 0;
    }

    private static String line(String token) {
        return TokenFile.line("app", token, TokenFile.grants("admin"));
    }

    private Path write(String name, String line) throws Exception {
        // Two versions of one size within a tick of the file system's clock look alike; so each is another file.
        var next = Files.write(dir.resolve(name + ".next"), List.of(line));
        return Files.move(next, dir.resolve(name), StandardCopyOption.REPLACE_EXISTING);
    }

    private Path copied(Path from, String name) throws Exception {
        return Files.copy(from, dir.resolve(name), StandardCopyOption.REPLACE_EXISTING);
    }

    private static void eventually(BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(end);
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }
}
