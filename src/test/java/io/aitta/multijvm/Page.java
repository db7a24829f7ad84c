package io.aitta.multijvm;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A page in a {@link Chromium}, as its user sees it and as its network does. */
final class Page implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(15);

    /** Keys that are more than a character: their code in the protocol. */
    private static final Map<String, Integer> CODES = Map.of(
            "Tab",
            9,
            "Enter",
            13,
            "Escape",
            27,
            "End",
            35,
            "Home",
            36,
            "ArrowLeft",
            37,
            "ArrowUp",
            38,
            "ArrowRight",
            39,
            "ArrowDown",
            40);

    /** A request that the page has made. */
    record Sent(String url, Map<String, String> headers) {}

    /** What is answered instead of the node. */
    record Instead(int status, String body) {}

    private final DevTools devTools;
    private final String session;
    private final String context;
    private final Queue<Sent> sent = new ConcurrentLinkedQueue<>();
    private final Queue<String> complaints = new ConcurrentLinkedQueue<>();
    private final Map<String, Instead> instead = new ConcurrentHashMap<>();

    Page(DevTools devTools, String session, String context) {
        this.devTools = devTools;
        this.session = session;
        this.context = context;
        devTools.listen(session, this::told);
        for (var domain : List.of("Page", "Runtime", "Network", "Log")) {
            call(domain + ".enable", Map.of());
        }
    }

    private void told(String event, JsonNode what) {
        switch (event) {
            case "Network.requestWillBeSent" -> {
                var headers = new ConcurrentHashMap<String, String>();
                what.at("/request/headers")
                        .properties()
                        .forEach(header -> headers.put(
                                header.getKey().toLowerCase(Locale.ROOT),
                                header.getValue().asText()));
                sent.add(new Sent(what.at("/request/url").asText(), headers));
            }
            case "Runtime.exceptionThrown" ->
                complaints.add(
                        what.at("/exceptionDetails/exception/description").asText(what.toString()));
            case "Log.entryAdded" -> {
                // That the network failed is not the page's fault.
                if (!what.at("/entry/source").asText().equals("network")) {
                    complaints.add(what.at("/entry/text").asText());
                }
            }
            case "Page.javascriptDialogOpening" ->
                complaints.add("a dialog: " + what.get("message").asText());
            case "Fetch.requestPaused" -> answer(what);
            default -> {
                // Of no use to us.
            }
        }
    }

    private JsonNode call(String method, Map<String, ?> parameters) {
        return devTools.call(session, method, parameters);
    }

    // ---- what its user does
    // ------------------------------------------------------------------------------------------

    void open(String url) {
        call("Page.navigate", Map.of("url", url));
        await("document.readyState === 'complete' && location.href.startsWith('" + url + "')");
    }

    void press(String... keys) {
        for (var key : keys) {
            var event = new HashMap<String, Object>(Map.of("key", key, "code", key));
            event.put("windowsVirtualKeyCode", CODES.get(key));
            event.put("type", key.equals("Enter") ? "keyDown" : "rawKeyDown");
            if (key.equals("Enter")) {
                event.put("text", "\r");
            }
            call("Input.dispatchKeyEvent", event);
            call("Input.dispatchKeyEvent", Map.of("type", "keyUp", "key", key, "code", key));
        }
    }

    void type(String text) {
        call("Input.insertText", Map.of("text", text));
    }

    void click(String selector) {
        evaluate("one(" + quoted(selector) + ").scrollIntoView({block: 'center', behavior: 'instant'})");
        var middle = evaluate("(() => { const box = one(" + quoted(selector) + ").getBoundingClientRect();"
                + " return {x: box.left + box.width / 2, y: box.top + box.height / 2}; })()");
        for (var type : List.of("mousePressed", "mouseReleased")) {
            call(
                    "Input.dispatchMouseEvent",
                    Map.of(
                            "type",
                            type,
                            "button",
                            "left",
                            "clickCount",
                            1,
                            "x",
                            middle.get("x").asDouble(),
                            "y",
                            middle.get("y").asDouble()));
        }
    }

    /** @param phone touched, not pointed at; and drawn at twice the resolution */
    void size(int width, int height, boolean phone) {
        call(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", phone ? 2 : 1, "mobile", phone));
    }

    /** What the system prefers. */
    void prefer(String colorScheme) {
        call(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", colorScheme))));
    }

    // ---- what is to be seen
    // ------------------------------------------------------------------------------------------

    /** The value of a JavaScript expression, in which {@code one} and {@code all} find elements, and {@code said} their text. */
    JsonNode evaluate(String expression) {
        var result = call(
                "Runtime.evaluate",
                Map.of(
                        "expression",
                        "(() => { const one = (s) => document.querySelector(s);"
                                + " const all = (s) => [...document.querySelectorAll(s)];"
                                + " const said = (s) => one(s)?.textContent ?? '';"
                                + " return (" + expression + "); })()",
                        "returnByValue",
                        true));
        if (result.has("exceptionDetails")) {
            throw new AssertionError(expression + ": " + result.get("exceptionDetails"));
        }
        return result.path("result").path("value");
    }

    String text(String selector) {
        return evaluate("said(" + quoted(selector) + ")").asText();
    }

    List<String> texts(String selector) {
        return DevTools.JSON.convertValue(
                evaluate("all(" + quoted(selector) + ").map((e) => e.textContent)"),
                DevTools.JSON.getTypeFactory().constructCollectionType(List.class, String.class));
    }

    /** Waits until an expression is true. */
    void await(String condition) {
        await(condition, LIMIT);
    }

    void await(String condition, Duration limit) {
        Await.until(() -> condition + "; the page says: " + evaluate("document.body.innerText"), limit, () -> evaluate(
                        condition)
                .asBoolean());
    }

    /** As a PNG; of what is in the window. */
    void screenshot(Path file) {
        var data = call("Page.captureScreenshot", Map.of("format", "png"))
                .get("data")
                .asText();
        try {
            Files.createDirectories(file.getParent());
            Files.write(file, Base64.getDecoder().decode(data));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String quoted(String text) {
        return DevTools.JSON.valueToTree(text).toString();
    }

    // ---- its network
    // -------------------------------------------------------------------------------------------------

    List<Sent> sent() {
        return List.copyOf(sent);
    }

    /** What went wrong in it: uncaught errors, what the browser had to forbid, dialogs. */
    List<String> complaints() {
        return List.copyOf(complaints);
    }

    /** From now on requests whose path ends so are answered here. */
    void answer(String end, Instead answer) {
        instead.put(end, answer);
        call("Fetch.enable", Map.of("patterns", List.of(Map.of("urlPattern", "*/aitta/v1/*"))));
    }

    /** All is answered by the node again. */
    void answerNothing() {
        instead.clear();
        call("Fetch.disable", Map.of());
    }

    private void answer(JsonNode paused) {
        var id = paused.get("requestId").asText();
        var path = URI.create(paused.at("/request/url").asText()).getPath();
        var answer = instead.entrySet().stream()
                .filter(entry -> path.endsWith(entry.getKey()))
                .map(Map.Entry::getValue)
                .findFirst();
        if (answer.isEmpty()) {
            devTools.send(session, "Fetch.continueRequest", Map.of("requestId", id));
        } else {
            var body = answer.get().body().getBytes(StandardCharsets.UTF_8);
            devTools.send(
                    session,
                    "Fetch.fulfillRequest",
                    Map.of(
                            "requestId",
                            id,
                            "responseCode",
                            answer.get().status(),
                            "responseHeaders",
                            List.of(Map.of("name", "content-type", "value", "application/json")),
                            "body",
                            Base64.getEncoder().encodeToString(body)));
        }
    }

    @Override
    public void close() {
        devTools.call(null, "Target.disposeBrowserContext", Map.of("browserContextId", context));
    }
}
