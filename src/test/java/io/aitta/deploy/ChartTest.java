package io.aitta.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The Helm chart says the same as the plain manifests. It uses so little of Helm's language that this test renders it by
 * itself: values, the release's name, and conditions on values; anything else in it fails here.
 */
class ChartTest {
    private static final Path CHART = Manifests.DEPLOY.resolve("helm/aitta");
    private static final Pattern ACTION = Pattern.compile("(\\s*)\\{\\{(-?) (.*?) \\}\\}");

    private final ObjectNode values = (ObjectNode) Manifests.tree(read("values.yaml"));

    @Test
    void withItsDefaultsItIsThePlainManifests() {
        assertThat(rendered("aitta").objects())
                .isEqualTo(Manifests.in("kubernetes", UnaryOperator.identity()).objects());
    }

    @Test
    void valuesReachTheObjects() {
        values.put("replicas", 5).put("clusterDomain", "example.test");
        ((ObjectNode) values.get("storage")).put("className", "fast");
        ((ObjectNode) values.get("postgres")).put("enabled", true).put("port", 6432);
        var chart = rendered("other");
        var nodes = chart.get(StatefulSet.class, "other").getSpec();
        assertThat(nodes.getReplicas()).isEqualTo(5);
        assertThat(nodes.getVolumeClaimTemplates().get(0).getSpec().getStorageClassName())
                .isEqualTo("fast");
        assertThat(nodes.getTemplate().getSpec().getContainers().get(0).getArgs())
                .last()
                .asString()
                .startsWith("other-0.other-nodes.$(POD_NAMESPACE).svc.example.test:7401,other-1.");
        assertThat(chart.get(ConfigMap.class, "other-config").getData().get("node.conf"))
                .startsWith("include classpath(\"aitta-journal-postgres.conf\")\n")
                .contains("${?AITTA_DB_PASSWORD}");
        assertThat(chart.get(NetworkPolicy.class, "other").getSpec().getEgress())
                .anyMatch(rule -> rule.getPorts().get(0).getPort().getIntVal().equals(6432));
        assertThat(chart.objects().keySet()).noneMatch(name -> name.contains("aitta"));
    }

    @Test
    void withoutProtectionNoSecretIsAskedFor() {
        ((ObjectNode) values.get("security")).put("enabled", false);
        var chart = rendered("aitta");
        assertThat(chart.get(ConfigMap.class, "aitta-config").getData().get("node.conf"))
                .contains("aitta.security.insecure = on")
                .doesNotContain("token-file");
        var pod = chart.get(StatefulSet.class, "aitta").getSpec().getTemplate().getSpec();
        assertThat(pod.getVolumes().get(0).getProjected().getSources())
                .singleElement()
                .satisfies(source -> assertThat(source.getConfigMap()).isNotNull());
        var container = pod.getContainers().get(0);
        assertThat(container.getReadinessProbe().getHttpGet().getScheme()).isEqualTo("HTTP");
        assertThat(container.getEnv())
                .extracting("name")
                .doesNotContain("AITTA_CA", "AITTA_TOKEN_FILE")
                .contains("AITTA_JAVA_OPTS");
    }

    @Test
    void theChartAndTheImageAreOfOneVersion() {
        JsonNode chart = Manifests.tree(read("Chart.yaml"));
        assertThat(chart.get("apiVersion").asText()).isEqualTo("v2");
        assertThat(chart.get("appVersion").asText())
                .isEqualTo(values.at("/image/tag").asText())
                .isEqualTo(ImageTest.version());
    }

    private Manifests rendered(String release) {
        return Manifests.in("helm/aitta/templates", template -> render(template, release));
    }

    private String render(String template, String release) {
        var text = new StringBuilder();
        var shown = new ArrayDeque<Boolean>();
        var action = ACTION.matcher(template);
        int from = 0;
        while (action.find()) {
            boolean visible = !shown.contains(false);
            text.append(visible ? template.substring(from, action.start()) : "");
            text.append(visible && action.group(2).isEmpty() ? action.group(1) : "");
            from = action.end();
            String what = action.group(3);
            if (what.startsWith("if ")) {
                String value = value(what.substring(3), release);
                shown.push(!value.isEmpty() && !value.equals("false"));
            } else if (what.equals("else")) {
                shown.push(!shown.pop());
            } else if (what.equals("end")) {
                shown.pop();
            } else {
                text.append(visible ? value(what, release) : "");
            }
        }
        assertThat(shown).isEmpty();
        text.append(template.substring(from));
        assertThat(text.toString()).doesNotContain("{{");
        return text.toString();
    }

    private String value(String name, String release) {
        if (name.equals(".Release.Name")) {
            return release;
        }
        assertThat(name).startsWith(".Values.");
        JsonNode value = values.at(name.substring(".Values".length()).replace('.', '/'));
        assertThat(value.isValueNode()).as(name + " is in values.yaml").isTrue();
        return value.asText();
    }

    private static String read(String file) {
        try {
            return Files.readString(CHART.resolve(file));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
