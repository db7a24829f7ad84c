package io.aitta.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aitta.config.ConfigException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who accepts whom; with certificates by the script that people are told to use. */
class TlsTest {
    @TempDir
    private static Path dir;

    private static TestCa ours;
    private static TestCa strangers;

    @BeforeAll
    static void makeCertificates() {
        ours = new TestCa(dir.resolve("ours"), "n1=127.0.0.1,localhost", "n2=127.0.0.2").expired("old=127.0.0.1");
        strangers = new TestCa(dir.resolve("strangers"), "n1=127.0.0.1");
    }

    @Test
    void nodes_of_one_authority_accept_each_other() {
        assertThatCode(() -> meet("n2", "n1", "127.0.0.1")).doesNotThrowAnyException();
        assertThatCode(() -> meet("n2", "n1", "localhost")).doesNotThrowAnyException();
    }

    @Test
    void a_strangers_certificate_is_refused_whoever_calls() {
        assertThatThrownBy(() -> Handshake.between(
                        strangers.ofNode("n1").createClientSSLEngine("127.0.0.1", 1),
                        ours.ofNode("n1").createServerSSLEngine("127.0.0.1", 1)))
                .isInstanceOf(SSLException.class);
        assertThatThrownBy(() -> Handshake.between(
                        ours.ofNode("n1").createClientSSLEngine("127.0.0.1", 1),
                        strangers.ofNode("n1").createServerSSLEngine("127.0.0.1", 1)))
                .isInstanceOf(SSLException.class);
        // One who accepts everybody, so that it is we who refuse.
        var trusting = new NodeTls(Tls.load(
                new TlsFiles(strangers.certificate("n1"), strangers.key("n1"), Optional.of(ours.authority()))));
        assertThatThrownBy(() -> Handshake.between(
                        trusting.createClientSSLEngine("127.0.0.1", 1),
                        ours.ofNode("n1").createServerSSLEngine("127.0.0.1", 1)))
                .isInstanceOf(SSLException.class);
    }

    @Test
    void who_shows_no_certificate_is_refused_between_nodes() throws Exception {
        SSLEngine client = SSLContext.getDefault().createSSLEngine();
        client.setUseClientMode(true);
        assertThatThrownBy(() -> Handshake.between(client, ours.ofNode("n1").createServerSSLEngine("127.0.0.1", 1)))
                .isInstanceOf(SSLException.class);
    }

    @Test
    void an_expired_certificate_is_refused_whoever_calls() {
        assertThatThrownBy(() -> meet("old", "n1", "127.0.0.1")).isInstanceOf(SSLException.class);
        assertThatThrownBy(() -> meet("n1", "old", "127.0.0.1"))
                .isInstanceOf(SSLException.class)
                .hasStackTraceContaining("NotAfter");
    }

    @Test
    void a_certificate_of_another_node_is_refused() {
        assertThatThrownBy(() -> meet("n1", "n2", "127.0.0.1"))
                .isInstanceOf(SSLException.class)
                .hasStackTraceContaining("127.0.0.1");
    }

    @Test
    void what_is_exchanged_is_in_force_for_the_next_connection_and_what_is_wrong_is_not() throws Exception {
        var certificate = copied(ours.certificate("old"), "live.crt");
        var key = copied(ours.key("old"), "live.key");
        var tls = Tls.load(new TlsFiles(certificate, key, Optional.of(ours.authority())));
        assertThat(tls.validUntil()).isBefore(Instant.now());

        copied(ours.certificate("n1"), "live.crt");
        assertThatThrownBy(tls::reload)
                .isInstanceOf(ConfigException.class)
                .hasMessageContainingAll("live.crt", "live.key", "the key is not the certificate's");
        assertThat(tls.validUntil()).isBefore(Instant.now());

        copied(ours.key("n1"), "live.key");
        tls.reload();
        assertThat(tls.validUntil()).isAfter(Instant.now());
        assertThatCode(() ->
                        Handshake.between(ours.ofNode("n2").createClientSSLEngine("127.0.0.1", 1), tls.serverEngine()))
                .doesNotThrowAnyException();
    }

    @Test
    void files_that_are_none_are_named() throws Exception {
        var garbage = Files.writeString(dir.resolve("garbage"), "no PEM");
        assertThatThrownBy(() -> Tls.load(new TlsFiles(garbage, ours.key("n1"), Optional.empty())))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(garbage.toString());
        assertThatThrownBy(() -> Tls.load(new TlsFiles(ours.certificate("n1"), garbage, Optional.empty())))
                .isInstanceOf(ConfigException.class)
                .hasMessageContainingAll(garbage.toString(), "PKCS #8");
        assertThatThrownBy(() -> Tls.load(new TlsFiles(ours.certificate("n1"), dir.resolve("none"), Optional.empty())))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(dir.resolve("none").toString());
    }

    private static void meet(String caller, String called, String host) throws SSLException {
        Handshake.between(
                ours.ofNode(caller).createClientSSLEngine(host, 1),
                ours.ofNode(called).createServerSSLEngine(host, 1));
    }

    private static Path copied(Path from, String name) throws Exception {
        return Files.copy(from, dir.resolve(name), StandardCopyOption.REPLACE_EXISTING);
    }
}
