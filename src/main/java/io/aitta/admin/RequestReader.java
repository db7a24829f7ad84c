package io.aitta.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import com.google.rpc.Code;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.pekko.japi.Pair;

/**
 * Makes the message of a route of what a request says in its path, its query and its body. Field by field, so that what is
 * wrong can be named; what there is no field for is refused, for it was meant to do something.
 */
final class RequestReader {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final ApiRoute route;
    private final Map<String, JsonNode> fields = new HashMap<>();

    private RequestReader(ApiRoute route) {
        this.route = route;
    }

    /**
     * @param variables what the path's variables stand for, in their order
     * @param query parameters, decoded
     * @param body JSON, or nothing
     * @throws ApiProblem naming the field that is wrong
     */
    static Message read(ApiRoute route, List<String> variables, List<Pair<String, String>> query, String body) {
        var reader = new RequestReader(route);
        for (int i = 0; i < variables.size(); i++) {
            reader.add(route.variables().get(i), JSON.getNodeFactory().textNode(variables.get(i)));
        }
        if (route.method() == ApiRoute.Method.GET) {
            query.forEach(parameter ->
                    reader.add(parameter.first(), JSON.getNodeFactory().textNode(parameter.second())));
        } else if (!query.isEmpty()) {
            throw bad(
                    query.get(0).first(),
                    "an order takes its fields from a JSON body, not from the query; only " + ApiDoor.TIMEOUT
                            + " may stand there");
        }
        if (!body.isBlank()) {
            reader.addAll(parsed(body));
        }
        return reader.message();
    }

    private static ObjectNode parsed(String body) {
        try {
            if (JSON.readTree(body) instanceof ObjectNode object) {
                return object;
            }
            throw malformed("it must be an object, such as {\"name\": \"value\"}");
        } catch (JsonProcessingException e) {
            throw malformed(e.getOriginalMessage() + where(e));
        }
    }

    private static String where(JsonProcessingException e) {
        return e.getLocation() == null
                ? ""
                : " (line " + e.getLocation().getLineNr() + ", column "
                        + e.getLocation().getColumnNr() + ")";
    }

    private static ApiProblem malformed(String why) {
        return ApiProblem.of(
                Code.INVALID_ARGUMENT, "MALFORMED_REQUEST", "the body is not the JSON it should be: " + why);
    }

    private void addAll(ObjectNode body) {
        body.fields().forEachRemaining(member -> {
            if (route.method() == ApiRoute.Method.GET) {
                throw bad(member.getKey(), "a question takes its fields from the query, not from a body");
            }
            add(member.getKey(), member.getValue());
        });
    }

    private void add(String name, JsonNode value) {
        FieldDescriptor field = route.request().getDescriptorForType().findFieldByName(name);
        if (field == null) {
            throw bad(shortened(name), "there is no field '" + shortened(name) + "' here; " + known());
        }
        if (fields.put(name, value) != null) {
            throw bad(
                    name,
                    route.variables().contains(name)
                            ? "the path says " + name + " already; leave it out elsewhere"
                            : name + " is given twice");
        }
    }

    private String known() {
        Descriptor type = route.request().getDescriptorForType();
        var names = type.getFields().stream()
                .map(FieldDescriptor::getName)
                .filter(name -> !route.variables().contains(name))
                .collect(Collectors.joining(", "));
        return names.isEmpty() ? route.path() + " takes none" : "those it takes are: " + names;
    }

    private Message message() {
        Message.Builder message = route.request().newBuilderForType();
        fields.forEach((name, value) -> {
            FieldDescriptor field = route.request().getDescriptorForType().findFieldByName(name);
            boolean isOne = !field.isRepeated() && field.getJavaType() != FieldDescriptor.JavaType.MESSAGE;
            if (isOne && value.isContainerNode()) {
                throw bad(name, name + ": this is one value, not a list or an object");
            }
            try {
                JsonFormat.parser()
                        .merge(JSON.createObjectNode().set(name, value).toString(), message);
            } catch (InvalidProtocolBufferException | IllegalStateException | UnsupportedOperationException e) {
                // Of values of another kind deeper within, the reader of JSON says so by the latter two.
                throw bad(name, name + ": " + shortened(String.valueOf(e.getMessage())));
            }
        });
        return message.build();
    }

    private static ApiProblem bad(String field, String message) {
        return ApiProblem.inField(Code.INVALID_ARGUMENT, "BAD_FIELD", field, message);
    }

    private static String shortened(String text) {
        return text.length() <= 200 ? text : text.substring(0, 200) + "...";
    }
}
