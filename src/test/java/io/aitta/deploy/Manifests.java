package io.aitta.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** Kubernetes objects out of YAML, by kind and name. Strict: a field that the API does not have, or one twice, throws. */
record Manifests(Map<String, HasMetadata> objects) {
    static final Path DEPLOY = Path.of("deploy").toAbsolutePath();

    private static final Map<String, Class<? extends HasMetadata>> KINDS = Map.of(
            "v1/ConfigMap", ConfigMap.class,
            "v1/Service", Service.class,
            "apps/v1/StatefulSet", StatefulSet.class,
            "networking.k8s.io/v1/NetworkPolicy", NetworkPolicy.class,
            "policy/v1/PodDisruptionBudget", PodDisruptionBudget.class);

    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory())
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .setAnnotationIntrospector(new JacksonAnnotationIntrospector() {
                private static final long serialVersionUID = 1L;

                /** The model classes would keep what they do not know. */
                @Override
                public Boolean hasAnySetter(Annotated annotated) {
                    return false;
                }
            });

    /** Of the files directly in a directory under deploy/, as {@code kubectl apply -f} takes them. */
    static Manifests in(String directory, UnaryOperator<String> rendered) {
        var objects = new LinkedHashMap<String, HasMetadata>();
        try (Stream<Path> files = Files.list(DEPLOY.resolve(directory))) {
            for (Path file : files.filter(path -> path.toString().endsWith(".yaml"))
                    .sorted()
                    .toList()) {
                parse(rendered.apply(Files.readString(file))).forEach(object -> {
                    String name = object.getKind() + " " + object.getMetadata().getName();
                    assertThat(objects.put(name, object)).as(name).isNull();
                });
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        assertThat(objects).isNotEmpty();
        return new Manifests(objects);
    }

    static List<HasMetadata> parse(String text) throws IOException {
        try (var documents = YAML.readerFor(JsonNode.class).<JsonNode>readValues(text)) {
            var objects = new ArrayList<HasMetadata>();
            while (documents.hasNextValue()) {
                JsonNode document = documents.nextValue();
                String kind = document.path("apiVersion").asText() + "/"
                        + document.path("kind").asText();
                assertThat(KINDS).containsKey(kind);
                objects.add(YAML.treeToValue(document, KINDS.get(kind)));
            }
            return objects;
        }
    }

    /** Any YAML, as maps and lists. */
    static JsonNode tree(String text) {
        try {
            return YAML.readTree(text);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    <T extends HasMetadata> T get(Class<T> type, String name) {
        var object = objects.get(type.getSimpleName() + " " + name);
        assertThat(object).as(name + " of " + objects.keySet()).isNotNull();
        return type.cast(object);
    }
}
