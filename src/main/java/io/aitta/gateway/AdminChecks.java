package io.aitta.gateway;

import com.google.rpc.Code;
import io.aitta.core.NodeId;
import io.aitta.core.topology.NodeInfo;
import io.aitta.core.topology.TopologyState;
import io.aitta.proto.v1.Node;
import io.aitta.proto.v1.Table;
import io.aitta.proto.v1.Topology;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What all methods of the Admin service check and answer alike. Orders are checked for what can never be right; whether
 * they fit the topology the orchestrator decides, for this node's may be behind. Questions are checked against this
 * node's topology.
 */
final class AdminChecks {
    private static final int NODES_SHOWN = 10;
    private static final Pattern ZONE = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    private AdminChecks() {}

    /** Waits for what is behind the door, hands the request over, and makes an exception of what is no answer. */
    static <T> CompletionStage<T> answered(
            CompletionStage<ClusterAdmin> cluster, Function<ClusterAdmin, CompletionStage<Answer<T>>> ask, Call call) {
        return cluster.thenCompose(ask).thenApply(answer -> response(answer, call));
    }

    private static <T> T response(Answer<T> answer, Call call) {
        if (answer instanceof Answer.Done<T> done) {
            return done.response();
        }
        if (answer instanceof Answer.Refused<T> refused) {
            throw problem(refused).asException();
        }
        throw Problem.outcomeUnknown(((Answer.Unknown<T>) answer).message(), call.isExpired())
                .asException();
    }

    private static Problem problem(Answer.Refused<?> refused) {
        return refused.reason() == Answer.Reason.PARTITION_NOT_FOUND
                ? noSuchPartition(Optional.empty(), refused.message())
                : Problem.of(ErrorReason.valueOf(refused.reason().name()), refused.message());
    }

    /** Somebody named it: unlike a request to a key, it will not be right a moment later. */
    private static Problem noSuchPartition(Optional<String> field, String message) {
        return new Problem(Code.NOT_FOUND, ErrorReason.PARTITION_NOT_FOUND.name(), message, field, 0, Map.of());
    }

    /** @throws ProblemException if no table can have that name; the system's own can */
    static void tableName(String name) {
        if (!TableNames.isLegal(name) && !TableNames.isSystem(name)) {
            throw TableNames.illegal(name);
        }
    }

    /** @throws ProblemException if there is no such table */
    static Table table(Topology topology, String name) {
        return topology.getTablesList().stream()
                .filter(table -> table.getName().equals(name))
                .findFirst()
                .orElseThrow(() -> TableNames.unknown(name, topology));
    }

    /** @throws ProblemException if no table can have such a partition, or the table, if this node knows it, has not */
    static void partition(Topology topology, String table, int partition) {
        tableName(table);
        if (partition < 0 || partition >= TopologyState.MAX_PARTITIONS) {
            throw noSuchPartition(
                            Optional.of("partition"),
                            "there is no partition " + Integer.toUnsignedString(partition) + " in any table; they are"
                                    + " numbered from 0, and a table has "
                                    + TopologyState.MAX_PARTITIONS + " at most")
                    .asException();
        }
        // How many a table has never changes while it lives; one that was made anew a moment ago may have more.
        topology.getTablesList().stream()
                .filter(known -> known.getName().equals(table) && partition >= known.getPartitions())
                .findFirst()
                .ifPresent(known -> {
                    throw noSuchPartition(
                                    Optional.of("partition"),
                                    "table '" + table + "' has partitions 0 to " + (known.getPartitions() - 1)
                                            + ", not " + partition)
                            .asException();
                });
    }

    /** @throws ProblemException if no node can have that id */
    static void nodeId(Topology topology, String field, String id) {
        try {
            new NodeId(id);
        } catch (IllegalArgumentException impossible) {
            throw noSuchNode(topology, field, id);
        }
    }

    static ProblemException noSuchNode(Topology topology, String field, String id) {
        String named = id.isEmpty() ? "no node is named" : "there is no node '" + Text.shortened(id) + "'";
        String some = topology.getNodesList().stream()
                .map(Node::getId)
                .sorted()
                .limit(NODES_SHOWN)
                .collect(Collectors.joining(", "));
        String hint = some.isEmpty()
                ? "this node knows of no nodes yet"
                : "there are: " + some
                        + (topology.getNodesCount() > NODES_SHOWN ? ", ... (" + topology.getNodesCount() + ")" : "");
        return Problem.inField(ErrorReason.NODE_NOT_FOUND, field, named + "; " + hint)
                .asException();
    }

    static void replicas(String field, int count, int least) {
        if (Integer.compareUnsigned(count, least) < 0
                || Integer.compareUnsigned(count, TopologyState.MAX_REPLICAS) > 0) {
            throw Problem.inField(
                            ErrorReason.BAD_REPLICAS,
                            field,
                            Integer.toUnsignedString(count) + " replicas: a partition has " + least + " to "
                                    + TopologyState.MAX_REPLICAS + (least == 0 ? " learners in a zone" : ""))
                    .asException();
        }
    }

    static void weight(int weight) {
        if (Integer.compareUnsigned(weight, NodeInfo.MAX_WEIGHT) > 0) {
            throw Problem.inField(
                            ErrorReason.BAD_WEIGHT,
                            "weight",
                            "a weight is 0 to 10,000, not " + Integer.toUnsignedString(weight)
                                    + "; 0 means that the node gets nothing")
                    .asException();
        }
    }

    static void zone(String zone) {
        if (!ZONE.matcher(zone).matches()) {
            throw Problem.inField(
                            ErrorReason.BAD_ZONE,
                            "zone",
                            (zone.isEmpty() ? "no zone is named" : "'" + Text.shortened(zone) + "' is no zone")
                                    + "; one is 1 to 64 letters, digits, '-', '_' and '.'")
                    .asException();
        }
    }

    /** Of an order that is bound to an epoch: one above what can be counted is none that ever was. */
    static void expectedEpoch(Topology topology, boolean given, long epoch) {
        if (given && epoch < 0) {
            throw Problem.inField(
                            ErrorReason.STALE_EPOCH,
                            "expected_epoch",
                            "the topology is at epoch " + topology.getEpoch() + ", not at "
                                    + Long.toUnsignedString(epoch) + "; look at it again, then decide anew")
                    .asException();
        }
    }

    static void pastEpoch(Topology topology, String field, long epoch) {
        if (epoch < 0) {
            throw Problem.inField(
                            ErrorReason.EPOCH_NOT_FOUND,
                            field,
                            "there is no epoch " + Long.toUnsignedString(epoch) + "; the newest is about "
                                    + topology.getEpoch())
                    .asException();
        }
    }

    static ProblemException badOption(String field, String message) {
        return Problem.inField(ErrorReason.BAD_OPTION, field, message).asException();
    }
}
