package io.aitta.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aitta.cli.CheckCommand.Compared;
import io.aitta.proto.v1.CheckClusterResponse;
import io.aitta.proto.v1.CheckFinding;
import io.aitta.proto.v1.CheckVerdict;
import io.aitta.proto.v1.ComparisonResult;
import io.aitta.proto.v1.DiskSpace;
import io.aitta.proto.v1.NodeVitals;
import io.aitta.proto.v1.ReplicaDigest;
import java.util.List;

/** What a check found, as text and as JSON. The JSON names are those of aitta.v1 and stay. */
final class CheckReport {
    private CheckReport() {}

    static String text(CheckClusterResponse check) {
        var text = new StringBuilder(verdict(check.getVerdict()) + ": " + check.getNodesCount() + " nodes, "
                + check.getPartitions() + " partitions, " + check.getReplicas() + " replicas, epoch "
                + check.getEpoch() + "\n");
        if (check.getFindingsCount() > 0) {
            var table = new TextTable("SEVERITY", "CHECK", "WHAT");
            for (CheckFinding finding : check.getFindingsList()) {
                table.row(severity(finding), kind(finding), finding.getMessage());
            }
            text.append(table);
        }
        if (check.getFindingsLeftOut() > 0) {
            text.append("and ").append(check.getFindingsLeftOut()).append(" more\n");
        }
        return text.toString();
    }

    static ObjectNode json(CheckClusterResponse check) {
        ObjectNode json = Answers.object()
                .put("verdict", verdict(check.getVerdict()))
                .put("epoch", check.getEpoch())
                .put("partitions", check.getPartitions())
                .put("replicas", check.getReplicas());
        ArrayNode findings = json.putArray("findings");
        check.getFindingsList().forEach(finding -> findings.add(json(finding)));
        json.put("findings_left_out", check.getFindingsLeftOut());
        ArrayNode nodes = json.putArray("nodes");
        check.getNodesList().forEach(node -> nodes.add(json(node)));
        return json;
    }

    private static ObjectNode json(CheckFinding finding) {
        ObjectNode json = Answers.object().put("severity", severity(finding)).put("check", kind(finding));
        if (!finding.getNode().isEmpty()) {
            json.put("node", finding.getNode());
        }
        if (finding.hasPartition()) {
            json.put("table", finding.getTable()).put("partition", finding.getPartition());
        }
        return json.put("message", finding.getMessage());
    }

    private static ObjectNode json(NodeVitals node) {
        ObjectNode json = Answers.object().put("node", node.getNode()).put("answered", node.getAnswered());
        if (node.getAnswered()) {
            json.put("epoch", node.getEpoch())
                    .put("clock_ahead_millis", node.getClockAheadMillis())
                    .put("clock_uncertainty_millis", node.getClockUncertaintyMillis());
            ArrayNode disks = json.putArray("disks");
            for (DiskSpace disk : node.getDisksList()) {
                disks.addObject()
                        .put("path", disk.getPath())
                        .put("free_bytes", disk.getFreeBytes())
                        .put("total_bytes", disk.getTotalBytes());
            }
        }
        return json;
    }

    private static String verdict(CheckVerdict verdict) {
        return TopologyReport.lower(verdict).substring("verdict_".length());
    }

    private static String severity(CheckFinding finding) {
        return finding.getSeverity() == CheckVerdict.VERDICT_HEALTHY ? "note" : verdict(finding.getSeverity());
    }

    private static String kind(CheckFinding finding) {
        return TopologyReport.lower(finding.getKind()).substring("check_".length());
    }

    // ---- replicas compared --------------------------------------------------------------------------------------

    static String deepText(List<Compared> compared) {
        var text = new StringBuilder("compared the replicas of " + compared.size() + " partitions: "
                + with(compared, ComparisonResult.REPLICAS_EQUAL) + " equal, "
                + with(compared, ComparisonResult.REPLICAS_DIFFER) + " different, "
                + with(compared, ComparisonResult.NOT_COMPARED) + " not compared\n");
        for (Compared one : compared) {
            for (ReplicaDigest replica : one.answer().getReplicasList()) {
                if (replica.getResult() != ComparisonResult.REPLICAS_EQUAL) {
                    text.append(one.table() + "/" + one.partition() + " on node " + replica.getNode()
                            + (replica.getResult() == ComparisonResult.REPLICAS_DIFFER
                                    ? " differs at log index " + replica.getLogIndex()
                                    : " was not compared")
                            + ": " + replica.getMessage() + "\n");
                }
            }
        }
        return text.toString();
    }

    static ObjectNode deepJson(List<Compared> compared) {
        ObjectNode json = Answers.object()
                .put("partitions", compared.size())
                .put("equal", with(compared, ComparisonResult.REPLICAS_EQUAL))
                .put("different", with(compared, ComparisonResult.REPLICAS_DIFFER))
                .put("not_compared", with(compared, ComparisonResult.NOT_COMPARED));
        ArrayNode problems = json.putArray("problems");
        compared.stream().filter(one -> !one.isEqual()).forEach(one -> problems.add(json(one)));
        return json;
    }

    private static ObjectNode json(Compared one) {
        ObjectNode json = Answers.object()
                .put("table", one.table())
                .put("partition", one.partition())
                .put("result", result(one.answer().getResult()))
                .put("log_index", one.answer().getLogIndex());
        ArrayNode replicas = json.putArray("replicas");
        for (ReplicaDigest replica : one.answer().getReplicasList()) {
            replicas.addObject()
                    .put("node", replica.getNode())
                    .put("result", result(replica.getResult()))
                    .put("log_index", replica.getLogIndex())
                    .put("log_term", replica.getLogTerm())
                    .put("digest", replica.getDigest())
                    .put("rows", replica.getRows())
                    .put("bytes", replica.getBytes())
                    .put("message", replica.getMessage());
        }
        return json;
    }

    private static String result(ComparisonResult result) {
        return switch (result) {
            case REPLICAS_EQUAL -> "equal";
            case REPLICAS_DIFFER -> "different";
            default -> "not_compared";
        };
    }

    private static long with(List<Compared> compared, ComparisonResult result) {
        return compared.stream()
                .filter(one -> one.answer().getResult() == result)
                .count();
    }
}
