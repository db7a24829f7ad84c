package io.aitta.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.aitta.proto.v1.ChangeResponse;
import io.aitta.proto.v1.DrainNodeRequest;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What a client can cost the HTTP port that does not play fair: too much of everything, and requests that never come. The
 * idle timeout is real, but shorter.
 */
@Timeout(60)
class SlowHttpClientsTest {
    private static final Duration IDLE = Duration.ofSeconds(1);

    private static OpenAdminDoor open;
    private static AdminDoor impatient;

    @BeforeAll
    static void open() {
        open = new OpenAdminDoor(List.of(ApiRoute.post(
                "/nodes/{node}/drain",
                "DrainNode",
                DrainNodeRequest.getDefaultInstance(),
                ChangeResponse.getDefaultInstance(),
                "Drains.",
                (request, deadlineNanos) -> CompletableFuture.completedFuture(ChangeResponse.getDefaultInstance()))));
        impatient = open.openWithIdleTimeout(IDLE);
    }

    @AfterAll
    static void close() throws Exception {
        impatient.close(Duration.ofMillis(200)).toCompletableFuture().get(10, TimeUnit.SECONDS);
        open.close();
    }

    @Test
    void the_idle_timeout_is_what_the_documents_say() {
        assertThat(AdminDoor.limits(open.system).getTimeouts().idleTimeout().toSeconds())
                .isEqualTo(75);
    }

    @Test
    void connections_that_say_nothing_or_stop_in_the_middle_of_their_headers_are_closed() throws Exception {
        for (var words : List.of("", "GET /al", "GET /alive HTTP/1.1\r\nHost: 127.0", "POST / HTTP/1.1\r\nX")) {
            try (var silent = connected(impatient.address().getPort())) {
                silent.getOutputStream().write(words.getBytes());
                assertThat(isEnded(silent)).as(words).isTrue();
            }
        }
    }

    @Test
    void silent_connections_that_fill_the_port_keep_others_out_no_longer_than_the_idle_timeout() throws Exception {
        int most = AdminDoor.limits(open.system).getMaxConnections();
        var silent = new ArrayList<Socket>();
        try {
            for (int i = 0; i < most; i++) {
                silent.add(connected(impatient.address().getPort()));
            }
            assertThat(answerTo(
                            impatient.address().getPort(),
                            "GET /alive HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"))
                    .contains(" 200 ");
        } finally {
            for (var socket : silent) {
                socket.close();
            }
        }
    }

    @Test
    void headers_that_come_a_byte_at_a_time_end_at_their_limit_and_others_are_served_meanwhile() throws Exception {
        try (var dribbling = connected(open.port())) {
            dribbling.setTcpNoDelay(true);
            var out = dribbling.getOutputStream();
            out.write("GET /alive HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ".getBytes());
            for (int i = 0; i < 4_000; i++) {
                out.write('x');
            }
            assertThat(open.get("/alive").statusCode()).isEqualTo(200);
            assertThat(dribbling.getInputStream().available()).isZero();
            for (int i = 0; i < 200; i++) {
                out.write('x');
            }
            assertThat(firstLine(dribbling)).contains(" 431 ");
        }
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

    private static String answerTo(String request) throws Exception {
        return answerTo(open.port(), request);
    }

    /** The first line of it. */
    private static String answerTo(int port, String request) throws Exception {
        try (var socket = connected(port)) {
            socket.getOutputStream().write(request.getBytes());
            return firstLine(socket);
        }
    }

    private static String firstLine(Socket socket) throws Exception {
        return new BufferedReader(new InputStreamReader(socket.getInputStream())).readLine();
    }

    /** Waits for it; fails with a time-out if it does not come. */
    private static boolean isEnded(Socket socket) throws Exception {
        try {
            return socket.getInputStream().read() == -1;
        } catch (SocketException reset) {
            return true;
        }
    }

    private static Socket connected(int port) throws Exception {
        var socket = new Socket("127.0.0.1", port);
        socket.setSoTimeout(20_000);
        return socket;
    }
}
