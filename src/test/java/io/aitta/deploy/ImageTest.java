package io.aitta.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.aitta.cli.StartCommands;
import io.aitta.config.ServeOptions;
import io.aitta.config.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The image and the compose file, as far as can be told without a container engine. */
@Timeout(30)
class ImageTest {
    private static final Path DOCKER = Manifests.DEPLOY.resolve("docker");
    private static final Settings DEFAULTS = Settings.load(ServeOptions.NONE);

    private record Instruction(String name, String rest) {}

    @Test
    void theDockerfileKeepsTheRules() {
        var instructions = instructions();
        var last = instructions.subList(
                instructions.stream().map(Instruction::name).toList().lastIndexOf("FROM"), instructions.size());
        assertThat(instructions)
                .extracting(Instruction::name)
                .isSubsetOf(
                        "FROM",
                        "ARG",
                        "LABEL",
                        "RUN",
                        "COPY",
                        "ENV",
                        "USER",
                        "WORKDIR",
                        "VOLUME",
                        "EXPOSE",
                        "STOPSIGNAL",
                        "HEALTHCHECK",
                        "ENTRYPOINT",
                        "CMD");
        for (var from : all("FROM")) {
            assertThat(from).as("an image of a named version").matches("[a-z-]+:[0-9][a-z0-9.-]+( AS [a-z]+)?");
        }
        assertThat(last).extracting(Instruction::name).containsOnlyOnce("USER", "ENTRYPOINT", "CMD", "HEALTHCHECK");
        assertThat(user()).isGreaterThan(1000);
        assertThat(all("RUN").get(all("RUN").size() - 1)).contains("--uid " + user());
        assertThat(all("STOPSIGNAL")).containsExactly("SIGTERM");
        for (String label : List.of("title", "description", "version", "revision")) {
            assertThat(String.join(" ", all("LABEL"))).contains("org.opencontainers.image." + label + "=");
        }
        // Words, not a line for a shell: a shell would not hand SIGTERM on.
        assertThat(Stream.of("ENTRYPOINT", "CMD", "VOLUME").flatMap(name -> all(name).stream()))
                .allMatch(rest -> rest.startsWith("[\""));
        assertThat(all("EXPOSE"))
                .containsExactly(DEFAULTS.grpc().port() + " " + DEFAULTS.node().clusterPort() + " "
                        + DEFAULTS.http().port());
    }

    @Test
    void whatIsCopiedIsThereAndSentToTheBuild() throws IOException {
        var sent = Files.readAllLines(DOCKER.resolve("Dockerfile.dockerignore"));
        for (String copy : all("COPY")) {
            var words = new ArrayList<>(List.of(copy.split(" ")));
            if (words.removeIf(word -> word.startsWith("--from"))) {
                continue;
            }
            words.removeIf(word -> word.startsWith("--"));
            for (String source : words.subList(0, words.size() - 1)) {
                assertThat(Path.of(source)).exists();
                assertThat(sent).contains("!" + source);
            }
        }
    }

    @Test
    void theStartCommandNamesOptionsThatExist() throws IOException {
        assertThat(words(all("ENTRYPOINT").get(0))).containsExactly("/opt/aitta/bin/aitta");
        var options = StartCommands.serve(words(all("CMD").get(0)));
        var settings = Settings.load(options);
        assertThat(settings.node().dataDir()).hasToString("/var/lib/aitta");
        assertThat(words(all("VOLUME").get(0)))
                .containsExactly(settings.node().dataDir().toString());
        assertThat(settings.node().host()).as("nobody else reaches it").isEqualTo("127.0.0.1");
    }

    @Test
    void composeStartsThreeNodesThatKnowEachOther() throws IOException {
        JsonNode compose = Manifests.tree(Files.readString(DOCKER.resolve("compose.yaml")));
        assertThat(compose.get("services").fieldNames())
                .toIterable()
                .containsExactly("n1", "n2", "n3", "prometheus", "grafana");
        var seeds = List.of("n1:7401", "n2:7401", "n3:7401");
        compose.get("services").fields().forEachRemaining(service -> {
            if (!service.getKey().startsWith("n")) {
                return;
            }
            var words = new ArrayList<String>();
            service.getValue().get("command").forEach(word -> words.add(word.asText()));
            var settings = Settings.load(StartCommands.serve(words));
            String id = service.getKey();
            assertThat(settings.node().id()).hasToString("Optional[" + id + "]");
            assertThat(settings.node().host())
                    .isEqualTo(id)
                    .isEqualTo(service.getValue().get("hostname").asText())
                    .isEqualTo(service.getValue().at("/environment/AITTA_HOST").asText());
            assertThat(settings.node().seeds()).isEqualTo(seeds);
            assertThat(settings.config().getInt("aitta.bootstrap.expect-nodes")).isEqualTo(seeds.size());
            assertThat(service.getValue().get("volumes").get(0).asText())
                    .isEqualTo(id + ":" + settings.node().dataDir());
            assertThat(service.getValue().get("ports").get(0).asText())
                    .startsWith("127.0.0.1:")
                    .endsWith(":" + settings.http().port());
        });
        assertThat(compose.at("/x-node/image").asText()).isEqualTo("aitta:" + version());
    }

    @Test
    void theHealthCheckSaysWhatTheHttpPortSays() throws Exception {
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/alive", exchange -> {
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        server.createContext("/ready", exchange -> {
            exchange.sendResponseHeaders(500, -1);
            exchange.close();
        });
        server.start();
        try {
            int port = server.getAddress().getPort();
            assertThat(healthcheck(port)).isZero();
            assertThat(healthcheck(port, "/ready")).isNotZero();
        } finally {
            server.stop(0);
        }
        assertThat(healthcheck(server.getAddress().getPort())).isNotZero();
    }

    private static int healthcheck(int port, String... words) throws Exception {
        var command = new ArrayList<>(List.of(DOCKER.resolve("healthcheck").toString()));
        command.addAll(List.of(words));
        var builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("AITTA_HTTP_PORT", Integer.toString(port));
        var process = builder.start();
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    /** The number of the image's user. */
    static long user() {
        return Long.parseLong(all("USER").get(0).split(":")[0]);
    }

    /** The version that the image is labelled with. */
    static String version() {
        return all("ARG").stream()
                .filter(rest -> rest.startsWith("VERSION="))
                .findFirst()
                .orElseThrow()
                .substring("VERSION=".length());
    }

    private static List<String> words(String json) throws IOException {
        return List.of(new ObjectMapper().readValue(json, String[].class));
    }

    private static List<String> all(String name) {
        return instructions().stream()
                .filter(instruction -> instruction.name.equals(name))
                .map(Instruction::rest)
                .toList();
    }

    private static List<Instruction> instructions() {
        try {
            String text = Files.readString(DOCKER.resolve("Dockerfile"))
                    .replaceAll("(?m)^#.*\n", "")
                    .replaceAll("\\s*\\\\\n\\s*", " ");
            var found = new ArrayList<Instruction>();
            var line = Pattern.compile("(?m)^([A-Z]+) (.+)$").matcher(text);
            while (line.find()) {
                found.add(new Instruction(line.group(1), line.group(2)));
            }
            assertThat(found)
                    .hasSize((int) text.lines().filter(l -> !l.isBlank()).count());
            return found;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
