package io.aitta.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.proto.v1.ChangeResponse;
import io.aitta.proto.v1.DrainNodeRequest;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a client can cost the HTTP port that does not play fair: too much of everything, and bodies that never come. */
@Timeout(60)
class SlowHttpClientsTest {
    private static OpenAdminDoor open;

    @BeforeAll
    static void open() {
        open = new OpenAdminDoor(List.of(ApiRoute.post(
                "/nodes/{node}/drain",
                "DrainNode",
                DrainNodeRequest.getDefaultInstance(),
                ChangeResponse.getDefaultInstance(),
                "Drains.",
                (request, deadlineNanos) -> CompletableFuture.completedFuture(ChangeResponse.getDefaultInstance()))));
    }

    @AfterAll
    static void close() throws Exception {
        open.close();
    }

    @Test
    void a_body_that_does_not_come_is_answered_in_seconds() throws Exception {
        assertThat(answerTo("POST /aitta/v1/nodes/n1/drain HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                        + "Content-Type: application/json\r\nContent-Length: 20\r\n\r\n{"))
                .contains(" 408 ");
    }

    @Test
    void a_body_that_is_too_large_is_not_read() throws Exception {
        assertThat(answerTo("POST /aitta/v1/nodes/n1/drain HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                        + "Content-Type: application/json\r\nContent-Length: 100000000\r\n\r\n{"))
                .containsAnyOf(" 413 ", " 400 ");
    }

    @Test
    void headers_that_are_too_long_or_too_many_are_not_read() throws Exception {
        assertThat(answerTo("GET /ready HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + "x".repeat(100_000) + "\r\n\r\n"))
                .contains(" 431 ");
        assertThat(answerTo("GET /ready HTTP/1.1\r\nHost: 127.0.0.1\r\n" + "X: x\r\n".repeat(1_000) + "\r\n"))
                .containsAnyOf(" 431 ", " 400 ");
        assertThat(answerTo("GET /" + "x".repeat(100_000) + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"))
                .contains(" 414 ");
    }

    /** The first line of it. */
    private static String answerTo(String request) throws Exception {
        try (var socket = new Socket("127.0.0.1", open.port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.getBytes());
            return new BufferedReader(new InputStreamReader(socket.getInputStream())).readLine();
        }
    }
}
