package io.aitta.multijvm;

import io.aitta.Programs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A headless browser for one test class. It has a profile of its own in a directory of the test, reaches nothing but this
 * machine, and ends with {@link #close()}: by its own process, never by name.
 */
final class Chromium implements AutoCloseable {
    private static final List<String> NAMES = List.of("chromium", "chromium-browser", "google-chrome");
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final long END_SECONDS = 10;

    private final Process process;
    private final DevTools devTools;

    private Chromium(Process process, DevTools devTools) {
        this.process = process;
        this.devTools = devTools;
    }

    /** Where one is installed. */
    static Optional<Path> installed() {
        return NAMES.stream().flatMap(name -> Programs.find(name).stream()).findFirst();
    }

    /** @param dir for its profile and its log; empty */
    static Chromium start(Path executable, Path dir) {
        var profile = dir.resolve("profile");
        var command = new ArrayList<>(List.of(
                executable.toString(),
                "--headless=new",
                "--user-data-dir=" + profile,
                "--remote-debugging-port=0",
                "--no-first-run",
                "--no-default-browser-check",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-extensions",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--hide-scrollbars",
                "--mute-audio",
                "--no-proxy-server",
                // Names lead nowhere: what the page does not bring along is missing.
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.*"));
        if ("root".equals(System.getProperty("user.name"))) {
            // Its sandbox refuses to work for root, as whom containers run their tests.
            command.add("--no-sandbox");
        }
        command.add("about:blank");
        try {
            var log = dir.resolve("chromium.log");
            var builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
            builder.environment().put("HOME", dir.toString());
            var process = builder.start();
            try {
                return new Chromium(process, new DevTools(address(process, profile, log)));
            } catch (RuntimeException | AssertionError failure) {
                end(process);
                throw failure;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(executable + " cannot be started", e);
        }
    }

    /** Written by the browser once it listens: its port, and the path of its WebSocket. */
    private static URI address(Process process, Path profile, Path log) {
        var file = profile.resolve("DevToolsActivePort");
        Await.until(() -> "Chromium is open: " + read(log), START_LIMIT, () -> {
            if (!process.isAlive()) {
                throw new AssertionError("Chromium has ended: " + read(log));
            }
            return Files.exists(file) && read(file).lines().count() == 2;
        });
        var lines = read(file).lines().toList();
        return URI.create("ws://127.0.0.1:" + lines.get(0) + lines.get(1));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An empty page of its own: it shares neither storage nor cache with others. */
    Page newPage() {
        var context = devTools.call(null, "Target.createBrowserContext", Map.of())
                .get("browserContextId")
                .asText();
        var target = devTools.call(
                        null, "Target.createTarget", Map.of("url", "about:blank", "browserContextId", context))
                .get("targetId")
                .asText();
        var session = devTools.call(null, "Target.attachToTarget", Map.of("targetId", target, "flatten", true))
                .get("sessionId")
                .asText();
        return new Page(devTools, session, context);
    }

    @Override
    public void close() {
        devTools.send(null, "Browser.close", Map.of());
        end(process);
        devTools.close();
    }

    private static void end(Process process) {
        var all = new ArrayList<>(process.descendants().toList());
        try {
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        }
        all.forEach(ProcessHandle::destroyForcibly);
    }
}
