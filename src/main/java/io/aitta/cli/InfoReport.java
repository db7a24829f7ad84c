package io.aitta.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aitta.proto.v1.GetInfoResponse;
import io.aitta.proto.v1.NodeState;
import io.aitta.proto.v1.NodeStatus;
import io.aitta.proto.v1.TableStatus;
import io.aitta.proto.v1.Traffic;
import java.time.Duration;
import java.util.Locale;

/** How the cluster fares, as text tables and as JSON. The JSON names are those of aitta.v1 and stay. */
final class InfoReport {
    private static final String STATE_PREFIX = "node_";

    private InfoReport() {}

    static String text(GetInfoResponse info) {
        var tables = new TextTable(
                "TABLE",
                "READS/S",
                "P50 P99 MS",
                "WRITES/S",
                "P50 P99 MS",
                "FAILED/S",
                "SIZE",
                "PARTITIONS",
                "MAX LAG",
                "TROUBLE");
        for (TableStatus table : info.getTablesList()) {
            Traffic traffic = table.getTraffic();
            tables.row(
                    table.getTable(),
                    rate(traffic.getReadsPerSecond()),
                    quantiles(traffic.getReadP50Millis(), traffic.getReadP99Millis()),
                    rate(traffic.getWritesPerSecond()),
                    quantiles(traffic.getWriteP50Millis(), traffic.getWriteP99Millis()),
                    rate(traffic.getFailuresPerSecond()),
                    Sizes.about(table.getStoreBytes()),
                    table.getPartitions(),
                    table.getMaxLag(),
                    trouble(table));
        }
        var nodes = new TextTable(
                "NODE",
                "STATE",
                "READS/S",
                "WRITES/S",
                "FAILED/S",
                "KEYS READ/S",
                "OPS/S",
                "STORE",
                "BINLOGS",
                "DISK FREE",
                "PRIMARIES",
                "REPLICAS",
                "MAX LAG",
                "UP FOR");
        info.getNodesList().forEach(node -> row(nodes, node));
        return summary(info) + "\n\n" + tables + "\n" + nodes;
    }

    private static String summary(GetInfoResponse info) {
        Traffic all = info.getTraffic();
        long answered =
                info.getNodesList().stream().filter(NodeStatus::getAnswered).count();
        return "epoch " + info.getEpoch() + ", " + answered + " of " + info.getNodesCount() + " nodes answered, "
                + rate(all.getReadsPerSecond()) + " reads/s, " + rate(all.getWritesPerSecond()) + " writes/s, "
                + rate(all.getFailuresPerSecond()) + " failed/s";
    }

    private static void row(TextTable nodes, NodeStatus node) {
        Traffic traffic = node.getTraffic();
        int replicas = node.getPrimaries() + node.getSecondaries() + node.getLearners();
        if (!node.getAnswered()) {
            nodes.row(
                    node.getNode(),
                    state(node),
                    "-",
                    "-",
                    "-",
                    "-",
                    "-",
                    "-",
                    "-",
                    "-",
                    node.getPrimaries(),
                    replicas,
                    "-",
                    "-");
            return;
        }
        nodes.row(
                node.getNode(),
                state(node),
                rate(traffic.getReadsPerSecond()),
                rate(traffic.getWritesPerSecond()),
                rate(traffic.getFailuresPerSecond()),
                rate(node.getKeysReadPerSecond()),
                rate(node.getOperationsPerSecond()),
                Sizes.about(node.getStoreBytes()),
                Sizes.about(node.getJournalBytes()),
                Sizes.about(node.getDiskFreeBytes()) + " of " + Sizes.about(node.getDiskBytes()),
                node.getPrimaries(),
                replicas,
                node.getMaxLag(),
                Times.shown(Duration.ofSeconds(node.getUptimeMillis() / 1_000)));
    }

    private static String trouble(TableStatus table) {
        var text = new StringBuilder();
        add(text, table.getWithoutPrimary(), "without primary");
        add(text, table.getUnderReplicated(), "with too few voters");
        add(text, table.getReplicasDown(), "replicas down");
        return TopologyReport.orDash(text.toString());
    }

    private static void add(StringBuilder text, int count, String what) {
        if (count > 0) {
            text.append(text.isEmpty() ? "" : ", ").append(count).append(' ').append(what);
        }
    }

    private static String state(NodeStatus node) {
        String name = TopologyReport.lower(node.getState());
        return node.getState() == NodeState.NODE_STATE_UNSPECIFIED || !name.startsWith(STATE_PREFIX)
                ? "unknown"
                : name.substring(STATE_PREFIX.length());
    }

    private static String rate(double perSecond) {
        return String.format(Locale.ROOT, perSecond == 0 || perSecond >= 10 ? "%.0f" : "%.1f", perSecond);
    }

    private static String quantiles(double median, double high) {
        return high == 0 ? "-" : String.format(Locale.ROOT, "%.1f %.1f", median, high);
    }

    static ObjectNode json(GetInfoResponse info) {
        var json = Answers.object().put("epoch", info.getEpoch()).put("wall_time_millis", info.getWallTimeMillis());
        json.set("traffic", json(info.getTraffic()));
        var tables = json.putArray("tables");
        info.getTablesList().forEach(table -> {
            var one = tables.addObject()
                    .put("table", table.getTable())
                    .put("partitions", table.getPartitions())
                    .put("replicas_wanted", table.getReplicasWanted());
            one.set("traffic", json(table.getTraffic()));
            one.put("store_bytes", table.getStoreBytes())
                    .put("without_primary", table.getWithoutPrimary())
                    .put("under_replicated", table.getUnderReplicated())
                    .put("replicas_down", table.getReplicasDown())
                    .put("max_lag", table.getMaxLag());
        });
        var nodes = json.putArray("nodes");
        info.getNodesList().forEach(node -> nodes.add(json(node)));
        return json;
    }

    private static ObjectNode json(NodeStatus node) {
        var json = Answers.object()
                .put("node", node.getNode())
                .put("state", state(node))
                .put("answered", node.getAnswered())
                .put("primaries", node.getPrimaries())
                .put("secondaries", node.getSecondaries())
                .put("learners", node.getLearners());
        json.set("traffic", json(node.getTraffic()));
        json.put("keys_read_per_second", node.getKeysReadPerSecond())
                .put("operations_per_second", node.getOperationsPerSecond())
                .put("store_bytes", node.getStoreBytes())
                .put("journal_bytes", node.getJournalBytes())
                .put("disk_bytes", node.getDiskBytes())
                .put("disk_free_bytes", node.getDiskFreeBytes())
                .put("uptime_millis", node.getUptimeMillis())
                .put("replicas_down", node.getReplicasDown())
                .put("max_lag", node.getMaxLag())
                .put("requests_in_flight", node.getRequestsInFlight());
        var tables = json.putArray("tables");
        node.getTablesList().forEach(table -> tables.addObject()
                .put("table", table.getTable())
                .put("store_bytes", table.getStoreBytes())
                .set("traffic", json(table.getTraffic())));
        return json;
    }

    private static ObjectNode json(Traffic traffic) {
        return Answers.object()
                .put("reads_per_second", traffic.getReadsPerSecond())
                .put("writes_per_second", traffic.getWritesPerSecond())
                .put("failures_per_second", traffic.getFailuresPerSecond())
                .put("read_p50_millis", traffic.getReadP50Millis())
                .put("read_p99_millis", traffic.getReadP99Millis())
                .put("write_p50_millis", traffic.getWriteP50Millis())
                .put("write_p99_millis", traffic.getWriteP99Millis());
    }
}
