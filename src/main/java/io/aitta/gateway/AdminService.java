package io.aitta.gateway;

import io.aitta.config.LimitSettings;
import io.aitta.gateway.TableAdmin.Answer;
import io.aitta.proto.v1.AlterTableRequest;
import io.aitta.proto.v1.AlterTableResponse;
import io.aitta.proto.v1.CreateTableRequest;
import io.aitta.proto.v1.CreateTableResponse;
import io.aitta.proto.v1.DescribeTableRequest;
import io.aitta.proto.v1.DescribeTableResponse;
import io.aitta.proto.v1.DropTableRequest;
import io.aitta.proto.v1.DropTableResponse;
import io.aitta.proto.v1.GetTopologyRequest;
import io.aitta.proto.v1.ListNodesRequest;
import io.aitta.proto.v1.ListNodesResponse;
import io.aitta.proto.v1.ListPartitionsRequest;
import io.aitta.proto.v1.ListPartitionsResponse;
import io.aitta.proto.v1.ListTablesRequest;
import io.aitta.proto.v1.ListTablesResponse;
import io.aitta.proto.v1.Partition;
import io.aitta.proto.v1.ReadConsistency;
import io.aitta.proto.v1.Table;
import io.aitta.proto.v1.TableOptions;
import io.aitta.proto.v1.Topology;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The Admin service, but for watching: {@link TopologyWatch}. Questions are answered from what this node knows; changes
 * go to the orchestrator. Throws, or fails its stages, with {@link ProblemException}.
 */
final class AdminService {
    private static final int MAX_PARTITIONS = 4_096;
    private static final int MAX_REPLICAS = 7;

    private final TopologySource topology;
    private final TableAdmin tables;
    private final LimitSettings limits;

    AdminService(TopologySource topology, TableAdmin tables, LimitSettings limits) {
        this.topology = topology;
        this.tables = tables;
        this.limits = limits;
    }

    CompletionStage<CreateTableResponse> createTable(CreateTableRequest request, Call call) {
        changeable(request.getName());
        if (request.hasPartitions() && outside(request.getPartitions(), MAX_PARTITIONS)) {
            throw Problem.inField(
                            ErrorReason.BAD_PARTITIONS,
                            "partitions",
                            Integer.toUnsignedString(request.getPartitions())
                                    + " partitions: a table has 1 to 4,096; leave it out for the cluster's default")
                    .asException();
        }
        if (request.hasReplicas() && outside(request.getReplicas(), MAX_REPLICAS)) {
            throw Problem.inField(
                            ErrorReason.BAD_REPLICAS,
                            "replicas",
                            Integer.toUnsignedString(request.getReplicas())
                                    + " replicas: a partition has 1 to 7; leave it out for the cluster's default")
                    .asException();
        }
        check(request.getOptions());
        return tables.createTable(request, call.deadlineNanos()).thenApply(answer -> response(answer, call));
    }

    CompletionStage<AlterTableResponse> alterTable(AlterTableRequest request, Call call) {
        changeable(request.getName());
        var options = request.getOptions();
        if (options.equals(TableOptions.getDefaultInstance())) {
            throw Problem.inField(
                            ErrorReason.BAD_OPTION,
                            "options",
                            "nothing to alter; give default_time_to_live_millis, default_read_consistency or"
                                    + " max_value_bytes")
                    .asException();
        }
        check(options);
        return tables.alterTable(request, call.deadlineNanos()).thenApply(answer -> response(answer, call));
    }

    private void check(TableOptions options) {
        if (options.getDefaultTimeToLiveMillis() < 0) {
            throw badOption(
                    "default_time_to_live_millis",
                    Long.toUnsignedString(options.getDefaultTimeToLiveMillis())
                            + " ms is more than can be counted; 0 means that values never expire");
        }
        if (options.getDefaultReadConsistency() == ReadConsistency.UNRECOGNIZED
                || options.hasDefaultReadConsistency()
                        && options.getDefaultReadConsistency() == ReadConsistency.READ_CONSISTENCY_UNSPECIFIED) {
            throw badOption("default_read_consistency", "it must be STRONG, SESSION or EVENTUAL");
        }
        if (Integer.compareUnsigned(options.getMaxValueBytes(), limits.valueBytes()) > 0) {
            throw badOption(
                    "max_value_bytes",
                    Integer.toUnsignedString(options.getMaxValueBytes())
                            + " bytes are more than aitta.limits.value-bytes = " + limits.valueBytes());
        }
    }

    private static ProblemException badOption(String field, String message) {
        return Problem.inField(ErrorReason.BAD_OPTION, "options." + field, message)
                .asException();
    }

    /** Of an unsigned number: whether it is 0 or above {@code max}. */
    private static boolean outside(int number, int max) {
        return number == 0 || Integer.compareUnsigned(number, max) > 0;
    }

    CompletionStage<DropTableResponse> dropTable(DropTableRequest request, Call call) {
        changeable(request.getName());
        return tables.dropTable(request, call.deadlineNanos()).thenApply(answer -> response(answer, call));
    }

    CompletionStage<ListTablesResponse> listTables(ListTablesRequest request, Call call) {
        Topology now = topology.current();
        return CompletableFuture.completedFuture(ListTablesResponse.newBuilder()
                .setEpoch(now.getEpoch())
                .addAllTables(now.getTablesList())
                .build());
    }

    CompletionStage<DescribeTableResponse> describeTable(DescribeTableRequest request, Call call) {
        Topology now = topology.current();
        return CompletableFuture.completedFuture(DescribeTableResponse.newBuilder()
                .setEpoch(now.getEpoch())
                .setTable(table(now, request.getName()))
                .addAllPartitions(partitions(now, request.getName()))
                .build());
    }

    CompletionStage<ListNodesResponse> listNodes(ListNodesRequest request, Call call) {
        Topology now = topology.current();
        return CompletableFuture.completedFuture(ListNodesResponse.newBuilder()
                .setEpoch(now.getEpoch())
                .addAllNodes(now.getNodesList())
                .build());
    }

    CompletionStage<ListPartitionsResponse> listPartitions(ListPartitionsRequest request, Call call) {
        Topology now = topology.current();
        List<Partition> wanted = now.getPartitionsList();
        if (!request.getTable().isEmpty()) {
            wanted = partitions(now, table(now, request.getTable()).getName());
        }
        return CompletableFuture.completedFuture(ListPartitionsResponse.newBuilder()
                .setEpoch(now.getEpoch())
                .addAllPartitions(wanted)
                .build());
    }

    CompletionStage<Topology> getTopology(GetTopologyRequest request, Call call) {
        return CompletableFuture.completedFuture(topology.current());
    }

    private static void changeable(String name) {
        if (TableNames.isSystem(name)) {
            throw TableNames.isProtected(name);
        }
        if (!TableNames.isLegal(name)) {
            throw TableNames.illegal(name);
        }
    }

    private static Table table(Topology topology, String name) {
        return topology.getTablesList().stream()
                .filter(table -> table.getName().equals(name))
                .findFirst()
                .orElseThrow(() -> TableNames.unknown(name, topology));
    }

    private static List<Partition> partitions(Topology topology, String table) {
        return topology.getPartitionsList().stream()
                .filter(partition -> partition.getTable().equals(table))
                .toList();
    }

    private static <T> T response(Answer<T> answer, Call call) {
        if (answer instanceof Answer.Done<T> done) {
            return done.response();
        }
        if (answer instanceof Answer.Refused<T> refused) {
            throw Problem.of(ErrorReason.valueOf(refused.reason().name()), refused.message())
                    .asException();
        }
        throw Problem.outcomeUnknown(((Answer.Unknown<T>) answer).message(), call.isExpired())
                .asException();
    }
}
