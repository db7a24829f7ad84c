package io.aitta.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aitta.proto.v1.GetSlowLogResponse;
import io.aitta.proto.v1.SlowRequest;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Prints the requests that took long. */
@Command(
        name = "slow-log",
        description = {
            "Prints the last requests that took long, the newest first.",
            "",
            "What counts as long, and how many each node keeps, aitta.slow-log says in a node's settings. Of a write of one"
                    + " partition it tells where it was as long, at its primary: in the QUEUE before the binlog, in the"
                    + " JOURNAL (forced to the primary's disk), in REPLICATION (until a majority had it), in APPLY (to the"
                    + " store). What is missing to the whole was spent on the way there and back.",
            "",
            "With --table only requests to that table; with --node only those through that node's door."
        },
        footer = {
            "",
            "JSON:" + " {\"threshold_millis\",\"requests\":[{\"wall_time_millis\",\"node\",\"operation\",\"table\",",
            "       \"partition\"|null,\"key\",\"millis\",\"outcome\",\"stages\":{\"queue_millis\",\"journal_millis\",",
            "       \"replication_millis\",\"apply_millis\"}|null,\"request_id\",\"trace_id\"}],\"silent_nodes\":[..]}",
            "",
            "Examples:",
            "  aitta slow-log",
            "  aitta slow-log --node n2 --limit 10",
            "  aitta -o json slow-log | jq '.requests[] | select(.millis > 1000)'"
        })
final class SlowLogCommand extends OrderCommand {
    @Option(names = "--node", paramLabel = "NODE", description = "Only what came through this node's door.")
    private String node;

    @Option(names = "--limit", paramLabel = "N", description = "At most so many, 1 to 1000 (default: 100).")
    private int limit = 100;

    @Override
    int order() {
        if (limit < 1 || limit > 1_000) {
            throw CommandFailed.badInput("--limit is 1 to 1000, not " + limit);
        }
        var slow = admin().slowLog(namedTable(null).orElse(""), node == null ? "" : node, limit);
        if (json()) {
            answers().json(json(slow));
            return ExitStatus.DONE;
        }
        if (slow.getRequestsCount() == 0) {
            answers().line(String.format(Locale.ROOT, "no request took %.0f ms or more", slow.getThresholdMillis()));
        } else {
            answers().text(table(slow));
        }
        if (slow.getSilentNodesCount() > 0) {
            complain("no answer from " + String.join(", ", slow.getSilentNodesList()));
        }
        return ExitStatus.DONE;
    }

    private static String table(GetSlowLogResponse slow) {
        var table = new TextTable(
                "TIME",
                "NODE",
                "OPERATION",
                "TABLE",
                "KEY",
                "MS",
                "QUEUE",
                "JOURNAL",
                "REPLICATION",
                "APPLY",
                "OUTCOME",
                "REQUEST");
        for (SlowRequest one : slow.getRequestsList()) {
            boolean told = one.hasStages();
            var stages = one.getStages();
            table.row(
                    Instant.ofEpochMilli(one.getWallTimeMillis()).truncatedTo(ChronoUnit.MILLIS),
                    one.getNode(),
                    one.getOperation(),
                    where(one),
                    TopologyReport.orDash(one.getKey()),
                    millis(one.getMillis()),
                    told ? millis(stages.getQueueMillis()) : "-",
                    told ? millis(stages.getJournalMillis()) : "-",
                    told ? millis(stages.getReplicationMillis()) : "-",
                    told ? millis(stages.getApplyMillis()) : "-",
                    one.getOutcome(),
                    TopologyReport.orDash(one.getRequestId()));
        }
        return table.toString();
    }

    private static String where(SlowRequest one) {
        return one.hasPartition() ? one.getTable() + "/" + one.getPartition() : TopologyReport.orDash(one.getTable());
    }

    private static String millis(double millis) {
        return String.format(Locale.ROOT, "%.1f", millis);
    }

    private static ObjectNode json(GetSlowLogResponse slow) {
        var json = Answers.object().put("threshold_millis", slow.getThresholdMillis());
        var requests = json.putArray("requests");
        for (SlowRequest one : slow.getRequestsList()) {
            var request = requests.addObject()
                    .put("wall_time_millis", one.getWallTimeMillis())
                    .put("node", one.getNode())
                    .put("operation", one.getOperation())
                    .put("table", one.getTable())
                    .put("partition", one.hasPartition() ? (Integer) one.getPartition() : null)
                    .put("key", one.getKey())
                    .put("millis", one.getMillis())
                    .put("outcome", one.getOutcome());
            if (one.hasStages()) {
                request.putObject("stages")
                        .put("queue_millis", one.getStages().getQueueMillis())
                        .put("journal_millis", one.getStages().getJournalMillis())
                        .put("replication_millis", one.getStages().getReplicationMillis())
                        .put("apply_millis", one.getStages().getApplyMillis());
            } else {
                request.putNull("stages");
            }
            request.put("request_id", one.getRequestId()).put("trace_id", one.getTraceId());
        }
        var silent = json.putArray("silent_nodes");
        slow.getSilentNodesList().forEach(silent::add);
        return json;
    }
}
