package io.aitta.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aitta.proto.v1.Node;
import io.aitta.proto.v1.NodeState;
import io.aitta.proto.v1.Partition;
import io.aitta.proto.v1.ReadConsistency;
import io.aitta.proto.v1.Replica;
import io.aitta.proto.v1.Role;
import io.aitta.proto.v1.Table;
import io.aitta.proto.v1.TableOptions;
import io.aitta.proto.v1.Topology;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Nodes, tables and partitions as text tables and as JSON. The JSON names are those of aitta.v1 and stay. */
final class TopologyReport {
    private static final int LONGEST_ADDRESS = "255.255.255.255:65535".length();
    private static final int LONGEST_LABEL = 14;

    private TopologyReport() {}

    static String nodes(List<Node> nodes) {
        var table = new TextTable(
                "NODE", "STATE", "ZONE", "WEIGHT", "GRPC", "PRIMARIES", "SECONDARIES", "LEARNERS", "NOTE");
        for (Node node : nodes) {
            table.row(
                    node.getId(),
                    state(node),
                    orDash(node.getZone()),
                    node.getWeight(),
                    orDash(shortened(node.getGrpcEndpoint())),
                    node.getPrimaries(),
                    node.getSecondaries(),
                    node.getLearners(),
                    orDash(note(node)));
        }
        return table.toString();
    }

    /**
     * An address as long as the longest of IPv4 at most, or nearly so: of a host's name the first part, for in one cluster
     * the rest is the same for all; of another the ends.
     */
    static String shortened(String address) {
        if (address.length() <= LONGEST_ADDRESS) {
            return address;
        }
        int dot = address.indexOf('.');
        int port = address.lastIndexOf(':');
        return dot > 0 && dot < port
                ? address.substring(0, Math.min(dot, LONGEST_LABEL)) + "…" + address.substring(port)
                : address.substring(0, LONGEST_ADDRESS / 2) + "…"
                        + address.substring(address.length() - LONGEST_ADDRESS / 2);
    }

    /** What holds for a node beside its state. */
    static String note(Node node) {
        if (node.getLost()) {
            return "given up";
        }
        boolean drains = node.getDraining() && node.getState() != NodeState.NODE_DRAINING;
        String target = node.getReplacedBy().isEmpty() ? "" : "to " + node.getReplacedBy();
        return drains ? ("draining " + target).strip() : target;
    }

    static String tables(List<Table> tables) {
        var text = new TextTable(
                "TABLE",
                "PARTITIONS",
                "REPLICAS",
                "DEFAULT TTL",
                "DEFAULT READS",
                "MAX VALUE",
                "CREATED",
                "LEARNERS",
                "SHORT");
        for (Table table : tables) {
            TableOptions options = table.getOptions();
            text.row(
                    table.getName(),
                    table.getPartitions(),
                    table.getReplicas(),
                    options.getDefaultTimeToLiveMillis() == 0
                            ? "never"
                            : Times.shown(Duration.ofMillis(options.getDefaultTimeToLiveMillis())),
                    consistency(options),
                    options.getMaxValueBytes() == 0 ? "-" : Sizes.shown(options.getMaxValueBytes()),
                    table.getCreatedEpoch(),
                    orDash(learners(table)),
                    table.getUnderReplicated());
        }
        return text.toString();
    }

    /** By zone, such as {@code west:2}. */
    private static String learners(Table table) {
        return new TreeMap<>(table.getLearnersMap())
                .entrySet().stream()
                        .map(zone -> zone.getKey() + ":" + zone.getValue())
                        .collect(Collectors.joining(" "));
    }

    static String partitions(List<Partition> partitions) {
        var table = new TextTable("TABLE", "PARTITION", "TERM", "PRIMARY", "SECONDARIES", "LEARNERS", "MOVE");
        for (Partition partition : partitions) {
            table.row(
                    partition.getTable(),
                    partition.getPartition(),
                    partition.getTerm(),
                    holders(partition, Role.PRIMARY),
                    holders(partition, Role.SECONDARY),
                    holders(partition, Role.LEARNER),
                    partition.getMigration() == 0 ? "-" : "#" + partition.getMigration());
        }
        return table.toString();
    }

    static String topology(Topology topology) {
        long up = topology.getNodesList().stream()
                .map(Node::getState)
                .filter(state -> state == NodeState.NODE_UP || state == NodeState.NODE_DRAINING)
                .count();
        return "epoch " + topology.getEpoch() + ", cluster " + orDash(topology.getClusterId()) + ", orchestrator on "
                + orDash(topology.getOrchestratorNode()) + ", " + up + " of " + topology.getNodesCount() + " nodes up"
                + (topology.getBalancingPaused() ? ", balancing paused" : "") + "\n\n"
                + nodes(topology.getNodesList()) + "\n" + tables(topology.getTablesList()) + "\n"
                + partitions(topology.getPartitionsList());
    }

    static ObjectNode json(Topology topology) {
        var json = Answers.object()
                .put("epoch", topology.getEpoch())
                .put("cluster_id", topology.getClusterId())
                .put("orchestrator_node", topology.getOrchestratorNode())
                .put("balancing_paused", topology.getBalancingPaused());
        putNodes(json, topology.getNodesList());
        putTables(json, topology.getTablesList());
        putPartitions(json, topology.getPartitionsList());
        return json;
    }

    static void putNodes(ObjectNode json, List<Node> nodes) {
        ArrayNode array = json.putArray("nodes");
        nodes.forEach(node -> array.add(node(node)));
    }

    static ObjectNode node(Node node) {
        return Answers.object()
                .put("id", node.getId())
                .put("state", state(node))
                .put("zone", node.getZone())
                .put("weight", node.getWeight())
                .put("grpc_endpoint", node.getGrpcEndpoint())
                .put("cluster_endpoint", node.getClusterEndpoint())
                .put("http_endpoint", node.getHttpEndpoint())
                .put("primaries", node.getPrimaries())
                .put("secondaries", node.getSecondaries())
                .put("learners", node.getLearners())
                .put("draining", node.getDraining())
                .put("lost", node.getLost())
                .put("replaced_by", node.getReplacedBy());
    }

    static ObjectNode table(Table table) {
        var json = Answers.object()
                .put("name", table.getName())
                .put("partitions", table.getPartitions())
                .put("replicas", table.getReplicas())
                .put("created_epoch", table.getCreatedEpoch());
        json.putObject("options")
                .put("default_time_to_live_millis", table.getOptions().getDefaultTimeToLiveMillis())
                .put("default_read_consistency", consistency(table.getOptions()))
                .put("max_value_bytes", table.getOptions().getMaxValueBytes());
        ObjectNode learners = json.putObject("learners");
        new TreeMap<>(table.getLearnersMap()).forEach(learners::put);
        json.put("under_replicated", table.getUnderReplicated());
        return json;
    }

    private static String consistency(TableOptions options) {
        ReadConsistency level = options.getDefaultReadConsistency();
        return lower(level == ReadConsistency.READ_CONSISTENCY_UNSPECIFIED ? ReadConsistency.STRONG : level);
    }

    static void putTables(ObjectNode json, List<Table> tables) {
        ArrayNode array = json.putArray("tables");
        tables.forEach(table -> array.add(table(table)));
    }

    static void putPartitions(ObjectNode json, List<Partition> partitions) {
        ArrayNode array = json.putArray("partitions");
        partitions.forEach(partition -> array.add(partition(partition)));
    }

    static ObjectNode partition(Partition partition) {
        ObjectNode json = Answers.object()
                .put("table", partition.getTable())
                .put("partition", partition.getPartition())
                .put("term", partition.getTerm());
        ArrayNode replicas = json.putArray("replicas");
        for (Replica replica : partition.getReplicasList()) {
            replicas.addObject().put("node", replica.getNode()).put("role", lower(replica.getRole()));
        }
        return json.put("replicas_wanted", partition.getReplicasWanted()).put("migration", partition.getMigration());
    }

    static String holders(Partition partition, Role role) {
        String nodes = partition.getReplicasList().stream()
                .filter(replica -> replica.getRole() == role)
                .map(Replica::getNode)
                .collect(Collectors.joining(", "));
        return orDash(nodes);
    }

    static String state(Node node) {
        String name = lower(node.getState());
        return name.startsWith("node_") ? name.substring("node_".length()) : "unknown";
    }

    static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    static String orDash(String text) {
        return text.isEmpty() ? "-" : text;
    }
}
