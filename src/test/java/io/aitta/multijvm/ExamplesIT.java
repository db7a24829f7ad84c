package io.aitta.multijvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import io.aitta.core.hash.KeyHash;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The programs of {@code examples/} do on a real cluster what they say, installed as their readers would install them.
 * They run as copies in {@code target/examples}, so the source tree stays as it is. Where their language is not
 * installed, or their libraries cannot be had, they are skipped and it is said why.
 */
@Timeout(240)
class ExamplesIT {
    private static final Path HOME = Path.of("target", "examples").toAbsolutePath();
    private static final Pattern NO_NETWORK = Pattern.compile(
            "ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ERR_SOCKET_TIMEOUT"
                    + "|Failed to establish a new connection|ConnectTimeoutError|Read timed out|ProxyError");
    private static final int PARTITIONS = 8;

    @TempDir
    static Path dir;

    private static Cluster cluster;

    @BeforeAll
    static void start() throws IOException {
        copy(Path.of("src", "main", "proto", "aitta", "v1"));
        cluster = new Cluster(Cluster.Plan.of(3), dir.resolve("data"), Path.of("target", "multijvm", "ExamplesIT"));
        // While they become ready, what the examples need is installed.
        cluster.nodes().forEach(cluster::begin);
    }

    @AfterAll
    static void stop() throws IOException {
        cluster.close();
    }

    @Test
    void theTourInJavaScriptCanBeginAtAnyNodeAndBeRepeated() throws IOException {
        needs("node", "--version");
        needs("npm", "--version");
        var example = copy(Path.of("examples", "javascript"));
        install("npm", "--prefix", example.toString(), "ci", "--no-audit", "--no-fund", "--fetch-retries=1");
        var program = example.resolve("example.js").toString();
        cluster.awaitWhole();
        for (var node : List.of(cluster.node(1), cluster.node(2))) {
            assertPrinted(run("node", program, node.endpoint().toString()), expected("true", "false", "70,30"));
        }
    }

    @Test
    void theLockFileOfJavaScriptNamesNoRegistry() throws IOException {
        assertThat(Files.readString(Path.of("examples", "javascript", "package-lock.json")))
                .contains("\"integrity\"")
                .doesNotContain("\"resolved\"", "://registry");
    }

    @Test
    void theTourInPythonRuns() throws IOException {
        needs("python3", "-c", "import venv, ensurepip");
        var example = copy(Path.of("examples", "python"));
        var python = example.resolve("venv").resolve("bin").resolve("python").toString();
        install("python3", "-m", "venv", example.resolve("venv").toString());
        install(
                python,
                "-m",
                "pip",
                "install",
                "--retries=1",
                "-r",
                example.resolve("requirements.txt").toString());
        var generated = run(
                python,
                "-m",
                "grpc_tools.protoc",
                "-I" + HOME.resolve(Path.of("src", "main", "proto")),
                "--python_out=" + example,
                "--grpc_python_out=" + example,
                "aitta/v1/kv.proto",
                "aitta/v1/admin.proto");
        assertThat(generated.status()).as(generated.err()).isZero();
        var expected = expected("True", "False", "[70, 30]");
        var program = example.resolve("example.py").toString();
        cluster.awaitWhole();
        // The pipeline is shown in JavaScript only.
        assertPrinted(
                run(python, program, cluster.node(1).endpoint().toString()), expected.subList(0, expected.size() - 1));
    }

    private static void assertPrinted(Program.Result result, List<String> beginnings) {
        assertThat(result.status()).as(result.err()).isZero();
        assertThat(result.out().lines().toList())
                .zipSatisfy(beginnings, (line, beginning) -> assertThat(line).startsWith(beginning));
    }

    /** How the lines that a run prints begin. */
    private static List<String> expected(String yes, String no, String transferred) {
        int partition = KeyHash.partitionOf("greeting".getBytes(StandardCharsets.UTF_8), PARTITIONS);
        return List.of(
                "connected: 3 nodes, " + PARTITIONS + " partitions",
                "get: hello, from partition " + partition,
                "increment: 42",
                "conditional set: " + yes + ", then " + no + ", for it is 'hi' now",
                "refused: NOT_A_NUMBER",
                "transaction: " + yes + ", " + transferred,
                "scan: {bank}:alice = 70",
                "scan: {bank}:bob = 30",
                "watch: SET greeting moi",
                "watch: DELETE greeting",
                "pipeline: 1000 sets");
    }

    // ---- how -----------------------------------------------------------------------------------------------------

    /** The files of a directory of the project, in the same place below {@link #HOME}; not what was made below it. */
    private static Path copy(Path source) throws IOException {
        var copy = HOME.resolve(source);
        Stage.removeAll(copy);
        Files.createDirectories(copy);
        try (var files = Files.newDirectoryStream(source, Files::isRegularFile)) {
            for (var file : files) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        return copy;
    }

    /** Skips the test if this command cannot be run. */
    private static void needs(String... command) {
        try {
            var result = run(command);
            if (result.status() != 0) {
                skip("'" + String.join(" ", command) + "' ends with " + result.status() + ": " + result.err());
            }
        } catch (UncheckedIOException e) {
            skip(command[0] + " is not installed: " + e.getCause().getMessage());
        }
    }

    /** Skips the test if the network is to blame for what cannot be installed. */
    private static void install(String... command) {
        var result = run(command);
        if (result.status() != 0) {
            var said = result.out() + result.err();
            said.lines()
                    .filter(NO_NETWORK.asPredicate())
                    .findFirst()
                    .ifPresent(line -> skip("what it needs cannot be had: " + line));
            fail(String.join(" ", command) + " ends with " + result.status() + ": " + said);
        }
    }

    /** An aborted test tells nobody why on Maven's output, so it is printed. */
    private static void skip(String reason) {
        System.out.println("ExamplesIT: skipped, for " + reason);
        abort(reason);
    }

    private static Program.Result run(String... command) {
        try (var program = Program.of(dir, List.of(command), Map.of())) {
            return program.feed("").result();
        }
    }
}
