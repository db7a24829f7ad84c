package io.aitta.gateway;

import io.aitta.config.LimitSettings;
import io.aitta.proto.v1.AlterTableRequest;
import io.aitta.proto.v1.AlterTableResponse;
import io.aitta.proto.v1.ChangeResponse;
import io.aitta.proto.v1.CreateTableRequest;
import io.aitta.proto.v1.CreateTableResponse;
import io.aitta.proto.v1.DescribeTableRequest;
import io.aitta.proto.v1.DescribeTableResponse;
import io.aitta.proto.v1.DiffTopologyRequest;
import io.aitta.proto.v1.DiffTopologyResponse;
import io.aitta.proto.v1.DropTableRequest;
import io.aitta.proto.v1.DropTableResponse;
import io.aitta.proto.v1.GetTopologyRequest;
import io.aitta.proto.v1.ListTablesRequest;
import io.aitta.proto.v1.ListTablesResponse;
import io.aitta.proto.v1.Partition;
import io.aitta.proto.v1.ReadConsistency;
import io.aitta.proto.v1.SetTableLearnersRequest;
import io.aitta.proto.v1.SetTableReplicasRequest;
import io.aitta.proto.v1.TableOptions;
import io.aitta.proto.v1.Topology;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * What the Admin service says and orders of tables and of the topology, but for watching: {@link TopologyWatch}. Questions
 * are answered from what this node knows; changes go to the orchestrator, which decides whether they fit. Throws, or
 * fails its stages, with {@link ProblemException}.
 */
final class AdminService {
    private static final int MAX_PARTITIONS = 4_096;
    private static final int MAX_REPLICAS = 7;

    private final TopologySource topology;
    private final CompletionStage<ClusterAdmin> cluster;
    private final LimitSettings limits;

    /** @param cluster done when the node has joined one */
    AdminService(TopologySource topology, CompletionStage<ClusterAdmin> cluster, LimitSettings limits) {
        this.topology = topology;
        this.cluster = cluster;
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
        return AdminChecks.answered(cluster, there -> there.tables().createTable(request, call.deadlineNanos()), call);
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
        return AdminChecks.answered(cluster, there -> there.tables().alterTable(request, call.deadlineNanos()), call);
    }

    private void check(TableOptions options) {
        if (options.getDefaultTimeToLiveMillis() < 0) {
            throw AdminChecks.badOption(
                    "options.default_time_to_live_millis",
                    Long.toUnsignedString(options.getDefaultTimeToLiveMillis())
                            + " ms is more than can be counted; 0 means that values never expire");
        }
        if (options.getDefaultReadConsistency() == ReadConsistency.UNRECOGNIZED
                || options.hasDefaultReadConsistency()
                        && options.getDefaultReadConsistency() == ReadConsistency.READ_CONSISTENCY_UNSPECIFIED) {
            throw AdminChecks.badOption("options.default_read_consistency", "it must be STRONG, SESSION or EVENTUAL");
        }
        if (Integer.compareUnsigned(options.getMaxValueBytes(), limits.valueBytes()) > 0) {
            throw AdminChecks.badOption(
                    "options.max_value_bytes",
                    Integer.toUnsignedString(options.getMaxValueBytes())
                            + " bytes are more than aitta.limits.value-bytes = " + limits.valueBytes());
        }
    }

    /** Of an unsigned number: whether it is 0 or above {@code max}. */
    private static boolean outside(int number, int max) {
        return number == 0 || Integer.compareUnsigned(number, max) > 0;
    }

    CompletionStage<DropTableResponse> dropTable(DropTableRequest request, Call call) {
        changeable(request.getName());
        return AdminChecks.answered(cluster, there -> there.tables().dropTable(request, call.deadlineNanos()), call);
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
                .setTable(AdminChecks.table(now, request.getName()))
                .addAllPartitions(partitions(now, request.getName()))
                .build());
    }

    CompletionStage<ChangeResponse> setTableReplicas(SetTableReplicasRequest request, Call call) {
        AdminChecks.tableName(request.getTable());
        AdminChecks.replicas("replicas", request.getReplicas(), 1);
        return AdminChecks.answered(cluster, there -> there.tables().setReplicas(request, call.deadlineNanos()), call);
    }

    CompletionStage<ChangeResponse> setTableLearners(SetTableLearnersRequest request, Call call) {
        AdminChecks.tableName(request.getTable());
        AdminChecks.zone(request.getZone());
        AdminChecks.replicas("count", request.getCount(), 0);
        return AdminChecks.answered(cluster, there -> there.tables().setLearners(request, call.deadlineNanos()), call);
    }

    CompletionStage<Topology> getTopology(GetTopologyRequest request, Call call) {
        Topology now = topology.current();
        if (!request.hasEpoch() || request.getEpoch() == now.getEpoch()) {
            return CompletableFuture.completedFuture(now);
        }
        AdminChecks.pastEpoch(now, "epoch", request.getEpoch());
        return AdminChecks.answered(cluster, there -> there.history().getTopology(request, call.deadlineNanos()), call);
    }

    CompletionStage<DiffTopologyResponse> diffTopology(DiffTopologyRequest request, Call call) {
        Topology now = topology.current();
        long to = request.hasToEpoch() ? request.getToEpoch() : now.getEpoch();
        AdminChecks.pastEpoch(now, "from_epoch", request.getFromEpoch());
        AdminChecks.pastEpoch(now, "to_epoch", to);
        if (request.getFromEpoch() > to && request.hasToEpoch()) {
            throw AdminChecks.badOption(
                    "from_epoch",
                    "epoch " + request.getFromEpoch() + " is after epoch " + to + "; the earlier one comes first");
        }
        var whole = request.toBuilder()
                .setToEpoch(Math.max(to, request.getFromEpoch()))
                .build();
        return AdminChecks.answered(cluster, there -> there.history().diffTopology(whole, call.deadlineNanos()), call);
    }

    private static void changeable(String name) {
        if (TableNames.isSystem(name)) {
            throw TableNames.isProtected(name);
        }
        if (!TableNames.isLegal(name)) {
            throw TableNames.illegal(name);
        }
    }

    static List<Partition> partitions(Topology topology, String table) {
        return topology.getPartitionsList().stream()
                .filter(partition -> partition.getTable().equals(table))
                .toList();
    }
}
