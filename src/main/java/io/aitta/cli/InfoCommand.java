package io.aitta.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Prints how the cluster fares. */
@Command(
        name = "info",
        description = {
            "Prints how the cluster fares: load, latency, capacity and replication, by table and by node.",
            "",
            "Load and latency are of the last 10 s, as the nodes' doors saw them: a request counts where its client sent"
                    + " it. Failures are requests that the cluster failed, not those that it refused with reason. What a"
                    + " node's own replicas did, whoever asked them, are KEYS READ/S and OPS/S. A lag is in log entries.",
            "",
            "With --table only that table; with --node only that node."
        },
        footer = {
            "",
            "JSON:" + " {\"epoch\",\"wall_time_millis\",\"traffic\":{\"reads_per_second\",\"writes_per_second\",",
            "       \"failures_per_second\",\"read_p50_millis\",\"read_p99_millis\",\"write_p50_millis\",\"write_p99_millis\"},",
            "       \"tables\":[{\"table\",\"partitions\",\"replicas_wanted\",\"traffic\":{..},\"store_bytes\",",
            "       \"without_primary\",\"under_replicated\",\"replicas_down\",\"max_lag\"}],",
            "       \"nodes\":[{\"node\",\"state\",\"answered\",\"primaries\",\"secondaries\",\"learners\",\"traffic\":{..},",
            "       \"keys_read_per_second\",\"operations_per_second\",\"store_bytes\",\"journal_bytes\",\"disk_bytes\",",
            "       \"disk_free_bytes\",\"uptime_millis\",\"replicas_down\",\"max_lag\",\"requests_in_flight\",",
            "       \"tables\":[{\"table\",\"traffic\":{..},\"store_bytes\"}]}]}; with --follow a line for each look",
            "",
            "Examples:",
            "  aitta info",
            "  aitta info --follow",
            "  aitta -o json info | jq '.traffic.writes_per_second'"
        })
final class InfoCommand extends OrderCommand {
    @Option(names = "--node", paramLabel = "NODE", description = "Only this node.")
    private String node;

    @Mixin
    private FollowMixin follow;

    @Override
    int order() {
        String table = namedTable(null).orElse("");
        return follow.print(this, () -> {
            var info = admin().info(table, node == null ? "" : node);
            return json() ? Answers.lineOf(InfoReport.json(info)) : InfoReport.text(info);
        });
    }
}
