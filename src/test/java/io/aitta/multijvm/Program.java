package io.aitta.multijvm;

import io.aitta.cli.Aitta;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** {@code aitta} as users meet it: a process with words, standard input, two outputs and an exit status. */
final class Program implements AutoCloseable {
    private static final Duration END_LIMIT = Duration.ofSeconds(120);

    /** What a run came to. */
    record Result(int status, byte[] outBytes, String err) {
        String out() {
            return new String(outBytes, StandardCharsets.UTF_8);
        }

        String lastLine() {
            return out().lines().reduce("", (before, line) -> line);
        }
    }

    private final Process process;
    private final Path out;
    private final Path err;

    private Program(List<String> command, Path dir, Map<String, String> environment) {
        try {
            out = Files.createTempFile(dir, "out", "");
            err = Files.createTempFile(dir, "err", "");
            var builder =
                    new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
            builder.environment().keySet().removeIf(name -> name.startsWith("AITTA_"));
            builder.environment().putAll(environment);
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(command.get(0) + " cannot be started", e);
        }
    }

    /** Starts {@code aitta} with these words from the class path. */
    static Program aitta(Path dir, List<String> words) {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "-Djava.util.concurrent.ForkJoinPool.common.parallelism=4",
                "-cp",
                NodeClasses.classPath(),
                Aitta.class.getName()));
        command.addAll(1, NodeClasses.options());
        command.addAll(words);
        return new Program(command, dir, Map.of());
    }

    /** Starts any command. @param environment added to this process's, less what is Aitta's there */
    static Program of(Path dir, List<String> command, Map<String, String> environment) {
        return new Program(command, dir, environment);
    }

    /** Runs {@code aitta} to its end, with nothing to read. */
    static Result run(Path dir, String... words) {
        try (var program = aitta(dir, List.of(words))) {
            return program.feed("").result();
        }
    }

    /** All that it gets to read; its input is at an end then. */
    Program feed(String input) {
        return feed(input.getBytes(StandardCharsets.UTF_8));
    }

    Program feed(byte[] input) {
        try (OutputStream in = process.getOutputStream()) {
            in.write(input);
        } catch (IOException e) {
            // It ended without reading; what it says about that is what counts.
        }
        return this;
    }

    /** SIGTERM. */
    void terminate() {
        process.destroy();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** The processes it has started, and theirs, that live now. */
    List<ProcessHandle> descendants() {
        return process.descendants().collect(Collectors.toList());
    }

    String errors() {
        return read(err);
    }

    String output() {
        return read(out);
    }

    /** Waits for the end. */
    Result result() {
        try {
            if (!process.waitFor(END_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("not ended after " + END_LIMIT + "; it said: " + output() + errors());
            }
            return new Result(process.exitValue(), Files.readAllBytes(out), errors());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** Whatever state it is in: neither it nor what it started is left. */
    @Override
    public void close() {
        var all = descendants();
        process.destroyForcibly();
        all.forEach(ProcessHandle::destroyForcibly);
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
