package io.aitta.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.aitta.core.NodeId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DataDirectoryTest {
    private static final Optional<NodeId> ANY = Optional.empty();

    @TempDir
    Path parent;

    @Test
    void a_fresh_directory_gets_an_identity_and_keeps_it() throws Exception {
        NodeIdentity first;
        try (var data = DataDirectory.open(directory(), ANY)) {
            first = data.identity();
        }
        assertThat(first.nodeId().value()).matches("n-[0-9a-f]{6}");
        assertThat(first.incarnation()).matches("[0-9a-f]{16}");
        try (var data = DataDirectory.open(directory(), ANY)) {
            assertThat(data.identity()).isEqualTo(first);
        }
        try (var data = DataDirectory.open(directory(), Optional.of(first.nodeId()))) {
            assertThat(data.identity()).isEqualTo(first);
        }
    }

    @Test
    void the_same_node_over_another_directory_is_another_incarnation() throws Exception {
        try (var here = DataDirectory.open(parent.resolve("a"), node("n1"));
                var there = DataDirectory.open(parent.resolve("b"), node("n1"))) {
            assertThat(here.identity().nodeId()).isEqualTo(there.identity().nodeId());
            assertThat(here.identity().incarnation())
                    .isNotEqualTo(there.identity().incarnation());
        }
    }

    @Test
    void another_nodes_directory_is_refused() throws Exception {
        DataDirectory.open(directory(), node("n1")).close();
        refused(directory(), node("n2"), "belongs to node n1, not n2");
        DataDirectory.open(directory(), node("n1")).close();
    }

    @Test
    void a_directory_in_use_by_this_process_is_refused() throws Exception {
        try (var data = DataDirectory.open(directory(), ANY)) {
            refused(data.path(), ANY, "is in use by this very process");
        }
    }

    @Test
    void a_directory_in_use_by_another_process_is_refused_with_its_number() throws Exception {
        Process holder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holder.class.getName(),
                        directory().toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            assertThat(holder.getInputStream().read())
                    .as("the other process holds it")
                    .isEqualTo('+');
            refused(directory(), ANY, "is in use by process " + holder.pid());
        } finally {
            holder.destroyForcibly().waitFor(20, TimeUnit.SECONDS);
        }
        DataDirectory.open(directory(), ANY).close();
    }

    @Test
    void a_file_is_no_directory() throws Exception {
        Path file = Files.writeString(parent.resolve("file"), "");
        refused(file, ANY, "it is a file, not a directory", "--data-dir");
        refused(file.resolve("below"), ANY, "data directory " + file.resolve("below") + " cannot be used");
    }

    @Test
    void a_place_that_cannot_be_written_is_refused() {
        refused(Path.of("/proc/aitta"), ANY, "data directory /proc/aitta cannot be used", "--data-dir");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{\"version\": 1, \"nodeId\": \"n1\", \"incar",
                "{}",
                "[1]",
                "{\"version\": 1, \"nodeId\": \"N 1\", \"incarnation\": \"0123456789abcdef\"}",
                "{\"version\": 1, \"nodeId\": \"n1\", \"incarnation\": \"short\"}"
            })
    void a_damaged_identity_is_refused_and_not_replaced(String json) throws Exception {
        Files.createDirectories(directory());
        Files.writeString(directory().resolve("node.json"), json);
        refused(directory(), ANY, "node.json, is damaged");
        assertThat(directory().resolve("node.json")).hasContent(json);
    }

    @Test
    void an_identity_of_a_newer_release_is_refused() throws Exception {
        Files.createDirectories(directory());
        Files.writeString(directory().resolve("node.json"), "{\"version\": 2}");
        refused(directory(), ANY, "version 2, written by a newer release");
    }

    @Test
    void a_crash_before_the_identity_was_whole_leaves_a_fresh_directory() throws Exception {
        Files.createDirectories(directory());
        Files.writeString(directory().resolve("node.json.partial"), "{\"vers");
        try (var data = DataDirectory.open(directory(), node("n1"))) {
            assertThat(data.identity().nodeId()).hasToString("n1");
        }
    }

    private Path directory() {
        return parent.resolve("deep").resolve("data");
    }

    private static Optional<NodeId> node(String id) {
        return Optional.of(new NodeId(id));
    }

    private static void refused(Path directory, Optional<NodeId> node, String... parts) {
        assertThatThrownBy(() -> DataDirectory.open(directory, node))
                .isInstanceOf(ConfigException.class)
                .hasMessageContainingAll(parts);
    }

    /** Another process: holds a directory until it is killed. */
    static final class Holder {
        public static void main(String[] arguments) throws Exception {
            DataDirectory.open(Path.of(arguments[0]), ANY);
            System.out.write('+');
            System.out.flush();
            System.in.read();
        }
    }
}
