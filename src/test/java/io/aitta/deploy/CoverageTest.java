package io.aitta.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.proto.v1.AdminProto;
import io.aitta.proto.v1.BackupProto;
import io.aitta.proto.v1.KvProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/COVERAGE.md names all there is, and tests that there are. */
class CoverageTest {
    private static final Path DOCS = Path.of("docs");
    private static final Pattern TEST = Pattern.compile("`(\\w+(?:Test|IT))`");

    /** HttpTableIT sees to it that docs/HTTP.md names what the port offers. */
    @Test
    void everyOperationOfTheHttpPortIsNamed() throws IOException {
        var told = firstCells(between(read("HTTP.md"), "<!-- routes: begin -->", "<!-- routes: end -->"))
                .map(cell -> cell.split("[,:]")[0].strip())
                .filter(operation -> !operation.startsWith("…"))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(told).hasSizeGreaterThan(30);
        assertThat(named("Endpoints")).containsAll(told);
    }

    /** MetricsIT compares docs/METRICS.md with a running node. */
    @Test
    void everyMetricIsNamed() throws IOException {
        var told = firstCells(read("METRICS.md"))
                .flatMap(cell -> Pattern.compile("`([a-z0-9_]+)`").matcher(cell).results())
                .map(found -> found.group(1))
                .filter(name -> name.contains("_"))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(told).hasSizeGreaterThan(50);
        assertThat(named("Metrics")).containsExactlyInAnyOrderElementsOf(told);
    }

    @Test
    void everyMethodOfTheApiIsNamed() throws IOException {
        var methods = Stream.of(KvProto.getDescriptor(), AdminProto.getDescriptor(), BackupProto.getDescriptor())
                .flatMap(file -> file.getServices().stream())
                .flatMap(service ->
                        service.getMethods().stream().map(method -> service.getName() + "." + method.getName()))
                .toList();
        assertThat(named("Permissions")).containsAll(methods);
    }

    @Test
    void everyFileOfADeploymentIsNamed() throws IOException {
        try (var files = Files.walk(Path.of("deploy"))) {
            var there = files.filter(Files::isRegularFile)
                    .filter(file -> !file.getFileName().toString().equals("README.md"))
                    .map(Path::toString)
                    .toList();
            assertThat(named("Manifests")).containsExactlyInAnyOrderElementsOf(there);
        }
    }

    @Test
    void everyTestThatTheDocumentsNameIsThere() throws IOException {
        Set<String> tests;
        try (var files = Files.walk(Path.of("src", "test", "java"))) {
            tests = files.map(file -> file.getFileName().toString().replace(".java", ""))
                    .collect(Collectors.toSet());
        }
        try (var documents = Files.list(DOCS)) {
            for (var document :
                    documents.filter(file -> file.toString().endsWith(".md")).toList()) {
                var named = TEST.matcher(Files.readString(document))
                        .results()
                        .map(found -> found.group(1))
                        .toList();
                assertThat(tests).as("tests that %s names", document).containsAll(named);
            }
        }
        for (var line : read("COVERAGE.md").lines().filter(CoverageTest::isRow).toList()) {
            assertThat(line).containsPattern(TEST);
        }
    }

    private static List<String> named(String section) throws IOException {
        var text = read("COVERAGE.md");
        int begin = text.indexOf("## " + section);
        int end = text.indexOf("\n## ", begin);
        return firstCells(text.substring(begin, end < 0 ? text.length() : end))
                .map(cell -> cell.replace("`", ""))
                .toList();
    }

    /** Of the rows of its tables, without their heads. */
    private static Stream<String> firstCells(String text) {
        return text.lines().filter(CoverageTest::isRow).map(line -> line.split("\\|")[1].strip());
    }

    private static boolean isRow(String line) {
        return line.startsWith("| ")
                && !line.startsWith("| ---")
                && !line.matches("\\| (operation|metric|method|file|what|promise) \\|.*");
    }

    private static String between(String text, String begin, String end) {
        return text.substring(text.indexOf(begin), text.indexOf(end));
    }

    private static String read(String document) throws IOException {
        return Files.readString(DOCS.resolve(document));
    }
}
