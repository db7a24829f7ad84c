package io.aitta.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.aitta.proto.v1.Node;
import io.aitta.proto.v1.Partition;
import io.aitta.proto.v1.ReadConsistency;
import io.aitta.proto.v1.Replica;
import io.aitta.proto.v1.Role;
import io.aitta.proto.v1.Table;
import io.aitta.proto.v1.TableOptions;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Nodes, tables and partitions as text tables and as JSON. The JSON names are those of aitta.v1 and stay. */
final class TopologyReport {
    private TopologyReport() {}

    static String nodes(List<Node> nodes) {
        var table =
                new TextTable("NODE", "STATE", "ZONE", "WEIGHT", "GRPC", "CLUSTER", "HTTP", "PRIMARIES", "SECONDARIES");
        for (Node node : nodes) {
            table.row(
                    node.getId(),
                    state(node),
                    orDash(node.getZone()),
                    node.getWeight(),
                    orDash(node.getGrpcEndpoint()),
                    orDash(node.getClusterEndpoint()),
                    orDash(node.getHttpEndpoint()),
                    node.getPrimaries(),
                    node.getSecondaries());
        }
        return table.toString();
    }

    static String tables(List<Table> tables) {
        var text = new TextTable(
                "TABLE", "PARTITIONS", "REPLICAS", "DEFAULT TTL", "DEFAULT READS", "MAX VALUE", "CREATED AT EPOCH");
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
                    table.getCreatedEpoch());
        }
        return text.toString();
    }

    static String partitions(List<Partition> partitions) {
        var table = new TextTable("TABLE", "PARTITION", "TERM", "PRIMARY", "SECONDARIES", "LEARNERS");
        for (Partition partition : partitions) {
            table.row(
                    partition.getTable(),
                    partition.getPartition(),
                    partition.getTerm(),
                    holders(partition, Role.PRIMARY),
                    holders(partition, Role.SECONDARY),
                    holders(partition, Role.LEARNER));
        }
        return table.toString();
    }

    static void putNodes(ObjectNode json, List<Node> nodes) {
        ArrayNode array = json.putArray("nodes");
        for (Node node : nodes) {
            array.addObject()
                    .put("id", node.getId())
                    .put("state", state(node))
                    .put("zone", node.getZone())
                    .put("weight", node.getWeight())
                    .put("grpc_endpoint", node.getGrpcEndpoint())
                    .put("cluster_endpoint", node.getClusterEndpoint())
                    .put("http_endpoint", node.getHttpEndpoint())
                    .put("primaries", node.getPrimaries())
                    .put("secondaries", node.getSecondaries());
        }
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
        for (Partition partition : partitions) {
            ArrayNode replicas = array.addObject()
                    .put("table", partition.getTable())
                    .put("partition", partition.getPartition())
                    .put("term", partition.getTerm())
                    .putArray("replicas");
            for (Replica replica : partition.getReplicasList()) {
                replicas.addObject().put("node", replica.getNode()).put("role", lower(replica.getRole()));
            }
        }
    }

    private static String holders(Partition partition, Role role) {
        String nodes = partition.getReplicasList().stream()
                .filter(replica -> replica.getRole() == role)
                .map(Replica::getNode)
                .collect(Collectors.joining(", "));
        return orDash(nodes);
    }

    private static String state(Node node) {
        String name = lower(node.getState());
        return name.startsWith("node_") ? name.substring("node_".length()) : "unknown";
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    static String orDash(String text) {
        return text.isEmpty() ? "-" : text;
    }
}
