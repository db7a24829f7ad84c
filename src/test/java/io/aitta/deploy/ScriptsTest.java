package io.aitta.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.aitta.Programs;
import io.aitta.cli.StartCommands;
import io.aitta.config.Settings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Scripts that the shell can read and in which shellcheck finds nothing, and the systemd unit. */
@Timeout(60)
class ScriptsTest {
    @TempDir
    Path dir;

    @Test
    void theShellCanReadEveryScript() throws Exception {
        for (Path script : scripts()) {
            assertThat(script).isExecutable();
            String interpreter =
                    Files.readString(script).lines().findFirst().orElseThrow().substring(2);
            var command = new ArrayList<>(List.of(interpreter.split(" ")));
            command.addAll(List.of("-n", script.toString()));
            var process = new ProcessBuilder(command).inheritIO().start();
            assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(script.toString()).isZero();
        }
    }

    @Test
    void shellcheckHasNothingToSayOfAnyScript() throws Exception {
        assumeThat(Programs.find("shellcheck"))
                .as("there is no shellcheck here; Debian's package shellcheck has it")
                .isPresent();
        var command = new ArrayList<>(List.of("shellcheck", "--color=never"));
        scripts().forEach(script -> command.add(script.toString()));
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String told = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(told).isEmpty();
        assertThat(process.waitFor()).isZero();
    }

    @Test
    void theUnitStartsANodeOfTheInstancesNameAndTakesItsStatusAsTheNodeMeansIt() throws Exception {
        Map<String, String> unit = Files.readAllLines(Manifests.DEPLOY.resolve("systemd/aitta@.service")).stream()
                .filter(line -> line.contains("=") && !line.startsWith("#"))
                .collect(Collectors.toMap(
                        line -> line.substring(0, line.indexOf('=')),
                        line -> line.substring(line.indexOf('=') + 1),
                        (one, other) -> one + "\n" + other));
        Path config = Files.copy(Manifests.DEPLOY.resolve("node.conf"), dir.resolve("n1.conf"));
        var words = List.of(unit.get("ExecStart")
                .replace("/etc/aitta/%i.conf", config.toString())
                .replace("%i", "n1")
                .split(" "));
        assertThat(words.get(0)).isEqualTo("/opt/aitta/bin/aitta");
        var settings = Settings.load(StartCommands.serve(words.subList(1, words.size())));
        assertThat(settings.node().id()).hasToString("Optional[n1]");
        assertThat(settings.node().dataDir())
                .hasToString("/var/lib/" + unit.get("StateDirectory").replace("%i", "n1"));
        assertThat(unit)
                .containsEntry("KillSignal", "SIGTERM")
                .containsEntry("SuccessExitStatus", "143")
                .containsEntry("RestartPreventExitStatus", "2")
                .containsEntry("User", "aitta");
    }

    @Test
    void withoutNamesARollingRestartTakesEveryNodeButThoseThatWereRemoved() throws Exception {
        var restarted = dir.resolve("restarted");
        assertThat(rollingRestart(
                        """
                        NODE  STATE    ZONE     WEIGHT
                        n1    up       default       1
                        n2    down     default       1
                        n3    removed  -             0
                        n4    up       removed       1
                        """,
                        "echo {} >> " + restarted))
                .as("%s", dir.resolve("output"))
                .isZero();
        assertThat(restarted).hasContent("n1\nn2\nn4");
    }

    /** With an {@code aitta} whose cluster is healthy and has these nodes. */
    private int rollingRestart(String nodes, String restart) throws Exception {
        var listing = Files.writeString(dir.resolve("nodes"), nodes);
        var aitta = Files.writeString(
                dir.resolve("aitta"),
                "#!/bin/sh\ncase $1 in node) cat '" + listing + "' ;; wait-healthy) ;; *) exit 9 ;; esac\n");
        assertThat(aitta.toFile().setExecutable(true)).isTrue();
        var builder = new ProcessBuilder(
                        Manifests.DEPLOY.resolve("rolling-restart").toString(), "--restart", restart)
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("output").toFile());
        builder.environment().put("AITTA", aitta.toString());
        var process = builder.start();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    private static List<Path> scripts() throws IOException {
        var scripts = new ArrayList<Path>();
        try (Stream<Path> deployed = Files.walk(Manifests.DEPLOY)) {
            var files = Stream.concat(deployed, Stream.of(Path.of("aitta"), Path.of(".ci", "run")));
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (Files.readString(file).startsWith("#!")) {
                    scripts.add(file);
                }
            }
        }
        assertThat(scripts).hasSizeGreaterThanOrEqualTo(5);
        return scripts;
    }
}
