package io.aitta.cli;

import io.aitta.client.Endpoint;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Node processes on this machine that live no longer than this object, however this process ends: {@link #close()}
 * stops them, a shutdown hook does so when a signal ends the process, and the nodes watch this process themselves.
 */
final class LocalCluster implements AutoCloseable {
    private static final Duration STOP_LIMIT = Duration.ofSeconds(20);
    private static final int LOG_TAIL_LINES = 20;
    /**
     * Ctrl-C at the prompt goes to every process of the terminal; the nodes are to hear of the end from us alone. A
     * Java VM leaves a signal ignored that was ignored when it began.
     */
    private static final List<String> WITHOUT_CTRL_C =
            List.of("/bin/sh", "-c", "trap '' INT; exec \"$@\"", "aitta-node");

    private final List<NodePlan> plans;
    private final Map<NodePlan, Process> processes = new LinkedHashMap<>();
    private final Thread hook = new Thread(this::stop, "aitta-quickstart-stop");
    private final Runnable afterwards;
    private boolean stopped;

    /** @param afterwards done once, when all nodes have stopped */
    LocalCluster(List<NodePlan> plans, Runnable afterwards) {
        this.plans = plans;
        this.afterwards = afterwards;
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Makes sure that no port is in use. */
    static void checkPorts(List<NodePlan> plans) {
        for (NodePlan node : plans) {
            checkPort(node.grpcPort(), "gRPC", node);
            checkPort(node.clusterPort(), "cluster", node);
            checkPort(node.httpPort(), "HTTP", node);
        }
    }

    private static void checkPort(int port, String use, NodePlan node) {
        try {
            new ServerSocket(port, 1, InetAddress.getByName(NodePlan.HOST)).close();
        } catch (IOException e) {
            throw new CommandFailed(
                    ExitStatus.REFUSED_OR_UNAVAILABLE,
                    "port " + port + " (the " + use + " port of " + node.id() + ") cannot be had: " + e.getMessage()
                            + "; stop what uses it, or choose other ports with --base-port");
        }
    }

    /** Starts the nodes, each with {@code command} and its own arguments of {@code serve}. */
    void start(List<String> command) {
        for (NodePlan node : plans) {
            start(node, command);
        }
    }

    private synchronized void start(NodePlan node, List<String> command) {
        if (stopped) {
            return;
        }
        var words = new ArrayList<>(WITHOUT_CTRL_C);
        words.addAll(command);
        words.addAll(node.serveArguments(plans));
        try {
            Files.createDirectories(node.log().getParent());
            Process process = new ProcessBuilder(words)
                    .redirectErrorStream(true)
                    .redirectOutput(Redirect.appendTo(node.log().toFile()))
                    .redirectInput(Redirect.from(new File("/dev/null")))
                    .start();
            processes.put(node, process);
        } catch (IOException e) {
            throw new CommandFailed(
                    ExitStatus.REFUSED_OR_UNAVAILABLE, "node " + node.id() + " cannot be started: " + e.getMessage());
        }
    }

    /** Returns when every node serves; fails with the end of a node's log if one stops, or the limit passes. */
    void awaitReady(Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        for (NodePlan node : plans) {
            try (var health = new HealthCheck(node.endpoint())) {
                while (!health.isServing()) {
                    checkAlive();
                    if (System.nanoTime() > deadline) {
                        throw notReady(node, "is not ready after " + limit.toSeconds() + " s");
                    }
                    pause();
                }
            }
        }
    }

    List<Endpoint> endpoints() {
        return plans.stream().map(NodePlan::endpoint).toList();
    }

    private synchronized void checkAlive() {
        processes.forEach((node, process) -> {
            if (!process.isAlive()) {
                throw notReady(node, "stopped with exit code " + process.exitValue());
            }
        });
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(100);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailed(ExitStatus.REFUSED_OR_UNAVAILABLE, "interrupted while the nodes were starting");
        }
    }

    private static CommandFailed notReady(NodePlan node, String what) {
        return new CommandFailed(
                ExitStatus.REFUSED_OR_UNAVAILABLE,
                "node " + node.id() + " " + what + "; its log (" + node.log() + ") ends with:\n" + tail(node.log()));
    }

    private static String tail(Path log) {
        try {
            List<String> lines = new String(Files.readAllBytes(log), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            if (lines.isEmpty()) {
                return "  (nothing yet; this machine may be very busy)";
            }
            return lines.subList(Math.max(0, lines.size() - LOG_TAIL_LINES), lines.size()).stream()
                    .map(line -> "  " + line)
                    .collect(Collectors.joining("\n"));
        } catch (IOException e) {
            return "  (the log cannot be read: " + e.getMessage() + ")";
        }
    }

    /** Stops every node that was started: SIGTERM, and after twenty seconds SIGKILL. Idempotent. */
    @Override
    public void close() {
        stop();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            return; // the process is ending; the hook will find nothing left to do
        }
    }

    private synchronized void stop() {
        if (stopped) {
            return;
        }
        stopped = true;
        processes.values().forEach(Process::destroy);
        long deadline = System.nanoTime() + STOP_LIMIT.toNanos();
        for (Process process : processes.values()) {
            if (!ended(process, deadline - System.nanoTime())) {
                process.destroyForcibly();
            }
        }
        processes.values().forEach(process -> ended(process, STOP_LIMIT.toNanos()));
        afterwards.run();
    }

    private static boolean ended(Process process, long limitNanos) {
        try {
            return process.waitFor(Math.max(0, limitNanos), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Removes a directory and all in it. */
    static void remove(Path directory) {
        try (var paths = Files.walk(directory)) {
            for (Path path : paths.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the temporary directory " + directory + " cannot be removed", e);
        }
    }
}
