package io.aitta.multijvm;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;

/**
 * A conversation in the DevTools protocol (https://chromedevtools.github.io/devtools-protocol): JSON by one WebSocket, calls
 * with answers, and events in between. Any thread may call; events are told by the connection's thread, which must not
 * wait for an answer.
 */
final class DevTools implements AutoCloseable {
    static final ObjectMapper JSON = new ObjectMapper();

    private static final long ANSWER_SECONDS = 20;

    private final Map<Integer, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
    private final Map<String, BiConsumer<String, JsonNode>> listeners = new ConcurrentHashMap<>();
    private final AtomicInteger lastId = new AtomicInteger();
    private final WebSocket socket;
    /** Sending waits for what was sent before, as the WebSocket asks. */
    private CompletableFuture<?> sent = CompletableFuture.completedFuture(null);

    DevTools(URI address) {
        socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(address, new Incoming())
                .orTimeout(ANSWER_SECONDS, TimeUnit.SECONDS)
                .join();
    }

    /**
     * @param session of a page; null: the browser itself
     * @return the result; fails with {@link AssertionError} if the browser refuses or does not answer
     */
    JsonNode call(String session, String method, Map<String, ?> parameters) {
        try {
            return send(session, method, parameters).get(ANSWER_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException refused) {
            throw new AssertionError(method + ": " + refused.getCause().getMessage(), refused);
        } catch (TimeoutException silent) {
            throw new AssertionError(method + ": the browser does not answer", silent);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** As {@link #call}, without waiting. */
    CompletableFuture<JsonNode> send(String session, String method, Map<String, ?> parameters) {
        var answer = new CompletableFuture<JsonNode>();
        int id = lastId.incrementAndGet();
        waiting.put(id, answer);
        var message = JSON.createObjectNode().put("id", id).put("method", method);
        if (session != null) {
            message.put("sessionId", session);
        }
        message.set("params", JSON.valueToTree(parameters));
        synchronized (this) {
            sent = sent.thenCompose(before -> socket.sendText(message.toString(), true));
        }
        return answer;
    }

    /** @param listener told each event of the session: its name and what it says */
    void listen(String session, BiConsumer<String, JsonNode> listener) {
        listeners.put(session, listener);
    }

    @Override
    public void close() {
        socket.abort();
    }

    private void receive(String text) {
        try {
            var message = JSON.readTree(text);
            if (message.has("id")) {
                var answer = waiting.remove(message.get("id").asInt());
                if (message.has("error")) {
                    answer.completeExceptionally(
                            new IllegalStateException(message.get("error").toString()));
                } else {
                    answer.complete(message.get("result"));
                }
            } else {
                listeners
                        .getOrDefault(message.path("sessionId").asText(), (event, what) -> {})
                        .accept(message.get("method").asText(), message.get("params"));
            }
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the browser says what is no JSON: " + text, e);
        }
    }

    private final class Incoming implements WebSocket.Listener {
        private final StringBuilder parts = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
            parts.append(data);
            if (last) {
                var message = parts.toString();
                parts.setLength(0);
                receive(message);
            }
            webSocket.request(1);
            return null;
        }

        @Override
        public void onError(WebSocket webSocket, Throwable error) {
            waiting.values().forEach(answer -> answer.completeExceptionally(error));
        }
    }
}
