package io.aitta.gateway;

import io.aitta.core.topology.TopologyState;
import io.aitta.proto.v1.AddReplicaRequest;
import io.aitta.proto.v1.CancelMigrationRequest;
import io.aitta.proto.v1.ChangeResponse;
import io.aitta.proto.v1.DescribePartitionRequest;
import io.aitta.proto.v1.DescribePartitionResponse;
import io.aitta.proto.v1.ListMigrationsRequest;
import io.aitta.proto.v1.ListMigrationsResponse;
import io.aitta.proto.v1.ListPartitionsRequest;
import io.aitta.proto.v1.ListPartitionsResponse;
import io.aitta.proto.v1.MigrateRequest;
import io.aitta.proto.v1.MigrateResponse;
import io.aitta.proto.v1.Partition;
import io.aitta.proto.v1.PauseBalancingRequest;
import io.aitta.proto.v1.RebalanceRequest;
import io.aitta.proto.v1.RebalanceResponse;
import io.aitta.proto.v1.RecoverPartitionRequest;
import io.aitta.proto.v1.RemoveReplicaRequest;
import io.aitta.proto.v1.Topology;
import io.aitta.proto.v1.TransferPrimaryRequest;
import io.aitta.proto.v1.TransferPrimaryResponse;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** What the Admin service says and orders of replicas. Throws, or fails its stages, with {@link ProblemException}. */
final class ReplicaService {
    /** Of how many partitions the live state is told in one answer. */
    static final int MAX_LIVE = 4_096;

    private final TopologySource topology;
    private final CompletionStage<ClusterAdmin> cluster;

    ReplicaService(TopologySource topology, CompletionStage<ClusterAdmin> cluster) {
        this.topology = topology;
        this.cluster = cluster;
    }

    CompletionStage<ListPartitionsResponse> list(ListPartitionsRequest request, Call call) {
        Topology now = topology.current();
        List<Partition> wanted = now.getPartitionsList();
        if (!request.getTable().isEmpty()) {
            wanted = AdminService.partitions(
                    now, AdminChecks.table(now, request.getTable()).getName());
        }
        if (!request.getLive()) {
            return CompletableFuture.completedFuture(ListPartitionsResponse.newBuilder()
                    .setEpoch(now.getEpoch())
                    .addAllPartitions(wanted)
                    .build());
        }
        if (wanted.size() > MAX_LIVE) {
            throw AdminChecks.badOption(
                    "live",
                    "the live state of " + wanted.size() + " partitions is more than one answer holds, " + MAX_LIVE
                            + "; ask for one table, or without live");
        }
        return AdminChecks.answered(
                cluster, there -> there.replicas().listPartitions(request, call.deadlineNanos()), call);
    }

    CompletionStage<DescribePartitionResponse> describe(DescribePartitionRequest request, Call call) {
        Topology now = topology.current();
        AdminChecks.table(now, request.getTable());
        AdminChecks.partition(now, request.getTable(), request.getPartition());
        return AdminChecks.answered(
                cluster, there -> there.replicas().describePartition(request, call.deadlineNanos()), call);
    }

    CompletionStage<RebalanceResponse> rebalance(RebalanceRequest request, Call call) {
        Topology now = topology.current();
        if (!request.getTable().isEmpty()) {
            AdminChecks.table(now, request.getTable());
        }
        AdminChecks.expectedEpoch(now, request.hasExpectedEpoch(), request.getExpectedEpoch());
        return AdminChecks.answered(cluster, there -> there.replicas().rebalance(request, call.deadlineNanos()), call);
    }

    CompletionStage<ChangeResponse> pauseBalancing(PauseBalancingRequest request, Call call) {
        return AdminChecks.answered(
                cluster, there -> there.replicas().pauseBalancing(request, call.deadlineNanos()), call);
    }

    CompletionStage<MigrateResponse> migrate(MigrateRequest request, Call call) {
        possible(request.getTable(), request.getPartition());
        possible("from", request.getFrom());
        possible("to", request.getTo());
        if (request.getFrom().equals(request.getTo())) {
            throw Problem.inField(
                            ErrorReason.ALREADY_A_REPLICA,
                            "to",
                            "the replica is to go from node " + request.getFrom()
                                    + " to the same node; name another target")
                    .asException();
        }
        AdminChecks.expectedEpoch(topology.current(), request.hasExpectedEpoch(), request.getExpectedEpoch());
        return AdminChecks.answered(cluster, there -> there.replicas().migrate(request, call.deadlineNanos()), call);
    }

    CompletionStage<MigrateResponse> addReplica(AddReplicaRequest request, Call call) {
        possible(request.getTable(), request.getPartition());
        possible("node", request.getNode());
        AdminChecks.expectedEpoch(topology.current(), request.hasExpectedEpoch(), request.getExpectedEpoch());
        return AdminChecks.answered(cluster, there -> there.replicas().addReplica(request, call.deadlineNanos()), call);
    }

    CompletionStage<MigrateResponse> removeReplica(RemoveReplicaRequest request, Call call) {
        possible(request.getTable(), request.getPartition());
        possible("node", request.getNode());
        AdminChecks.expectedEpoch(topology.current(), request.hasExpectedEpoch(), request.getExpectedEpoch());
        return AdminChecks.answered(
                cluster, there -> there.replicas().removeReplica(request, call.deadlineNanos()), call);
    }

    CompletionStage<TransferPrimaryResponse> transferPrimary(TransferPrimaryRequest request, Call call) {
        possible(request.getTable(), request.getPartition());
        possible("node", request.getNode());
        return AdminChecks.answered(
                cluster, there -> there.replicas().transferPrimary(request, call.deadlineNanos()), call);
    }

    CompletionStage<ListMigrationsResponse> listMigrations(ListMigrationsRequest request, Call call) {
        if (!request.getTable().isEmpty()) {
            AdminChecks.table(topology.current(), request.getTable());
        }
        return AdminChecks.answered(
                cluster, there -> there.replicas().listMigrations(request, call.deadlineNanos()), call);
    }

    CompletionStage<ChangeResponse> cancelMigration(CancelMigrationRequest request, Call call) {
        if (request.getId() <= 0) {
            throw Problem.inField(
                            ErrorReason.MOVE_NOT_FOUND,
                            "id",
                            "there is no migration " + Long.toUnsignedString(request.getId())
                                    + "; ListMigrations tells those under way")
                    .asException();
        }
        return AdminChecks.answered(
                cluster, there -> there.replicas().cancelMigration(request, call.deadlineNanos()), call);
    }

    CompletionStage<ChangeResponse> recover(RecoverPartitionRequest request, Call call) {
        possible(request.getTable(), request.getPartition());
        request.getSurvivorsList().forEach(survivor -> possible("survivors", survivor));
        if (request.getSurvivorsCount() > TopologyState.MAX_REPLICAS
                || new HashSet<>(request.getSurvivorsList()).size() < request.getSurvivorsCount()) {
            throw AdminChecks.badOption(
                    "survivors",
                    "name each surviving replica once, or none to have the one chosen that has the most of the log");
        }
        if (!request.getAcceptLoss()) {
            throw AdminChecks.badOption(
                    "accept_loss",
                    "what only the lost replicas had is given up by this; say so with accept_loss = true");
        }
        return AdminChecks.answered(
                cluster, there -> there.replicas().recoverPartition(request, call.deadlineNanos()), call);
    }

    private void possible(String table, int partition) {
        AdminChecks.partition(topology.current(), table, partition);
    }

    private void possible(String field, String node) {
        AdminChecks.nodeId(topology.current(), field, node);
    }
}
