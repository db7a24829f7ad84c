package io.aitta.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** {@code deploy/rolling-restart} as operators use it, while clients use the cluster. */
@Timeout(240)
class RollingRestartIT {
    private static final Path SCRIPT = Path.of("deploy", "rolling-restart").toAbsolutePath();
    /** As clients have it by themselves. */
    private static final Duration DEADLINE = Duration.ofSeconds(5);

    private static final Duration LIMIT = Duration.ofMinutes(3);

    @RegisterExtension
    final Stage stage = new Stage();

    @TempDir
    Path dir;

    @Test
    void everyNodeIsRestartedInTurnAndNoRequestFails() throws Exception {
        var cluster = stage.shared(Cluster.Plan.of(3));
        var table = stage.ownTable();
        try (var load = Load.on(cluster, table, stage.random(), DEADLINE)) {
            var script = script(
                    "--endpoints",
                    cluster.nodes().stream()
                            .map(node -> node.endpoint().toString())
                            .collect(Collectors.joining(",")),
                    "--restart",
                    // Systemd's part is played by this test.
                    "touch " + dir + "/{}.please; until [ -e " + dir + "/{}.done ]; do sleep 0.1; done",
                    "n1",
                    "n2",
                    "n3");
            for (var node : cluster.nodes()) {
                Await.until(
                        () -> node + " is to be restarted: " + output(),
                        LIMIT,
                        () -> Files.exists(dir.resolve(node.id + ".please")));
                cluster.stop(node);
                load.goesOn();
                cluster.begin(node);
                Files.createFile(dir.resolve(node.id + ".done"));
            }
            assertThat(script.waitFor()).as(output()).isZero();
            load.goesOn();
            stage.say("%s", load.summary());
            assertThat(load.failures()).isEmpty();
            load.verify();
        }
    }

    @Test
    void nonsenseIsRefusedAndNothingIsRestarted() throws Exception {
        assertThat(script().waitFor()).isEqualTo(2);
        assertThat(output()).contains("--restart COMMAND is needed");
        assertThat(script("--restart", "touch " + dir + "/{}", "n1; rm").waitFor())
                .isEqualTo(2);
        assertThat(output()).contains("'n1; rm' is no node's id");
        assertThat(script(
                                "--restart",
                                "touch " + dir + "/restarted",
                                "--timeout",
                                "2s",
                                "--endpoints",
                                "127.0.0.1:1",
                                "n1")
                        .waitFor())
                .isEqualTo(3);
        assertThat(output()).contains("not whole before n1 is restarted");
        assertThat(dir.resolve("restarted")).doesNotExist();
    }

    private Process script(String... words) throws IOException {
        var program = dir.resolve("aitta");
        Files.writeString(
                program,
                String.join(
                        " ",
                        "#!/bin/sh\nexec",
                        quoted(Path.of(System.getProperty("java.home"), "bin", "java")),
                        "-cp",
                        quoted(NodeClasses.classPath()),
                        "io.aitta.cli.Aitta",
                        "\"$@\"\n"));
        var command = new java.util.ArrayList<>(List.of("sh", SCRIPT.toString()));
        command.addAll(List.of(words));
        var builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("output").toFile());
        assertThat(program.toFile().setExecutable(true)).isTrue();
        builder.environment().put("AITTA", program.toString());
        return builder.start();
    }

    private static String quoted(Object word) {
        return "'" + word + "'";
    }

    private String output() {
        try {
            return Files.readString(dir.resolve("output"));
        } catch (IOException none) {
            return "nothing was said";
        }
    }
}
