package io.aitta.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.rpc.Code;
import io.aitta.proto.v1.ChangeResponse;
import io.aitta.proto.v1.CreateTableRequest;
import io.aitta.proto.v1.CreateTableResponse;
import io.aitta.proto.v1.DrainNodeRequest;
import io.aitta.proto.v1.ListPartitionsRequest;
import io.aitta.proto.v1.ListPartitionsResponse;
import io.aitta.proto.v1.Partition;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How the API takes requests and answers them, whatever they are about. */
class ApiDoorTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static OpenAdminDoor door;
    private static volatile HttpGuard.Wanted wanted;
    private static volatile long remainingMillis;

    @BeforeAll
    static void open() {
        door = new OpenAdminDoor(
                (request, what) -> {
                    wanted = what;
                    return HttpGuard.Verdict.admitted("someone");
                },
                List.of(
                        ApiRoute.get(
                                "/partitions",
                                "ListPartitions",
                                ListPartitionsRequest.getDefaultInstance(),
                                ListPartitionsResponse.getDefaultInstance(),
                                "Some.",
                                (request, deadlineNanos) -> {
                                    remainingMillis = TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime());
                                    return CompletableFuture.completedFuture(ListPartitionsResponse.newBuilder()
                                            .setEpoch(1L << 60)
                                            .addPartitions(Partition.newBuilder()
                                                    .setTable(request.getTable())
                                                    .setPartition(request.getLive() ? 1 : 0))
                                            .build());
                                }),
                        ApiRoute.post(
                                "/nodes/{node}/drain",
                                "DrainNode",
                                DrainNodeRequest.getDefaultInstance(),
                                ChangeResponse.getDefaultInstance(),
                                "Drains.",
                                (request, deadlineNanos) -> drained(request)),
                        ApiRoute.post(
                                "/tables",
                                "CreateTable",
                                CreateTableRequest.getDefaultInstance(),
                                CreateTableResponse.getDefaultInstance(),
                                "Makes.",
                                (request, deadlineNanos) ->
                                        CompletableFuture.completedFuture(CreateTableResponse.getDefaultInstance()))));
    }

    private static CompletableFuture<ChangeResponse> drained(DrainNodeRequest request) {
        return switch (request.getNode()) {
            case "busy" ->
                CompletableFuture.failedFuture(ApiProblem.of(Code.RESOURCE_EXHAUSTED, "OVERLOADED", "not now")
                        .retriedAfter(50));
            case "broken" -> throw new IllegalStateException("a fault");
            default ->
                CompletableFuture.completedFuture(ChangeResponse.newBuilder()
                        .setEpoch(request.getNode().length())
                        .build());
        };
    }

    @AfterAll
    static void close() throws Exception {
        door.close();
    }

    @Test
    void answers_have_the_names_of_the_fields_and_all_of_them() {
        var answer = door.get("/aitta/v1/partitions?table=caf%C3%A9%20%26%20co&live=true");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
        assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store");
        var json = json(answer);
        assertThat(json.at("/epoch").textValue()).isEqualTo("1152921504606846976");
        assertThat(json.at("/partitions/0/table").textValue()).isEqualTo("café & co");
        assertThat(json.at("/partitions/0/partition").intValue()).isEqualTo(1);
        assertThat(json.at("/partitions/0/replicas_wanted").intValue()).isZero();
        assertThat(json.at("/partitions/0/replicas")).isEmpty();
        assertThat(json.at("/partitions/0/state").textValue()).isEqualTo("PARTITION_STATE_UNSPECIFIED");
    }

    @Test
    void what_stands_in_a_path_may_be_any_text() {
        assertThat(json(door.post("/aitta/v1/nodes/a%2Fb%25c/drain", "{}"))
                        .at("/epoch")
                        .textValue())
                .isEqualTo("5");
        assertThat(json(door.send(door.request("/aitta/v1/nodes/n1/drain").POST(HttpRequest.BodyPublishers.noBody())))
                        .at("/epoch")
                        .textValue())
                .as("an order without a body")
                .isEqualTo("2");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "/partitions?tabel=x | tabel | there is no field 'tabel' here; those it takes are: table, live",
                "/partitions?live=perhaps | live | live: Invalid bool value",
                "/partitions?table=a&table=b | table | table is given twice",
                "/partitions?timeout_millis=0 | timeout_millis | given once, as 1 to 60000 milliseconds",
                "/partitions?timeout_millis=99999 | timeout_millis | given once, as 1 to 60000 milliseconds",
                "/partitions?timeout_millis=1&timeout_millis=2 | timeout_millis | given once",
            })
    void a_question_names_what_is_wrong_with_it(String path, String field, String message) {
        refused(door.get("/aitta/v1" + path), 400, "INVALID_ARGUMENT", field, message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "/nodes/n1/drain | {'replace':'n2'} | replace | those it takes are: replacement",
                "/nodes/n1/drain | {'replacement':['n2']} | replacement | replacement: this is one value",
                "/tables | {'name':'t','options':{'max_value_bytes':{}}} | options | options:",
                "/tables | {'name':'t','options':7} | options | options:",
                "/nodes/n1/drain | {'node':'n2'} | node | the path says node already",
                "/nodes/n1/drain?force=true | {} | force | takes its fields from a JSON body",
                "/tables | {'name':'t','partitions':'many'} | partitions | partitions: Not an uint32 value",
                "/tables | {'name':'t','partitions':-1} | partitions | partitions: Out of range uint32 value",
                "/tables | {'name':'t','options':{'ttl':1}} | options | options: Cannot find field: ttl",
                "/tables | {'name':'a','name':'b'} | '' | Duplicate field 'name'",
                "/tables | {'name':'a' | '' | not the JSON it should be",
                "/tables | {} {} | '' | not the JSON it should be",
                "/tables | [1] | '' | it must be an object",
            })
    void an_order_names_what_is_wrong_with_it(String path, String body, String field, String message) {
        refused(
                door.post("/aitta/v1" + path, body.replace('\'', '"')),
                400,
                "INVALID_ARGUMENT",
                field.replace("'", ""),
                message);
    }

    @Test
    void a_path_or_a_method_that_is_not_there_says_what_is() {
        refused(door.get("/aitta/v1/node"), 404, "NOT_FOUND", "", "/aitta/v1/openapi.json describes all");
        refused(door.get("/aitta/v1"), 404, "NOT_FOUND", "", "nothing at this path");
        refused(door.get("/aitta/v1/nodes/n1/drain"), 405, "UNIMPLEMENTED", "", "asked with POST, not with GET");
        refused(door.post("/aitta/v1/partitions", "{}"), 405, "UNIMPLEMENTED", "", "asked with GET, not with POST");
    }

    @Test
    void a_body_is_JSON_and_of_a_size() {
        var form = door.request("/aitta/v1/tables")
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString("name=t"));
        refused(door.send(form), 415, "INVALID_ARGUMENT", "", "Content-Type: application/json");
        String large = "{\"name\":\"" + "x".repeat(70_000) + "\"}";
        refused(door.post("/aitta/v1/tables", large), 413, "RESOURCE_EXHAUSTED", "", "larger than 65536 bytes");
        var chunked = door.request("/aitta/v1/tables")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.fromPublisher(HttpRequest.BodyPublishers.ofString(large)));
        refused(door.send(chunked), 413, "RESOURCE_EXHAUSTED", "", "larger than 65536 bytes");
    }

    @Test
    void what_is_refused_behind_the_door_keeps_its_words_and_a_fault_tells_none_of_ours() {
        var busy = door.post("/aitta/v1/nodes/busy/drain", "{}");
        refused(busy, 429, "RESOURCE_EXHAUSTED", "", "not now");
        assertThat(json(busy).at("/reason").textValue()).isEqualTo("OVERLOADED");
        assertThat(json(busy).at("/retry_millis").intValue()).isEqualTo(50);
        assertThat(busy.headers().firstValue("Retry-After")).contains("1");
        refused(door.post("/aitta/v1/nodes/broken/drain", "{}"), 500, "INTERNAL", "", "its log tells why");
    }

    @Test
    void the_caller_says_how_long_it_is_ready_to_wait() {
        door.get("/aitta/v1/partitions");
        assertThat(remainingMillis).isBetween(3_000L, 5_000L);
        door.get("/aitta/v1/partitions?timeout_millis=30000");
        assertThat(remainingMillis).isBetween(25_000L, 30_000L);
    }

    @Test
    void the_guard_hears_what_is_to_be_done_to_which_table() {
        door.get("/aitta/v1/partitions?table=orders");
        assertThat(wanted)
                .isEqualTo(new HttpGuard.Wanted(HttpGuard.Need.READ, "ListPartitions", Optional.of("orders")));
        door.post("/aitta/v1/nodes/n1/drain", "{}");
        assertThat(wanted).isEqualTo(new HttpGuard.Wanted(HttpGuard.Need.CHANGE, "DrainNode", Optional.empty()));
    }

    @Test
    void orders_from_pages_of_other_sites_are_refused() {
        var order = door.request("/aitta/v1/nodes/n1/drain").POST(HttpRequest.BodyPublishers.noBody());
        refused(
                door.send(order.copy().header("Origin", "http://evil.example")),
                403,
                "PERMISSION_DENIED",
                "",
                "pages of other sites");
        assertThat(door.send(order.copy().header("Origin", "http://127.0.0.1:" + door.port()))
                        .statusCode())
                .isEqualTo(200);
    }

    private static void refused(HttpResponse<String> response, int status, String code, String field, String message) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        var error = json(response);
        assertThat(error.at("/code").textValue()).isEqualTo(code);
        assertThat(error.at("/field").textValue()).isEqualTo(field);
        assertThat(error.at("/message").textValue()).contains(message);
    }

    private static JsonNode json(HttpResponse<String> response) {
        try {
            return JSON.readTree(response.body());
        } catch (java.io.IOException e) {
            throw new AssertionError(response.body(), e);
        }
    }
}
