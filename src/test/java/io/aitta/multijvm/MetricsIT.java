package io.aitta.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.aitta.client.AittaClient;
import io.aitta.client.AittaException;
import io.aitta.proto.v1.GetInfoResponse;
import io.aitta.proto.v1.KvGrpc;
import io.aitta.proto.v1.Node;
import io.aitta.proto.v1.WatchRequest;
import io.grpc.Context;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What nodes in use tell of themselves: /metrics, info, the slow log. */
@Timeout(240)
class MetricsIT {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `([a-z_0-9]+)` \\| (\\w+) \\|");
    private static final Pattern TYPE = Pattern.compile("(?m)^# TYPE (\\w+) (\\w+)$");

    @RegisterExtension
    final Stage stage = new Stage();

    private final HttpClient http = HttpClient.newHttpClient();

    private String get(Node node, String path) {
        try {
            var request = HttpRequest.newBuilder(URI.create("http://" + node.getHttpEndpoint() + path))
                    .timeout(Duration.ofSeconds(10))
                    .build();
            var response = http.send(request, HttpResponse.BodyHandlers.ofString());
            assertThat(response.statusCode()).as(path + ": " + response.body()).isEqualTo(200);
            return response.body();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** With {@code _max} belonging to its histogram or summary. */
    private static Set<String> families(String scrape) {
        var found = TYPE.matcher(scrape);
        var all = new TreeSet<String>();
        var distributions = new TreeSet<String>();
        while (found.find()) {
            all.add(found.group(1));
            if (found.group(2).matches("histogram|summary")) {
                distributions.add(found.group(1));
            }
        }
        all.removeIf(name -> name.endsWith("_max") && distributions.contains(name.substring(0, name.length() - 4)));
        return all;
    }

    private static Set<String> page() throws java.io.IOException {
        return ROW.matcher(Files.readString(Path.of("docs/METRICS.md")))
                .results()
                .map(row -> row.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void everyMetricIsOnThePageAndEveryOneOnThePageExists() throws Exception {
        var cluster = stage.shared(Cluster.Plan.of(3));
        String table = stage.ownTable();
        try (AittaClient client = cluster.client(LIMIT)) {
            var nodes = client.admin().blocking().listNodes().getNodesList().stream()
                    .filter(node -> !node.getHttpEndpoint().isEmpty())
                    .toList();
            use(client, cluster, table);
            Set<String> page = page();
            // Each node has what happened on it alone: together they have all.
            Await.until(
                    () -> "not told by any node: " + missing(page, told(nodes)), LIMIT, () -> missing(page, told(nodes))
                            .isEmpty());
            assertThat(missing(told(nodes), page)).as("not on the page").isEmpty();
            assertThat(nodes).allSatisfy(node -> assertThat(get(node, "/metrics"))
                    .contains("aitta_node_ready 1", "aitta_nodes{state=\"up\"} 3"));
            infoAgrees(client, table, nodes);
        }
    }

    private Set<String> told(List<Node> nodes) {
        return nodes.stream()
                .flatMap(node -> families(get(node, "/metrics")).stream())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> missing(Set<String> wanted, Set<String> there) {
        var missing = new TreeSet<>(wanted);
        missing.removeAll(there);
        // Only where the collector has phases beside the program, and once it has had one.
        missing.remove("jvm_gc_concurrent_phase_time_seconds");
        return missing;
    }

    private static ByteString utf8(String text) {
        return ByteString.copyFromUtf8(text);
    }

    /** Everything once: reads, writes, an error, a watch that ends. */
    private static void use(AittaClient client, Cluster cluster, String table) {
        var kv = client.table(table).blocking();
        for (int i = 0; i < 200; i++) {
            kv.set(utf8("key-" + i), utf8("value"));
            kv.get(utf8("key-" + i));
        }
        Assertions.assertThatThrownBy(
                        () -> client.table("no-such-table").blocking().get(utf8("k")))
                .isInstanceOf(AittaException.class);
        for (var node : cluster.nodes()) {
            var context = Context.current().withCancellation();
            context.run(() -> KvGrpc.newBlockingStub(node.channel())
                    .watch(WatchRequest.newBuilder()
                            .setTable(table)
                            .setKey(utf8("key-1"))
                            .build())
                    .hasNext());
            context.cancel(null);
        }
    }

    private void infoAgrees(AittaClient client, String table, List<Node> nodes) throws Exception {
        var admin = client.admin().blocking();
        Await.until(
                "info does not tell of the writes",
                LIMIT,
                () -> admin.info(table, "").getTraffic().getWritesPerSecond() > 0);
        GetInfoResponse info = admin.info("", "");
        assertThat(info.getNodesList()).hasSize(3).allSatisfy(node -> {
            assertThat(node.getAnswered()).isTrue();
            assertThat(node.getDiskFreeBytes()).isPositive();
            assertThat(node.getJournalBytes()).isPositive();
        });
        var own = info.getTablesList().stream()
                .filter(one -> one.getTable().equals(table))
                .findFirst()
                .orElseThrow();
        assertThat(own.getTraffic().getWriteP99Millis()).isPositive();
        assertThat(own.getStoreBytes()).isPositive();
        assertThat(own.getWithoutPrimary()).isZero();
        JsonNode json = new ObjectMapper().readTree(get(nodes.get(0), "/aitta/v1/info?table=" + table));
        assertThat(json.at("/tables/0/table").asText()).isEqualTo(table);
        assertThat(json.at("/nodes").size()).isEqualTo(3);
        assertThat(new ObjectMapper()
                        .readTree(get(nodes.get(1), "/aitta/v1/slow-log"))
                        .at("/threshold_millis")
                        .asDouble())
                .isEqualTo(100);
        assertThat(admin.slowLog("", "", 10).getSilentNodesList()).isEmpty();
    }
}
