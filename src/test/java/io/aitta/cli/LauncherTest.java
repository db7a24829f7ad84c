package io.aitta.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The launcher script in a tree of its own, with a java and a mvn that only say how they were called. */
@Timeout(30)
class LauncherTest {
    private static final Path SCRIPT = Path.of("aitta").toAbsolutePath();

    /** What a run came to; output and errors are one text. */
    private record Result(int status, String text) {}

    @TempDir
    Path dir;

    private Path home;

    @BeforeEach
    void makeTree() throws IOException {
        assumeThat(SCRIPT).as("the tests run in the project's directory").exists();
        home = Files.createDirectories(dir.resolve("the home"));
        Files.createDirectories(home.resolve("src/main"));
        Files.writeString(home.resolve("src/main/A.java"), "");
        Files.writeString(home.resolve("pom.xml"), "");
        Files.copy(SCRIPT, home.resolve("aitta"));
        executable(home.resolve("aitta"), null);
        executable(
                dir.resolve("jdk/bin/java"),
                "if [ \"$1\" = -version ]; then echo \"openjdk version \\\"${FAKE_VERSION:-17.0.1}\\\"\" >&2; exit; fi\n"
                        + "for word in \"$@\"; do echo \"java: $word\"; done; exit 7");
        executable(
                dir.resolve("bin/mvn"),
                "echo \"mvn: $*\"; mkdir -p target/lib; echo > target/aitta-1.jar; cat; exit ${FAKE_MVN:-0}");
    }

    @Test
    void buildsOnceThenPassesArgumentsUnchangedAndGivesTheExitCode() throws Exception {
        Result first = run(Map.of(), "set", "a key", "*");
        assertThat(first.text).contains("aitta: building, once", "mvn: -q -B -Dstyle.color=never -DskipTests package");
        Result second = run(Map.of(), "set", "a key", "*", "");
        assertThat(second.text)
                .doesNotContain("mvn")
                .endsWith("java: io.aitta.cli.Aitta\njava: set\njava: a key\njava: *\njava: \n");
        assertThat(second.text)
                .contains("java: " + home.resolve("target/aitta-1.jar") + ":" + home.resolve("target/lib/*"));
        assertThat(second.status).isEqualTo(7);
    }

    @Test
    void buildsAgainWhenASourceIsNewer() throws Exception {
        run(Map.of(), "get");
        Files.setLastModifiedTime(
                home.resolve("src/main/A.java"), FileTime.from(Instant.now().plusSeconds(60)));
        assertThat(run(Map.of(), "get").text).contains("mvn:");
    }

    @Test
    void worksThroughLinks() throws Exception {
        run(Map.of(), "get");
        Path link = Files.createSymbolicLink(dir.resolve("link"), Path.of("the home/aitta"));
        Path linkToLink = Files.createSymbolicLink(dir.resolve("bin/aitta"), link);
        assertThat(run(linkToLink, Map.of(), "get").text).doesNotContain("mvn").contains("java: get");
    }

    @Test
    void inADistributionItFindsEverythingBuilt() throws Exception {
        Path root = Files.createDirectories(dir.resolve("aitta 1"));
        Path script = root.resolve("bin/aitta");
        Files.createDirectories(script.getParent());
        Files.copy(SCRIPT, script);
        Result incomplete = run(script, Map.of(), "get");
        assertThat(incomplete.text)
                .contains("this distribution is not complete")
                .doesNotContain("mvn:");
        assertThat(incomplete.status).isEqualTo(3);
        Files.createDirectories(root.resolve("lib"));
        Files.writeString(root.resolve("aitta-1.jar"), "");
        assertThat(run(script, Map.of(), "get").text)
                .contains("java: " + root.resolve("aitta-1.jar") + ":" + root.resolve("lib/*"))
                .doesNotContain("mvn:");
    }

    @Test
    void aNodeIsNotTunedForAShortLifeAndTakesItsOwnOptions() throws Exception {
        Result serve = run(Map.of("AITTA_JAVA_OPTS", "-Xmx1g -Dx=y"), "serve", "--node-id", "n1");
        assertThat(serve.text).contains("java: -Xmx1g\njava: -Dx=y\n").doesNotContain("TieredStopAtLevel");
        assertThat(run(Map.of("AITTA_JAVA_OPTS", "-Xmx1g"), "get").text)
                .contains("TieredStopAtLevel=1")
                .doesNotContain("-Xmx1g");
    }

    @Test
    void whatIsMissingIsNamed() throws Exception {
        Result old = run(Map.of("FAKE_VERSION", "11.0.2"), "get");
        assertThat(old.text).contains("is version 11; Aitta needs 17 or newer");
        assertThat(old.status).isEqualTo(3);
        assertThat(run(Map.of("JAVA_HOME", "/no/such"), "get").text)
                .isEqualTo("aitta: JAVA_HOME is '/no/such', but there is no bin/java in it; set it to a JDK of version"
                        + " 17 or newer\n");
        Result failed = run(Map.of("FAKE_MVN", "1"), "get");
        assertThat(failed.text).contains("aitta: the build failed; see above").doesNotContain("java: get");
        assertThat(failed.status).isEqualTo(3);
    }

    private Result run(Map<String, String> environment, String... words) throws Exception {
        return run(home.resolve("aitta"), environment, words);
    }

    private Result run(Path script, Map<String, String> environment, String... words) throws Exception {
        var command = new ArrayList<>(List.of("/bin/sh", script.toString()));
        command.addAll(List.of(words));
        Path output = dir.resolve("output");
        var builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().put("JAVA_HOME", dir.resolve("jdk").toString());
        builder.environment().put("PATH", dir.resolve("bin") + ":" + System.getenv("PATH"));
        builder.environment().remove("AITTA_JAVA_OPTS");
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        return new Result(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
    }

    private static void executable(Path file, String script) throws IOException {
        Files.createDirectories(file.getParent());
        if (script != null) {
            Files.writeString(file, "#!/bin/sh\n" + script + "\n");
        }
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
