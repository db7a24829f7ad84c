package io.aitta.journal;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A real PostgreSQL of the test's own: an empty database in a temporary directory on a free port of 127.0.0.1. As root it
 * is run as the user {@code postgres}, since PostgreSQL refuses to be run by root.
 */
final class PostgresServer implements AutoCloseable {
    private final Path binaries;
    private final Path data;
    private final int port;
    private final Thread stopAtExit = new Thread(this::stopQuietly);

    private PostgresServer(Path binaries, Path data, int port) {
        this.binaries = binaries;
        this.data = data;
        this.port = port;
    }

    /** The newest PostgreSQL that is installed, by its directory of programs. */
    static Optional<Path> installed() {
        Path root = Path.of("/usr/lib/postgresql");
        if (!Files.isDirectory(root)) {
            return Optional.empty();
        }
        try (Stream<Path> versions = Files.list(root)) {
            return versions.map(version -> version.resolve("bin"))
                    .filter(bin ->
                            Files.isExecutable(bin.resolve("initdb")) && Files.isExecutable(bin.resolve("pg_ctl")))
                    .max(Comparator.naturalOrder());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    static PostgresServer start(Path binaries) throws Exception {
        Path data = Files.createTempDirectory("aitta-postgres");
        if (isRoot()) {
            run(List.of("chown", "postgres", data.toString()));
        }
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            port = socket.getLocalPort();
        }
        PostgresServer server = new PostgresServer(binaries, data, port);
        server.runAsUser(
                "initdb", "-D", data.toString(), "-U", "aitta", "--auth=trust", "--encoding=UTF8", "--no-sync");
        Runtime.getRuntime().addShutdownHook(server.stopAtExit);
        server.start();
        return server;
    }

    void start() throws Exception {
        String options = "-p " + port + " -k " + data + " -h 127.0.0.1";
        runAsUser(
                "pg_ctl", "-D", data.toString(), "-w", "-l", data.resolve("log").toString(), "-o", options, "start");
    }

    /** Stops without letting anything finish, as a crash would. */
    void crash() throws Exception {
        runAsUser("pg_ctl", "-D", data.toString(), "-m", "immediate", "-w", "stop");
    }

    String url() {
        return "jdbc:postgresql://127.0.0.1:" + port + "/postgres";
    }

    private void runAsUser(String program, String... arguments) throws Exception {
        List<String> command = new ArrayList<>();
        if (isRoot()) {
            command.addAll(List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"));
        }
        command.add(binaries.resolve(program).toString());
        command.addAll(List.of(arguments));
        run(command);
    }

    private static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    private static void run(List<String> command) throws Exception {
        Path output = Files.createTempFile("aitta-postgres", ".out");
        try {
            Process process = new ProcessBuilder(command)
                    .directory(Path.of("/tmp").toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new IllegalStateException(command + " failed: " + Files.readString(output));
            }
        } finally {
            Files.delete(output);
        }
    }

    private void stopQuietly() {
        try {
            crash();
        } catch (Exception e) {
            System.err.println("stopping PostgreSQL in " + data + " failed: " + e.getMessage());
        }
    }

    @Override
    public void close() throws Exception {
        Runtime.getRuntime().removeShutdownHook(stopAtExit);
        crash();
        try (Stream<Path> files = Files.walk(data)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
