package io.aitta.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The first thing a stranger does, with the launcher and the jar that Maven has built. */
@Timeout(240)
class QuickstartIT {
    private static final Pattern DATA = Pattern.compile("data in (\\S+)");
    private static final Duration LIMIT = Duration.ofSeconds(120);

    @TempDir
    Path dir;

    @Test
    void theTwoLinesOfTheReadmeEndWithHelloAndLeaveNothingBehind() throws Exception {
        try (var quickstart = quickstart("--base-port", freePorts(3))) {
            awaitReady(quickstart);
            var nodes = quickstart.descendants();
            assertThat(nodes).hasSize(3);
            var result = quickstart.feed("set greeting hello\nget greeting\n").result();
            assertThat(result.lastLine()).as(result.err()).isEqualTo("hello");
            assertThat(result.status()).isZero();
            assertThat(nodes).noneMatch(ProcessHandle::isAlive);
            assertThat(dataOf(result.err())).doesNotExist();
        }
    }

    @Test
    void theStatusIsThatOfTheLastCommandAndAKeptDirectoryIsThereTheNextTime() throws Exception {
        var data = dir.resolve("data").toString();
        try (var first = quickstart("--nodes", "1", "--data-dir", data, "--base-port", freePorts(1))) {
            var result = first.feed("set greeting hello\nfrobnicate\n").result();
            assertThat(result.out()).isEqualTo("OK\n");
            assertThat(result.err()).contains("unknown command 'frobnicate'");
            assertThat(result.status()).isEqualTo(2);
        }
        // On other ports than before, as happens when others have taken those.
        try (var second = quickstart("--nodes", "1", "--data-dir", data, "--base-port", freePorts(1))) {
            var result = second.feed("get greeting\nget missing\n").result();
            assertThat(result.out()).as(result.err()).isEqualTo("hello\n");
            assertThat(result.err()).contains("key 'missing' not found");
            assertThat(result.status()).isEqualTo(1);
        }
    }

    @Test
    void whenItIsTerminatedItsNodesEndWithIt() throws Exception {
        try (var quickstart = quickstart("--nodes", "2", "--base-port", freePorts(2))) {
            awaitReady(quickstart);
            var nodes = quickstart.descendants();
            assertThat(nodes).hasSize(2);
            quickstart.terminate();
            var result = quickstart.result();
            assertThat(result.status()).isEqualTo(128 + 15);
            assertThat(nodes).noneMatch(ProcessHandle::isAlive);
            assertThat(dataOf(result.err())).doesNotExist();
        }
    }

    @Test
    void aTakenPortIsNamedAndNothingIsStarted() throws Exception {
        String base = freePorts(2);
        int taken = Integer.parseInt(base) + 12;
        try (var other = new ServerSocket(taken, 1, InetAddress.getByName("127.0.0.1"));
                var quickstart = quickstart("--nodes", "2", "--base-port", base)) {
            var result = quickstart.feed("").result();
            assertThat(result.err())
                    .contains("port " + other.getLocalPort() + " (the HTTP port of n2) cannot be had", "--base-port")
                    .doesNotContain("starting");
            assertThat(result.status()).isEqualTo(3);
        }
    }

    // ---- how -----------------------------------------------------------------------------------------------------

    private static void awaitReady(Program quickstart) {
        Await.until(
                quickstart::errors, LIMIT, () -> quickstart.errors().contains(" ready in ") || !quickstart.isAlive());
        assertThat(quickstart.isAlive()).as(quickstart.errors()).isTrue();
    }

    private static Path dataOf(String errors) {
        var matcher = DATA.matcher(errors);
        assertThat(matcher.find()).as(errors).isTrue();
        return Path.of(matcher.group(1));
    }

    /** By the launcher where there is a build for it, else (in an IDE) by the class path. */
    private Program quickstart(String... arguments) throws IOException {
        var words = new ArrayList<>(List.of("quickstart"));
        words.addAll(List.of(arguments));
        var launcher = launcher();
        if (launcher == null) {
            System.out.println("QuickstartIT: there is no build in target/; runs without the launcher");
            return Program.aitta(dir, words);
        }
        words.add(0, launcher.toString());
        return Program.of(dir, words, Map.of("AITTA_JAVA_OPTS", "-Xmx256m -XX:TieredStopAtLevel=1"));
    }

    /** The project's launcher in a tree that holds nothing but it and the build, so that it can build nothing. */
    private Path launcher() throws IOException {
        var lib = Path.of("target", "lib").toAbsolutePath();
        if (!Files.isDirectory(lib)) {
            return null;
        }
        var home = Files.createDirectories(dir.resolve("a home"));
        var target = Files.createDirectories(home.resolve("target"));
        if (Files.exists(home.resolve("aitta"))) {
            return home.resolve("aitta");
        }
        Files.createDirectories(home.resolve("src/main"));
        Files.copy(Path.of("pom.xml"), home.resolve("pom.xml"));
        try (var jars = Files.newDirectoryStream(Path.of("target"), "aitta-*.jar")) {
            for (var jar : jars) {
                var copy = target.resolve(jar.getFileName());
                Files.copy(jar, copy);
                Files.setLastModifiedTime(copy, FileTime.from(Instant.now().plusSeconds(1)));
            }
        }
        Files.createSymbolicLink(target.resolve("lib"), lib);
        return Files.copy(Path.of("aitta"), home.resolve("aitta"), StandardCopyOption.COPY_ATTRIBUTES);
    }

    /** A base port from which all ports of so many nodes are free, below those that the system gives out. */
    private static String freePorts(int nodes) {
        for (int tries = 0; tries < 1000; tries++) {
            int base = ThreadLocalRandom.current().nextInt(10_000, 30_000);
            if (areFree(base, nodes)) {
                return Integer.toString(base);
            }
        }
        throw new AssertionError("no free ports");
    }

    private static boolean areFree(int base, int nodes) {
        for (int node = 0; node < nodes; node++) {
            for (int port = 0; port < 3; port++) {
                try (var socket = new ServerSocket(base + 10 * node + port, 1, InetAddress.getByName("127.0.0.1"))) {
                    socket.setReuseAddress(true);
                } catch (java.net.BindException taken) {
                    return false;
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
        return true;
    }
}
