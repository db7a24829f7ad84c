package io.aitta.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aitta.proto.v1.Node;
import io.aitta.proto.v1.NodeLoad;
import io.aitta.proto.v1.Partition;
import io.aitta.proto.v1.Replica;
import io.aitta.proto.v1.ReplicaState;
import io.aitta.proto.v1.Role;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** How partitions and their replicas stand now, as text tables and as JSON. The JSON names are those of aitta.v1 and stay. */
final class LiveReport {
    private LiveReport() {}

    static String partitions(List<Partition> partitions) {
        var table = new TextTable("TABLE", "PARTITION", "STATE", "TERM", "PRIMARY", "INDEX", "OTHERS", "MOVE");
        for (Partition partition : partitions) {
            table.row(
                    partition.getTable(),
                    partition.getPartition(),
                    state(partition),
                    partition.getTerm(),
                    TopologyReport.holders(partition, Role.PRIMARY),
                    index(partition),
                    TopologyReport.orDash(others(partition)),
                    partition.getMigration() == 0 ? "-" : "#" + partition.getMigration());
        }
        return table.toString();
    }

    /** Of the primary's log. */
    private static long index(Partition partition) {
        return partition.getReplicasList().stream()
                .filter(replica -> replica.getRole() == Role.PRIMARY)
                .mapToLong(replica -> replica.getState().getLogIndex())
                .findFirst()
                .orElse(0);
    }

    /** Each with what it lacks, such as {@code n2, n3 -12, n4 copying}; a learner in brackets. */
    private static String others(Partition partition) {
        return partition.getReplicasList().stream()
                .filter(replica -> replica.getRole() != Role.PRIMARY)
                .map(LiveReport::other)
                .collect(Collectors.joining(", "));
    }

    private static String other(Replica replica) {
        String name = replica.getRole() == Role.LEARNER ? "(" + replica.getNode() + ")" : replica.getNode();
        String word = word(replica.getState());
        if (!word.equals("ok")) {
            return name + " " + word;
        }
        return replica.getState().getLag() == 0
                ? name
                : name + " -" + replica.getState().getLag();
    }

    /** How a replica is, in a word. */
    static String word(ReplicaState state) {
        if (!state.getKnown()) {
            return "silent";
        }
        return state.getFailed() ? "failed" : state.getCopying() ? "copying" : "ok";
    }

    static String state(Partition partition) {
        String name = TopologyReport.lower(partition.getState());
        return name.startsWith("partition_state_") ? "unknown" : name.replace('_', ' ');
    }

    /** The replicas of one partition. */
    static String replicas(Partition partition) {
        var table = new TextTable("NODE", "ROLE", "STATE", "TERM", "LOG INDEX", "APPLIED", "LAG");
        for (Replica replica : partition.getReplicasList()) {
            ReplicaState state = replica.getState();
            table.row(
                    replica.getNode(),
                    TopologyReport.lower(replica.getRole()),
                    word(state),
                    state.getTerm(),
                    state.getLogIndex(),
                    state.getAppliedIndex(),
                    state.getLag());
        }
        return table.toString();
    }

    /** What one node holds. */
    static String held(String node, List<Partition> partitions) {
        var table = new TextTable("TABLE", "PARTITION", "ROLE", "STATE", "LOG INDEX", "LAG", "MOVE");
        for (Partition partition : partitions) {
            for (Replica replica : partition.getReplicasList()) {
                if (replica.getNode().equals(node)) {
                    table.row(
                            partition.getTable(),
                            partition.getPartition(),
                            TopologyReport.lower(replica.getRole()),
                            word(replica.getState()),
                            replica.getState().getLogIndex(),
                            replica.getState().getLag(),
                            partition.getMigration() == 0 ? "-" : "#" + partition.getMigration());
                }
            }
        }
        return table.toString();
    }

    /** All about a node but what it holds, a line for each. */
    static String node(Node node) {
        var text = new StringBuilder();
        line(text, "node", node.getId());
        String note = TopologyReport.note(node);
        line(text, "state", TopologyReport.state(node) + (note.isEmpty() ? "" : ", " + note));
        line(text, "zone", TopologyReport.orDash(node.getZone()));
        line(text, "weight", String.valueOf(node.getWeight()));
        line(text, "clients", TopologyReport.orDash(node.getGrpcEndpoint()));
        line(text, "nodes", TopologyReport.orDash(node.getClusterEndpoint()));
        line(text, "http", TopologyReport.orDash(node.getHttpEndpoint()));
        line(
                text,
                "replicas",
                node.getPrimaries() + " primaries, " + node.getSecondaries() + " secondaries, " + node.getLearners()
                        + " learners");
        if (node.hasLoad()) {
            NodeLoad load = node.getLoad();
            line(
                    text,
                    "load",
                    String.format(
                            Locale.ROOT,
                            "%,.0f writes/s, %,.0f reads/s",
                            load.getWritesPerSecond(),
                            load.getReadsPerSecond()));
            line(
                    text,
                    "on disk",
                    Sizes.about(load.getStoreBytes()) + " store, " + Sizes.about(load.getJournalBytes()) + " binlogs");
            line(text, "up for", Times.shown(Duration.ofSeconds(load.getUptimeMillis() / 1_000)));
        } else {
            line(text, "load", "not told: the node did not answer");
        }
        return text.toString();
    }

    private static void line(StringBuilder text, String name, String value) {
        text.append(String.format(Locale.ROOT, "%-9s %s%n", name, value));
    }

    /** With the load, if it was told. */
    static ObjectNode nodeJson(Node node) {
        ObjectNode json = TopologyReport.node(node);
        if (!node.hasLoad()) {
            json.set("load", null);
            return json;
        }
        NodeLoad load = node.getLoad();
        json.putObject("load")
                .put("store_bytes", load.getStoreBytes())
                .put("journal_bytes", load.getJournalBytes())
                .put("writes_per_second", load.getWritesPerSecond())
                .put("reads_per_second", load.getReadsPerSecond())
                .put("uptime_millis", load.getUptimeMillis());
        return json;
    }

    static void putPartitions(ObjectNode json, List<Partition> partitions) {
        ArrayNode array = json.putArray("partitions");
        partitions.forEach(partition -> array.add(json(partition)));
    }

    static ObjectNode json(Partition partition) {
        ObjectNode json = TopologyReport.partition(partition);
        json.put("state", state(partition).replace(' ', '_'));
        for (int i = 0; i < partition.getReplicasCount(); i++) {
            ReplicaState state = partition.getReplicas(i).getState();
            ((ObjectNode) json.get("replicas").get(i))
                    .put("known", state.getKnown())
                    .put("term", state.getTerm())
                    .put("log_index", state.getLogIndex())
                    .put("applied_index", state.getAppliedIndex())
                    .put("lag", state.getLag())
                    .put("failed", state.getFailed())
                    .put("copying", state.getCopying());
        }
        return json;
    }
}
