package io.aitta.multijvm;

import io.aitta.cli.Aitta;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The class path of node processes, and how they come to have its classes quickly. When the build has packaged them, a
 * process that only loads them leaves an archive of them (class data sharing), which takes a quarter off the time in which
 * every node of the run starts.
 */
final class NodeClasses {
    private static final Path TARGET = Path.of("target").toAbsolutePath();
    private static final Path ARCHIVE = TARGET.resolve("multijvm-classes.jsa");
    private static final int ARCHIVING_LIMIT_SECONDS = 120;

    private static List<String> options;

    private NodeClasses() {}

    /** As packaged if the tests run on that; else that of the tests. */
    static String classPath() {
        return packagedJar()
                .map(jar -> jar + ":" + TARGET.resolve("lib") + "/*")
                // Surefire may put a jar that only refers to the others on the class path; it tells what it stands for.
                .orElseGet(() -> System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    }

    /** Where the classes of these tests are: to be put behind the others. */
    static Path ofTests() {
        try {
            return Path.of(NodeClasses.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Optional<Path> packagedJar() {
        if (!Boolean.getBoolean("aitta.multijvm.packaged")) {
            return Optional.empty();
        }
        try (Stream<Path> files = Files.list(TARGET)) {
            return files.filter(file -> file.getFileName().toString().matches("aitta-[0-9.]+\\.jar"))
                    .findFirst();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** For the Java VM of a node. */
    static synchronized List<String> options() {
        if (options == null) {
            options = packagedJar().isPresent() ? List.of("-XX:SharedArchiveFile=" + archive()) : List.of();
        }
        return options;
    }

    /** Made anew in every run: it fits one class path and one Java VM only. */
    private static Path archive() {
        try {
            Files.deleteIfExists(ARCHIVE);
            var data = Files.createTempDirectory("aitta-classes-");
            var cluster = new Cluster(
                    Cluster.Plan.of(1), data, TARGET.resolve("multijvm").resolve("classes"));
            try {
                var node = cluster.node(1);
                var jvm = new ArrayList<>(Cluster.jvmOptions("256m"));
                jvm.add("-XX:ArchiveClassesAtExit=" + ARCHIVE);
                node.start(jvm, Aitta.class, List.of(node.seed()), List.of());
                cluster.awaitReady(List.of(node));
                node.terminate();
                node.awaitExit(ARCHIVING_LIMIT_SECONDS, TimeUnit.SECONDS);
            } finally {
                cluster.close();
                Stage.removeAll(data);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the archive of classes cannot be made", e);
        }
        return ARCHIVE;
    }
}
