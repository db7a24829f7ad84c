package io.aitta.cli;

import io.aitta.proto.v1.GetInfoResponse;
import java.util.Optional;
import picocli.CommandLine.Command;
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
            "With --table only that table; with --node only that node. --follow goes on until Ctrl-C, every two seconds:"
                    + " on a terminal the tables are painted over."
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
    private static final long EVERY_MILLIS = 2_000;

    @Option(names = "--node", paramLabel = "NODE", description = "Only this node.")
    private String node;

    @Option(names = "--follow", description = "Go on telling how it goes.")
    private boolean follow;

    private long lookedAt;
    private int painted;

    @Override
    int order() {
        String table = namedTable(null).orElse("");
        if (!follow) {
            print(ask(table));
            return ExitStatus.DONE;
        }
        Waiting.until(Optional.empty(), () -> {
            long now = System.nanoTime();
            if (lookedAt == 0 || now - lookedAt >= EVERY_MILLIS * 1_000_000) {
                lookedAt = now;
                print(ask(table));
                surroundings().out().flush();
            }
            return Optional.of("");
        });
        return ExitStatus.DONE;
    }

    private GetInfoResponse ask(String table) {
        return admin().info(table, node == null ? "" : node);
    }

    private void print(GetInfoResponse info) {
        if (json()) {
            answers().json(InfoReport.json(info));
            return;
        }
        String text = InfoReport.text(info);
        if (follow && surroundings().terminal()) {
            answers().text(Painting.over(painted, text));
            painted = Painting.lines(text);
        } else {
            answers().text(text);
        }
    }
}
