package io.aitta.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aitta.proto.v1.DiffTopologyResponse;
import io.aitta.proto.v1.Topology;
import io.aitta.proto.v1.TopologyHistory;
import java.util.OptionalLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints the topology of any epoch, and what changed between two. */
@Command(
        name = "query",
        description = {
            "Prints the topology of any epoch, or what changed between two.",
            "",
            "Every change of the topology raises its epoch by one, and all of them are kept. Without EPOCH it is the"
                    + " present one. Of a past one, it is not known who was up then. The exit code of an epoch that never"
                    + " was, or is not kept, is 1."
        },
        footer = {
            "",
            "JSON: as in 'topology'; with --diff"
                    + " {\"from_epoch\",\"to_epoch\",\"history\":[{\"epoch\",\"wall_time_millis\",",
            "       \"changes\":[..]}],\"nodes\":[..],\"tables\":[..],\"partitions\":[..],\"removed_nodes\":[..],",
            "       \"removed_tables\":[..]}: those that are new or changed",
            "",
            "Examples:",
            "  aitta query",
            "  aitta query 17",
            "  aitta query 20 --diff 17",
            "  aitta query --diff 17                          from then until now"
        })
final class QueryCommand extends OrderCommand {
    @Parameters(arity = "0..1", paramLabel = "EPOCH", description = "The epoch (default: the present one).")
    private Long epoch;

    @Option(
            names = "--diff",
            paramLabel = "FROM-EPOCH",
            description = "What changed since this epoch, and what happened.")
    private Long from;

    @Override
    int order() {
        check(epoch);
        check(from);
        if (from != null && epoch != null && from > epoch) {
            throw CommandFailed.badInput("--diff goes forward in time: " + from + " is after " + epoch);
        }
        if (from == null) {
            Topology topology = epoch == null ? admin().topology() : admin().topologyAt(epoch);
            if (json()) {
                answers().json(TopologyReport.json(topology));
            } else {
                answers().text(TopologyReport.topology(topology));
            }
            return ExitStatus.DONE;
        }
        var diff = admin().topologyChanges(from, epoch == null ? OptionalLong.empty() : OptionalLong.of(epoch));
        if (json()) {
            answers().json(json(diff));
        } else {
            answers().text(text(diff));
        }
        return ExitStatus.DONE;
    }

    private static void check(Long epoch) {
        if (epoch != null && epoch < 1) {
            throw CommandFailed.badInput("an epoch is 1 or more, not " + epoch);
        }
    }

    private String text(DiffTopologyResponse diff) {
        Topology changes = diff.getChanges();
        var text = new StringBuilder("from epoch " + from + " to " + changes.getEpoch() + "\n");
        for (TopologyHistory one : diff.getHistoryList()) {
            text.append("\nepoch ").append(one.getEpoch()).append("  ");
            text.append(MovesReport.when(one.getWallTimeMillis())).append(" UTC\n");
            one.getChangesList()
                    .forEach(change -> text.append("  ").append(change).append('\n'));
        }
        changes.getRemovedNodesList()
                .forEach(node -> text.append("\nnode ").append(node).append(" is gone\n"));
        changes.getRemovedTablesList()
                .forEach(table -> text.append("\ntable ").append(table).append(" is gone\n"));
        if (changes.getNodesCount() > 0) {
            text.append('\n').append(TopologyReport.nodes(changes.getNodesList()));
        }
        if (changes.getTablesCount() > 0) {
            text.append('\n').append(TopologyReport.tables(changes.getTablesList()));
        }
        if (changes.getPartitionsCount() > 0) {
            text.append('\n').append(TopologyReport.partitions(changes.getPartitionsList()));
        }
        return text.toString();
    }

    private ObjectNode json(DiffTopologyResponse diff) {
        Topology changes = diff.getChanges();
        ObjectNode json = Answers.object().put("from_epoch", from).put("to_epoch", changes.getEpoch());
        ArrayNode history = json.putArray("history");
        for (TopologyHistory one : diff.getHistoryList()) {
            ArrayNode lines = history.addObject()
                    .put("epoch", one.getEpoch())
                    .put("wall_time_millis", one.getWallTimeMillis())
                    .putArray("changes");
            one.getChangesList().forEach(lines::add);
        }
        TopologyReport.putNodes(json, changes.getNodesList());
        TopologyReport.putTables(json, changes.getTablesList());
        TopologyReport.putPartitions(json, changes.getPartitionsList());
        changes.getRemovedNodesList().forEach(json.putArray("removed_nodes")::add);
        changes.getRemovedTablesList().forEach(json.putArray("removed_tables")::add);
        return json;
    }
}
