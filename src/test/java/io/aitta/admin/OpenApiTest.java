package io.aitta.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.aitta.proto.v1.ApiError;
import java.net.http.HttpRequest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The document against the port it describes. */
class OpenApiTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static OpenAdminDoor door;
    private static List<ApiRoute> routes;
    private static JsonNode document;

    @BeforeAll
    static void open() throws Exception {
        routes = new ArrayList<>(AdminRoutes.of((method, request, deadlineNanos) ->
                CompletableFuture.failedFuture(ApiProblem.of(com.google.rpc.Code.UNAVAILABLE, "TOLD", method))));
        routes.addAll(LogLevels.routes());
        door = new OpenAdminDoor(routes);
        document = JSON.readTree(door.get("/aitta/v1/openapi.json").body());
    }

    @AfterAll
    static void close() throws Exception {
        door.close();
    }

    @Test
    void all_routes_are_in_it_and_nothing_else_is() {
        Set<String> described = new HashSet<>();
        document.at("/paths").fields().forEachRemaining(path -> path.getValue()
                .fieldNames()
                .forEachRemaining(method -> described.add(method + " " + path.getKey())));
        var there = routes.stream()
                .map(route -> route.method().name().toLowerCase(Locale.ROOT) + " /aitta/v1" + route.path())
                .collect(Collectors.toSet());
        there.addAll(Set.of("get /aitta/v1/openapi.json", "get /startup", "get /ready", "get /alive"));
        assertThat(described).containsExactlyInAnyOrderElementsOf(there);
    }

    @Test
    void everything_it_describes_is_answered_at_the_port() {
        document.at("/paths")
                .fields()
                .forEachRemaining(path -> path.getValue().fields().forEachRemaining(operation -> {
                    String filled = path.getKey().replaceAll("\\{[a-z_]+}", "7");
                    var response = door.send(door.request(filled)
                            .method(operation.getKey().toUpperCase(Locale.ROOT), HttpRequest.BodyPublishers.noBody()));
                    String name = operation.getValue().at("/operationId").textValue();
                    assertThat(response.statusCode()).as(filled).isNotIn(405, 415);
                    assertThat(response.body()).as(filled).doesNotContain("PATH_UNKNOWN");
                    if (response.body().contains("TOLD")) {
                        assertThat(response.body()).as(filled).contains("\"message\":\"" + name + "\"");
                    }
                }));
    }

    @Test
    void parameters_and_bodies_are_the_fields_of_the_request() {
        for (ApiRoute route : routes) {
            var operation = document.at("/paths")
                    .path("/aitta/v1" + route.path())
                    .path(route.method().name().toLowerCase(Locale.ROOT));
            assertThat(operation.path("operationId").textValue()).isEqualTo(route.name());
            Set<String> said = new HashSet<>();
            operation
                    .path("parameters")
                    .forEach(parameter -> said.add(parameter.path("name").textValue()));
            assertThat(said.remove(ApiDoor.TIMEOUT)).isTrue();
            operation
                    .at("/requestBody/content/application~1json/schema/properties")
                    .fieldNames()
                    .forEachRemaining(said::add);
            assertThat(said)
                    .as(route.name())
                    .containsExactlyInAnyOrderElementsOf(route.request().getDescriptorForType().getFields().stream()
                            .map(FieldDescriptor::getName)
                            .toList());
        }
    }

    /** As a query is text, it can hold no lists and no messages. */
    @Test
    void questions_have_plain_fields_only() {
        assertThat(routes)
                .filteredOn(route -> route.method() == ApiRoute.Method.GET)
                .flatExtracting(route -> route.request().getDescriptorForType().getFields())
                .noneMatch(field -> field.isRepeated() || field.getJavaType() == FieldDescriptor.JavaType.MESSAGE);
    }

    @Test
    void what_an_answer_always_has_is_required_and_the_rest_is_known() throws Exception {
        Set<Descriptor> seen = new HashSet<>();
        routes.forEach(route -> collect(route.response().getDescriptorForType(), seen));
        collect(ApiError.getDescriptor(), seen);
        for (Descriptor type : seen) {
            Message empty = DynamicMessage.getDefaultInstance(type);
            var printed = JSON.readTree(JsonFormat.printer()
                    .preservingProtoFieldNames()
                    .includingDefaultValueFields()
                    .print(empty));
            var schema = document.at("/components/schemas/" + type.getName());
            assertThat(names(printed))
                    .as(type.getName())
                    .containsExactlyInAnyOrderElementsOf(texts(schema.path("required")));
            assertThat(names(schema.path("properties")))
                    .as(type.getName())
                    .containsExactlyInAnyOrderElementsOf(type.getFields().stream()
                            .map(FieldDescriptor::getName)
                            .toList());
        }
    }

    @Test
    void whatever_is_referred_to_is_there() {
        var references = document.findValuesAsText("$ref");
        assertThat(references).isNotEmpty();
        assertThat(new HashSet<>(references))
                .allMatch(reference -> !document.at(reference.substring(1)).isMissingNode());
    }

    private static void collect(Descriptor type, Set<Descriptor> seen) {
        if (seen.add(type)) {
            type.getFields().stream()
                    .filter(field -> field.getJavaType() == FieldDescriptor.JavaType.MESSAGE && !field.isMapField())
                    .forEach(field -> collect(field.getMessageType(), seen));
        }
    }

    private static List<String> names(JsonNode object) {
        var names = new ArrayList<String>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static List<String> texts(JsonNode array) {
        var texts = new ArrayList<String>();
        array.forEach(text -> texts.add(text.textValue()));
        return texts;
    }
}
