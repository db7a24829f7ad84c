package io.aitta.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.io.StringWriter;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The examples in the client's javadoc are compiled as they stand there, and run. */
@Timeout(120)
class JavadocExamplesTest {
    private static final Path SOURCES = Path.of("src", "main", "java", "io", "aitta", "client");
    private static final Pattern EXAMPLE = Pattern.compile("<pre>\\{@code\\R(.*?)\\R *\\* *\\}</pre>", Pattern.DOTALL);
    /** Where examples find a cluster, instead of where readers do. */
    private static final Pattern ADDRESSES = Pattern.compile("\"127\\.0\\.0\\.1:74[^\"]*\"");

    /** @param code as a reader sees it */
    private record Example(String name, String code) {}

    @TempDir
    private Path dir;

    @Test
    void everyExampleCompilesAndRuns() throws Exception {
        var examples = new ArrayList<Example>();
        try (var files = Files.list(SOURCES)) {
            for (Path file : files.sorted().toList()) {
                examples.addAll(examplesOf(file));
            }
        }
        assertThat(examples).as("the examples of a whole package").hasSizeGreaterThan(8);
        for (Example example : examples) {
            Files.writeString(dir.resolve(example.name() + ".java"), source(example));
        }
        compile(examples);
        run(examples);
    }

    private static List<Example> examplesOf(Path file) throws IOException {
        var examples = new ArrayList<Example>();
        String name = file.getFileName().toString().replaceAll("\\W", "_");
        Matcher matcher = EXAMPLE.matcher(Files.readString(file));
        while (matcher.find()) {
            String code = matcher.group(1).replaceAll("(?m)^ *\\* ?", "");
            examples.add(new Example("Example_" + name + "_" + examples.size(), code));
        }
        return examples;
    }

    /** Examples may use a client and a table that others make, and must not have to say so. */
    private static String source(Example example) {
        String code = ADDRESSES.matcher(example.code()).replaceAll("endpoints");
        boolean makesClient = code.contains("AittaClient client =");
        boolean makesTable = code.contains(" table =");
        return """
                import com.google.protobuf.ByteString;
                import io.aitta.client.*;
                import java.time.Duration;
                import java.util.*;
                import java.util.concurrent.*;

                public class %s {
                    public static void run(String endpoints%s%s) throws Exception {
                %s
                    }
                }
                """
                .formatted(
                        example.name(),
                        makesClient ? "" : ", AittaClient client",
                        makesTable || makesClient ? "" : ", AittaTable.BlockingView table",
                        code);
    }

    private void compile(List<Example> examples) {
        var said = new StringWriter();
        var compiler = ToolProvider.getSystemJavaCompiler();
        try (var files = compiler.getStandardFileManager(null, null, null)) {
            var sources = files.getJavaFileObjectsFromPaths(examples.stream()
                    .map(example -> dir.resolve(example.name() + ".java"))
                    .toList());
            var options =
                    List.of("-proc:none", "-d", dir.toString(), "-classpath", System.getProperty("java.class.path"));
            boolean compiled =
                    compiler.getTask(said, files, null, options, null, sources).call();
            assertThat(compiled).as(said.toString()).isTrue();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void run(List<Example> examples) throws Exception {
        try (var cluster = new FakeCluster(3);
                var client =
                        AittaClient.builder().endpoints(cluster.endpoints()).build();
                var loader = new URLClassLoader(
                        new URL[] {dir.toUri().toURL()}, getClass().getClassLoader())) {
            for (Example example : examples) {
                Method run = loader.loadClass(example.name()).getMethods()[0];
                var arguments = new ArrayList<Object>(List.of(cluster.endpoints()));
                if (run.getParameterCount() > 1) {
                    arguments.add(client);
                }
                if (run.getParameterCount() > 2) {
                    arguments.add(client.table("default").blocking());
                }
                assertThatCode(() -> run.invoke(null, arguments.toArray()))
                        .as(example.name() + ":\n" + example.code())
                        .doesNotThrowAnyException();
            }
        }
    }
}
