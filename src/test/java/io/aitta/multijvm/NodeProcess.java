package io.aitta.multijvm;

import io.aitta.cli.Aitta;
import io.aitta.client.Endpoint;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** One node of a {@link Cluster}: at most one process at a time, always on the same data directory. */
final class NodeProcess {
    private static final Duration STOP_LIMIT = Duration.ofSeconds(25);
    private static final int LOG_TAIL_LINES = 60;
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    /**
     * Where a node can be found.
     *
     * @param clusterPort by which other nodes know it
     * @param bindPort where it listens for them
     */
    record Ports(int grpc, int clusterPort, int bindPort, int http) {}

    final String id;
    final String address;
    private final Path dataDir;
    private final Path log;
    private Ports ports;
    private Process process;
    private ManagedChannel channel;

    NodeProcess(String id, String address, Path dataDir, Path log) {
        this.id = id;
        this.address = address;
        this.dataDir = dataDir;
        this.log = log;
    }

    void moveTo(Ports newPorts) {
        closeChannel();
        ports = newPorts;
    }

    Endpoint endpoint() {
        return new Endpoint(address, ports.grpc());
    }

    int httpPort() {
        return ports.http();
    }

    int clusterPort() {
        return ports.clusterPort();
    }

    String seed() {
        return address + ":" + ports.clusterPort();
    }

    Path dataDir() {
        return dataDir;
    }

    /** To the node itself, whatever the client would choose. Opened when first used. */
    synchronized ManagedChannel channel() {
        if (channel == null) {
            channel = newChannel();
        }
        return channel;
    }

    /** Another connection to the node; to be closed by the caller. */
    ManagedChannel newChannel() {
        return NettyChannelBuilder.forAddress(address, ports.grpc())
                .usePlaintext()
                .maxInboundMessageSize(16 << 20)
                .build();
    }

    private synchronized void closeChannel() {
        if (channel != null) {
            channel.shutdownNow();
            channel = null;
        }
    }

    // ---- its process --------------------------------------------------------------------------------------------

    /**
     * @param jvm options of the Java VM
     * @param main {@link Aitta}, or what begins like it
     * @param settings {@code aitta.*} keys with their values, as {@code key=value}
     */
    void start(List<String> jvm, Class<?> main, List<String> seeds, List<String> settings) {
        if (isAlive()) {
            throw new IllegalStateException(id + " is running");
        }
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvm);
        command.add("-Dpekko.remote.artery.bind.hostname=" + address);
        command.add("-Dpekko.remote.artery.bind.port=" + ports.bindPort());
        command.add("-Dpekko.remote.artery.advanced.tcp.outbound-client-hostname=" + address);
        String classes = NodeClasses.classPath() + (main == Aitta.class ? "" : ":" + NodeClasses.ofTests());
        command.addAll(List.of("-cp", classes, main.getName(), "serve"));
        command.addAll(List.of("--node-id", id, "--data-dir", dataDir.toString(), "--host", address));
        command.addAll(List.of("--grpc-port", Integer.toString(ports.grpc())));
        command.addAll(List.of("--cluster-port", Integer.toString(ports.clusterPort())));
        command.addAll(List.of("--http-port", Integer.toString(ports.http())));
        command.addAll(List.of("--seeds", String.join(",", seeds)));
        settings.forEach(setting -> command.addAll(List.of("-D", setting)));
        // Should even the end of this process be violent, the node ends with it.
        command.addAll(
                List.of("--stop-with", Long.toString(ProcessHandle.current().pid())));
        try {
            Files.createDirectories(log.getParent());
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(Redirect.appendTo(log.toFile()))
                    .redirectInput(Redirect.from(Path.of("/dev/null").toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException("node " + id + " cannot be started", e);
        }
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process != null && process.isAlive();
    }

    /** SIGKILL; returns when the process is gone. */
    void kill() {
        process.destroyForcibly();
        awaitExit();
    }

    /** SIGTERM. */
    void terminate() {
        process.destroy();
    }

    /** @return its exit status */
    int awaitExit() {
        return awaitExit(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    /** @return its exit status */
    int awaitExit(long limit, TimeUnit unit) {
        try {
            if (!process.waitFor(limit, unit)) {
                throw new AssertionError(id + " has not stopped after " + limit + " " + unit);
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while " + id + " was to stop", e);
        }
    }

    void pause() {
        signal("STOP");
    }

    void resume() {
        signal("CONT");
    }

    private void signal(String name) {
        try {
            var kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                    .redirectErrorStream(true)
                    .start();
            if (kill.waitFor() != 0) {
                throw new AssertionError("kill -" + name + " " + id + ": "
                        + new String(kill.getInputStream().readAllBytes()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** Whatever state it is in: no process is left. */
    void end() {
        if (isAlive()) {
            kill();
        }
        closeChannel();
    }

    // ---- how it is ----------------------------------------------------------------------------------------------

    boolean isReady() {
        try {
            channel().resetConnectBackoff();
            return HealthGrpc.newBlockingStub(channel())
                            .withDeadlineAfter(1, TimeUnit.SECONDS)
                            .check(HealthCheckRequest.getDefaultInstance())
                            .getStatus()
                    == ServingStatus.SERVING;
        } catch (StatusRuntimeException e) {
            return false;
        }
    }

    /** Asks its HTTP port; empty if nobody answers there. */
    Optional<HttpResponse<String>> get(String path) {
        try {
            return Optional.of(HTTP.send(
                    HttpRequest.newBuilder(URI.create("http://" + httpAddress() + path))
                            .timeout(Duration.ofSeconds(5))
                            .build(),
                    BodyHandlers.ofString()));
        } catch (IOException nobody) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** HOST:PORT of its HTTP port. */
    String httpAddress() {
        return address + ":" + ports.http();
    }

    /** All it has said since it was started for the first time. */
    String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException("the log of " + id + " cannot be read", e);
        }
    }

    String logTail() {
        if (!Files.exists(log)) {
            return "---- " + id + " was never started";
        }
        var lines = log().lines().toList();
        int from = Math.max(0, lines.size() - LOG_TAIL_LINES);
        return "---- " + id + " (" + log + ")\n" + String.join("\n", lines.subList(from, lines.size()));
    }

    /** Bytes of all objects on its heap that are in use: it collects its garbage before it answers. */
    long liveHeapBytes() {
        // "Total  INSTANCES  BYTES" is the last line.
        var lines = heapHistogram().lines().toList();
        return Long.parseLong(lines.get(lines.size() - 1).trim().split("\\s+")[2]);
    }

    /** The classes that take most of its heap. */
    String heapHistogram(int classes) {
        return heapHistogram().lines().limit(3 + classes).collect(Collectors.joining("\n"));
    }

    private String heapHistogram() {
        try {
            var jcmd = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "jcmd")
                                    .toString(),
                            Long.toString(process.pid()),
                            "GC.class_histogram")
                    .redirectErrorStream(true)
                    .start();
            String told = new String(jcmd.getInputStream().readAllBytes());
            if (jcmd.waitFor() != 0 || !told.contains("\nTotal")) {
                throw new AssertionError("jcmd does not tell the heap of " + id + ": " + told);
            }
            return told;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** Bytes of all files in its data directory. */
    long diskBytes() {
        return bytesIn(dataDir);
    }

    static long bytesIn(Path directory) {
        try (var files = Files.walk(directory)) {
            return files.mapToLong(NodeProcess::size).sum();
        } catch (IOException | UncheckedIOException e) {
            throw new AssertionError("the size of " + directory + " cannot be had", e);
        }
    }

    /** Files come and go while we look. */
    private static long size(Path file) {
        try {
            return Files.isRegularFile(file) ? Files.size(file) : 0;
        } catch (IOException gone) {
            return 0;
        }
    }

    @Override
    public String toString() {
        return id;
    }
}
