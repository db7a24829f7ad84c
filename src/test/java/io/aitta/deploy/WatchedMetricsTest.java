package io.aitta.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.aitta.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Scrape configuration, alert rules and dashboard: they parse, and use only metrics that docs/METRICS.md lists. */
@Timeout(60)
class WatchedMetricsTest {
    private static final Path PAGE = Path.of("docs/METRICS.md");
    private static final Path PROMETHEUS = Manifests.DEPLOY.resolve("prometheus");
    private static final Path DASHBOARD = Manifests.DEPLOY.resolve("grafana/dashboards/aitta.json");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `([a-z_0-9]+)` \\| (\\w+) \\|");
    private static final Pattern NAME = Pattern.compile("\\b(?:aitta|jvm|process|system)_[a-z0-9_]+\\b");

    /** The names on the page as they stand in expressions, with what their types add to them. */
    private static Set<String> known() throws IOException {
        var names = new TreeSet<String>();
        var rows = ROW.matcher(Files.readString(PAGE));
        while (rows.find()) {
            names.add(rows.group(1));
            if (rows.group(2).matches("histogram|summary")) {
                List.of("_bucket", "_count", "_sum", "_max").forEach(end -> names.add(rows.group(1) + end));
            }
        }
        assertThat(names).hasSizeGreaterThan(100);
        return names;
    }

    private static Set<String> used(List<String> expressions) {
        return expressions.stream()
                .flatMap(text -> NAME.matcher(text).results().map(found -> found.group()))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static List<JsonNode> rules() throws IOException {
        var rules = new ArrayList<JsonNode>();
        Manifests.tree(Files.readString(PROMETHEUS.resolve("aitta-alerts.yml")))
                .get("groups")
                .forEach(group -> group.get("rules").forEach(rules::add));
        assertThat(rules).isNotEmpty();
        return rules;
    }

    @Test
    void rulesUseMetricsThatExistAndSayWhatToDo() throws IOException {
        var names = new TreeSet<String>();
        for (JsonNode rule : rules()) {
            assertThat(names.add(rule.get("alert").asText()))
                    .as("%s twice", rule)
                    .isTrue();
            assertThat(rule.at("/labels/severity").asText()).isIn("critical", "warning");
            assertThat(rule.at("/annotations/summary").asText()).isNotBlank();
            assertThat(rule.at("/annotations/description").asText()).isNotBlank();
            assertThat(known()).containsAll(used(List.of(rule.get("expr").asText())));
        }
    }

    @Test
    void theDashboardUsesMetricsThatExist() throws IOException {
        JsonNode dashboard = new ObjectMapper().readTree(DASHBOARD.toFile());
        var expressions = new ArrayList<String>();
        dashboard.get("panels").forEach(panel -> panel.path("targets")
                .forEach(target -> expressions.add(target.get("expr").asText())));
        dashboard
                .at("/templating/list")
                .forEach(variable -> expressions.add(variable.get("query").asText()));
        assertThat(expressions).hasSizeGreaterThan(30);
        assertThat(known()).containsAll(used(expressions));
        var ids = new TreeSet<Integer>();
        dashboard
                .get("panels")
                .forEach(panel -> assertThat(ids.add(panel.get("id").asInt())).isTrue());
    }

    @Test
    void prometheusAsksTheNodesOfTheComposeFileAndReadsTheRules() throws IOException {
        JsonNode config = Manifests.tree(Files.readString(PROMETHEUS.resolve("prometheus.yml")));
        assertThat(PROMETHEUS.resolve(config.at("/rule_files/0").asText())).exists();
        var job = config.at("/scrape_configs/0");
        assertThat(job.get("metrics_path").asText()).isEqualTo("/metrics");
        var targets = new ArrayList<String>();
        job.at("/static_configs/0/targets").forEach(target -> targets.add(target.asText()));
        assertThat(targets).containsExactly("n1:7402", "n2:7402", "n3:7402");
    }

    @Test
    void grafanaFindsTheDashboardAndItsData() throws IOException {
        var provisioning = Manifests.DEPLOY.resolve("grafana/provisioning");
        var compose = Files.readString(Manifests.DEPLOY.resolve("docker/compose.yaml"));
        JsonNode source = Manifests.tree(Files.readString(provisioning.resolve("datasources/aitta.yaml")));
        assertThat(source.at("/datasources/0/url").asText()).isEqualTo("http://prometheus:9090");
        JsonNode provider = Manifests.tree(Files.readString(provisioning.resolve("dashboards/aitta.yaml")));
        assertThat(compose)
                .contains("../grafana/dashboards:"
                        + provider.at("/providers/0/options/path").asText() + ":ro");
    }

    @Test
    void promtoolFindsNothingWrong() throws Exception {
        assumeTrue(
                Programs.find("promtool").isPresent(),
                "promtool is not on the PATH (Debian: apt-get install prometheus)");
        var process = new ProcessBuilder(
                        "promtool",
                        "check",
                        "config",
                        PROMETHEUS.resolve("prometheus.yml").toString())
                .redirectErrorStream(true)
                .start();
        var output = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
    }
}
