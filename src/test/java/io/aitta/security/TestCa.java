package io.aitta.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A certificate authority in a directory, made by the very script that people are told to use. */
public final class TestCa {
    private static final Path SCRIPT = Path.of("deploy/make-test-ca").toAbsolutePath();

    private final Path dir;

    /** @param nodes such as {@code n1=127.0.0.1} */
    public TestCa(Path dir, String... nodes) {
        this.dir = dir;
        run(Map.of(), nodes);
    }

    /** A node whose certificate is over. */
    TestCa expired(String node) {
        run(Map.of("AITTA_CA_START", "-10d", "AITTA_CA_DAYS", "5"), node);
        return this;
    }

    private void run(Map<String, String> environment, String... nodes) {
        var command = new ArrayList<>(List.of("bash", SCRIPT.toString(), dir.toString()));
        command.addAll(List.of(nodes));
        try {
            var builder = new ProcessBuilder(command).redirectErrorStream(true);
            builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
            builder.environment().putAll(environment);
            var process = builder.start();
            String said = new String(process.getInputStream().readAllBytes());
            assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(said).isZero();
        } catch (IOException failure) {
            throw new AssertionError(failure);
        } catch (InterruptedException failure) {
            Thread.currentThread().interrupt();
            throw new AssertionError(failure);
        }
    }

    public Path authority() {
        return dir.resolve("ca.crt");
    }

    public Path certificate(String node) {
        return dir.resolve(node + ".crt");
    }

    public Path key(String node) {
        return dir.resolve(node + ".key");
    }

    /** As doors show it to clients. */
    public Tls ofDoor(String node) {
        return Tls.load(new TlsFiles(certificate(node), key(node), Optional.empty()));
    }

    /** As nodes show it to each other, who trust no other authority than this. */
    NodeTls ofNode(String node) {
        return new NodeTls(Tls.load(new TlsFiles(certificate(node), key(node), Optional.of(authority()))));
    }
}
