package io.aitta.admin;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import com.google.rpc.Code;
import io.aitta.proto.v1.AdminProto;
import io.aitta.security.AuditLog;
import io.aitta.security.TokenAccess;
import io.aitta.security.TokenFile;
import io.aitta.security.Tokens;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the audit log is told of the HTTP port, whichever guard stands before it. */
@Timeout(60)
class HttpAuditTest {
    private static final String MIGRATE = "/aitta/v1/partitions/orders/3/migrate";
    private static final String MIGRATION = "{\"from\":\"n1\",\"to\":\"n2\"}";
    private static final String FROM_HERE = " from=127\\.0\\.0\\.1:[0-9]+ ";

    private final String admin = Tokens.create();
    private final String reader = Tokens.create();
    private final Logger log = (Logger) org.slf4j.LoggerFactory.getLogger(AuditLog.LOGGER);
    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
    private final Level before = log.getLevel();

    @BeforeEach
    void listen() {
        log.setLevel(Level.INFO);
        logged.start();
        log.addAppender(logged);
    }

    @AfterEach
    void listenNoMore() {
        log.detachAppender(logged);
        log.setLevel(before);
    }

    @Test
    void without_tokens_an_order_is_anyones_and_stands_there_with_what_its_body_says() throws Exception {
        try (var door = new OpenAdminDoor(routes())) {
            assertThat(door.post(MIGRATE, MIGRATION).statusCode()).isEqualTo(200);
            assertThat(onlyLine())
                    .matches("ordered: who=anyone" + FROM_HERE + "action=\"http Migrate\" outcome=done"
                            + " detail=\"table: 'orders' partition: 3 from: 'n1' to: 'n2'\"");
        }
    }

    @Test
    void every_order_leaves_one_line_and_looking_leaves_none() throws Exception {
        try (var door = new OpenAdminDoor(routes())) {
            for (ApiRoute route : routes()) {
                logged.list.clear();
                String path = ApiDoor.PREFIX + route.path().replaceAll("\\{[a-z_]+}", "7");
                if (route.method() == ApiRoute.Method.GET) {
                    door.get(path);
                    assertThat(lines()).as(route.name()).isEmpty();
                } else {
                    door.post(path, "{}");
                    assertThat(onlyLine()).contains("action=\"http " + route.name() + "\" outcome=done");
                }
            }
        }
    }

    @Test
    void an_order_that_fails_says_by_which_reason_and_one_that_cannot_be_read_where_it_went() throws Exception {
        try (var door = new OpenAdminDoor(routes())) {
            door.post("/aitta/v1/nodes/n9/drain", "{\"replacement\":\"missing\"}");
            assertThat(onlyLine()).contains("outcome=NODE_NOT_FOUND detail=\"node: 'n9' replacement: 'missing'\"");
            logged.list.clear();
            door.post("/aitta/v1/nodes/n9/drain?force=hidden", "{\"secret-");
            assertThat(onlyLine())
                    .contains("outcome=BAD_FIELD detail=\"POST /aitta/v1/nodes/n9/drain\"")
                    .doesNotContain("hidden", "secret");
            logged.list.clear();
            door.send(door.request("/cluster/members/x%0Aordered:%22").DELETE());
            assertThat(onlyLine()).contains("action=\"http /cluster/members/x%0Aordered:%22\" outcome=405");
        }
    }

    @Test
    void with_tokens_the_line_has_the_holders_name_and_never_a_token(@TempDir Path dir) throws Exception {
        var file = Files.write(
                dir.resolve("tokens"),
                List.of(
                        TokenFile.line("ops", admin, TokenFile.grants("admin")),
                        TokenFile.line("reader", reader, TokenFile.grants("read-only:orders"))));
        try (var door =
                new OpenAdminDoor(new TokenGuard(new TokenAccess(TokenFile.read(file)), "127.0.0.1"), routes())) {
            assertThat(migrate(door, admin).statusCode()).isEqualTo(200);
            assertThat(migrate(door, reader).statusCode()).isEqualTo(403);
            assertThat(migrate(door, Tokens.create()).statusCode()).isEqualTo(401);
            assertThat(door.get("/aitta/v1/slow-log").statusCode()).isEqualTo(401);
            assertThat(lines()).hasSize(4);
            assertThat(lines().get(0)).matches("ordered: who=ops" + FROM_HERE + ".*from: 'n1' to: 'n2'.*");
            assertThat(lines().get(1))
                    .matches("refused: who=reader" + FROM_HERE + "action=\"http Migrate\" reason=PERMISSION_DENIED .*");
            assertThat(lines().get(2)).matches("refused: who=-" + FROM_HERE + ".*reason=UNKNOWN_TOKEN .*");
            assertThat(lines().get(3)).matches("refused: who=-.*action=\"http GetSlowLog\" reason=NO_TOKEN .*");
            assertThat(lines()).allSatisfy(line -> assertThat(line).doesNotContain(Tokens.PREFIX));
        }
    }

    @Test
    void what_is_refused_for_where_it_comes_from_is_in_it_too() throws Exception {
        try (var door = new OpenAdminDoor(routes())) {
            door.send(door.request(MIGRATE)
                    .header("Origin", "http://evil.example")
                    .POST(HttpRequest.BodyPublishers.noBody()));
            assertThat(onlyLine())
                    .matches("refused: who=anyone" + FROM_HERE + "action=\"http Migrate\" reason=ANOTHER_SITE .*");
            logged.list.clear();
            assertThat(firstLine(door, "GET /metrics HTTP/1.1\r\nHost: evil.example\r\n\r\n"))
                    .contains(" 403 ");
            assertThat(onlyLine())
                    .matches("refused: who=anyone" + FROM_HERE + "action=\"http /metrics\" reason=STRANGE_HOST .*");
        }
        logged.list.clear();
        HttpGuard strangersOnly = (request, wanted) -> HttpGuard.Verdict.refused(
                "anyone", new HttpGuard.Refusal(403, "NOT_ON_LOOPBACK", "from this machine only"));
        try (var door = new OpenAdminDoor(strangersOnly, routes())) {
            door.get("/aitta/v1/topology");
            assertThat(onlyLine()).contains("action=\"http GetTopology\" reason=NOT_ON_LOOPBACK");
        }
    }

    /** Whoever is refused can fill no disk. */
    @Test
    void refusals_are_bounded() throws Exception {
        try (var door = new OpenAdminDoor(
                (request, wanted) -> HttpGuard.Verdict.refused(
                        HttpGuard.NOBODY_KNOWS, new HttpGuard.Refusal(401, "NO_TOKEN", "a token is wanted")),
                routes())) {
            long begun = System.nanoTime();
            for (int i = 0; i < 300; i++) {
                door.get("/aitta/v1/topology");
            }
            long seconds = 2 + (System.nanoTime() - begun) / 1_000_000_000;
            assertThat(lines()).hasSizeLessThanOrEqualTo((int) Math.min(300, seconds * 51));
        }
    }

    private HttpResponse<String> migrate(OpenAdminDoor door, String token) {
        return door.send(door.request(MIGRATE)
                .header("Content-Type", "application/json")
                .header("Authorization", "Bearer " + token)
                .POST(HttpRequest.BodyPublishers.ofString(MIGRATION)));
    }

    private static List<ApiRoute> routes() {
        return AdminRoutes.of(HttpAuditTest::answer);
    }

    private static CompletionStage<Message> answer(String method, Message request, long deadlineNanos) {
        if (request.toString().contains("missing")) {
            return CompletableFuture.failedFuture(ApiProblem.of(Code.NOT_FOUND, "NODE_NOT_FOUND", "there is none"));
        }
        var type = AdminProto.getDescriptor()
                .findServiceByName("Admin")
                .findMethodByName(method)
                .getOutputType();
        return CompletableFuture.completedFuture(DynamicMessage.getDefaultInstance(type));
    }

    private String onlyLine() {
        assertThat(lines()).hasSize(1);
        return lines().get(0);
    }

    private List<String> lines() {
        return new ArrayList<>(logged.list)
                .stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    private static String firstLine(OpenAdminDoor door, String request) throws Exception {
        try (var socket = new Socket("127.0.0.1", door.port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.getBytes());
            return new BufferedReader(new InputStreamReader(socket.getInputStream())).readLine();
        }
    }
}
