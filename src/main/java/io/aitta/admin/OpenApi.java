package io.aitta.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import io.aitta.proto.v1.ApiError;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;

/**
 * The OpenAPI 3.1 document of the HTTP port, made of the table of routes and of the descriptors of their messages, so that
 * it cannot tell anything else than what is answered.
 */
final class OpenApi {
    /** Where the document itself is, below {@link ApiDoor#PREFIX}. */
    static final String PATH = "/openapi.json";

    private static final String SCHEMAS = "#/components/schemas/";
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final TreeMap<String, ObjectNode> schemas = new TreeMap<>();

    private OpenApi() {}

    static ObjectNode of(List<ApiRoute> routes) {
        return new OpenApi().document(routes);
    }

    private ObjectNode document(List<ApiRoute> routes) {
        var document = JSON.objectNode().put("openapi", "3.1.0");
        document.putObject("info")
                .put("title", "Aitta")
                .put("version", "1")
                .put(
                        "description",
                        "The cluster and one node of it over HTTP. Messages are those of the gRPC service"
                                + " aitta.v1.Admin; 64-bit numbers are strings.");
        var paths = document.putObject("paths");
        for (ApiRoute route : routes) {
            at(paths, ApiDoor.PREFIX + route.path())
                    .set(route.method().name().toLowerCase(Locale.ROOT), operation(route));
        }
        at(paths, ApiDoor.PREFIX + PATH).set("get", plain("GetOpenApi", "This document.", "application/json"));
        at(paths, "/startup").set("get", health("Startup", "Whether the node has started: its doors are open."));
        at(paths, "/ready").set("get", health("Ready", "Whether the node can serve now."));
        at(paths, "/alive").set("get", health("Alive", "Whether anything but a restart can help the node."));
        var components = document.putObject("components").putObject("schemas");
        schemas.forEach(components::set);
        return document;
    }

    private static ObjectNode at(ObjectNode paths, String path) {
        return paths.withObjectProperty(path);
    }

    private static ObjectNode plain(String name, String summary, String type) {
        var operation = JSON.objectNode().put("operationId", name).put("summary", summary);
        operation
                .putObject("responses")
                .putObject("200")
                .put("description", summary)
                .putObject("content")
                .putObject(type);
        return operation;
    }

    private static ObjectNode health(String name, String summary) {
        var operation = plain(name, summary, "text/plain");
        operation.withObjectProperty("responses").putObject("500").put("description", "No: the body says why.");
        return operation.put("x-aitta-needs", HttpGuard.Need.NOTHING.name());
    }

    private ObjectNode operation(ApiRoute route) {
        var operation = JSON.objectNode()
                .put("operationId", route.name())
                .put("summary", route.summary())
                .put("x-aitta-needs", route.need().name());
        var parameters = operation.putArray("parameters");
        for (String variable : route.variables()) {
            parameters.add(parameter(
                    "path",
                    variable,
                    schema(route.request().getDescriptorForType().findFieldByName(variable))));
        }
        if (route.method() == ApiRoute.Method.GET) {
            others(route).forEach(field -> parameters.add(parameter("query", field.getName(), schema(field))));
        } else if (!others(route).isEmpty()) {
            operation.putObject("requestBody").set("content", json(body(route)));
        }
        parameters.add(parameter(
                "query",
                ApiDoor.TIMEOUT,
                JSON.objectNode()
                        .put("type", "integer")
                        .put("minimum", 1)
                        .put("maximum", ApiDoor.MAX_TIMEOUT.toMillis())));
        var responses = operation.putObject("responses");
        responses
                .putObject("200")
                .put("description", "Done.")
                .set("content", json(reference(route.response().getDescriptorForType())));
        responses
                .putObject("default")
                .put("description", "It was refused, or failed.")
                .set("content", json(reference(ApiError.getDescriptor())));
        return operation;
    }

    private static List<FieldDescriptor> others(ApiRoute route) {
        return route.request().getDescriptorForType().getFields().stream()
                .filter(field -> !route.variables().contains(field.getName()))
                .toList();
    }

    private static ObjectNode parameter(String in, String name, JsonNode schema) {
        var parameter = JSON.objectNode().put("name", name).put("in", in).put("required", in.equals("path"));
        parameter.set("schema", schema);
        return parameter;
    }

    private static ObjectNode json(JsonNode schema) {
        var content = JSON.objectNode();
        content.putObject("application/json").set("schema", schema);
        return content;
    }

    /** What the path does not say. */
    private ObjectNode body(ApiRoute route) {
        var body = JSON.objectNode().put("type", "object").put("additionalProperties", false);
        var properties = body.putObject("properties");
        others(route).forEach(field -> properties.set(field.getName(), schema(field)));
        return body;
    }

    private JsonNode reference(Descriptor type) {
        if (!schemas.containsKey(type.getName())) {
            var schema = JSON.objectNode().put("type", "object");
            // Before its fields: a message may hold itself.
            schemas.put(type.getName(), schema);
            var properties = schema.putObject("properties");
            var always = JSON.arrayNode();
            for (FieldDescriptor field : type.getFields()) {
                properties.set(field.getName(), schema(field));
                if (!field.hasPresence()) {
                    always.add(field.getName());
                }
            }
            if (!always.isEmpty()) {
                schema.set("required", always);
            }
        }
        return JSON.objectNode().put("$ref", SCHEMAS + type.getName());
    }

    private JsonNode reference(EnumDescriptor type) {
        if (!schemas.containsKey(type.getName())) {
            ArrayNode names = JSON.arrayNode();
            type.getValues().stream().map(EnumValueDescriptor::getName).forEach(names::add);
            var schema = JSON.objectNode().put("type", "string");
            schema.set("enum", names);
            schemas.put(type.getName(), schema);
        }
        return JSON.objectNode().put("$ref", SCHEMAS + type.getName());
    }

    private JsonNode schema(FieldDescriptor field) {
        if (field.isMapField()) {
            var map = JSON.objectNode().put("type", "object");
            map.set("additionalProperties", single(field.getMessageType().findFieldByName("value")));
            return map;
        }
        if (field.isRepeated()) {
            var array = JSON.objectNode().put("type", "array");
            array.set("items", single(field));
            return array;
        }
        return single(field);
    }

    private JsonNode single(FieldDescriptor field) {
        return switch (field.getType()) {
            case MESSAGE, GROUP -> reference(field.getMessageType());
            case ENUM -> reference(field.getEnumType());
            case BOOL -> type("boolean");
            case STRING -> type("string");
            case BYTES -> type("string").put("contentEncoding", "base64");
            case DOUBLE, FLOAT -> type("number");
            case UINT32, FIXED32 -> type("integer").put("minimum", 0).put("maximum", 0xffff_ffffL);
            case INT32, SINT32, SFIXED32 -> type("integer").put("format", "int32");
            case UINT64, FIXED64 -> type("string").put("format", "uint64").put("pattern", "^[0-9]+$");
            case INT64, SINT64, SFIXED64 ->
                type("string").put("format", "int64").put("pattern", "^-?[0-9]+$");
        };
    }

    private static ObjectNode type(String name) {
        return JSON.objectNode().put("type", name);
    }
}
