package io.aitta.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aitta.proto.v1.PartitionName;
import io.aitta.proto.v1.RemoveNodeResponse;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Takes a node out of the cluster. */
@Command(
        name = "remove",
        description = {
            "Takes a node out of the cluster for good.",
            "",
            "A node that holds replicas is refused with NODE_NOT_EMPTY: drain it first. One that is gone for good is"
                    + " given up with --force: what it holds counts as lost at once and is made anew from the other"
                    + " replicas. What would be lost, or be without a majority, is said first, and then asked for. A"
                    + " removed node cannot come back with its old data directory."
        },
        footer = {
            "",
            "JSON: {\"epoch\",\"done\",\"replicas_to_replace\",\"without_majority\":[{\"table\",\"partition\"}],",
            "       \"lost\":[{\"table\",\"partition\"}]}; done is false with --dry-run",
            "",
            "Examples:",
            "  aitta node drain n2 --wait && aitta node remove n2",
            "  aitta node remove n2 --force --dry-run",
            "  aitta node remove n2 --force --yes"
        })
final class NodeRemoveCommand extends OrderCommand {
    private static final int MOST_NAMED = 20;

    @Parameters(paramLabel = "NODE", description = "The node.")
    private String node;

    @Option(names = "--force", description = "The node is down and gone for good, with all it holds.")
    private boolean force;

    @Option(names = "--yes", description = "With --force: do not ask.")
    private boolean yes;

    @Option(names = "--dry-run", description = "Only say what it would come to.")
    private boolean dryRun;

    @Override
    int order() {
        if (yes && !force) {
            throw CommandFailed.badInput("--yes goes with --force; without it nothing is asked");
        }
        if (dryRun) {
            var plan = admin().nodes().planRemoval(node, force);
            return answer(
                    "node " + node + (force ? " would be given up" : " can be removed") + sum(plan), json(plan, false));
        }
        if (!force) {
            var answer = admin().nodes().remove(node);
            return answer("node " + node + " is removed, epoch " + answer.getEpoch(), json(answer, true));
        }
        if (!yes) {
            var plan = admin().nodes().planRemoval(node, true);
            complain("node " + node + " would be given up for good" + sum(plan));
            confirm("This cannot be taken back.", node, "--yes");
        }
        var answer = admin().nodes().giveUp(node);
        return answer("node " + node + " is given up, epoch " + answer.getEpoch() + sum(answer), json(answer, true));
    }

    private static String sum(RemoveNodeResponse answer) {
        var text = new StringBuilder();
        if (answer.getReplicasToReplace() > 0) {
            text.append("; ").append(answer.getReplicasToReplace()).append(" replicas to be made anew elsewhere");
        }
        name(text, "WITHOUT A MAJORITY", answer.getWithoutMajorityList());
        name(text, "LOST, with all their data", answer.getLostList());
        return text.toString();
    }

    private static void name(StringBuilder text, String what, List<PartitionName> partitions) {
        if (!partitions.isEmpty()) {
            text.append("; ")
                    .append(what)
                    .append(": ")
                    .append(partitions.stream()
                            .limit(MOST_NAMED)
                            .map(partition -> partition.getTable() + "/" + partition.getPartition())
                            .collect(Collectors.joining(", ")));
            if (partitions.size() > MOST_NAMED) {
                text.append(" and ").append(partitions.size() - MOST_NAMED).append(" more");
            }
        }
    }

    private static ObjectNode json(RemoveNodeResponse answer, boolean done) {
        ObjectNode json = Answers.object()
                .put("epoch", answer.getEpoch())
                .put("done", done)
                .put("replicas_to_replace", answer.getReplicasToReplace());
        put(json.putArray("without_majority"), answer.getWithoutMajorityList());
        put(json.putArray("lost"), answer.getLostList());
        return json;
    }

    private static void put(ArrayNode array, List<PartitionName> partitions) {
        partitions.forEach(partition ->
                array.addObject().put("table", partition.getTable()).put("partition", partition.getPartition()));
    }
}
