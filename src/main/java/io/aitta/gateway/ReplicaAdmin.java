package io.aitta.gateway;

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
import io.aitta.proto.v1.PauseBalancingRequest;
import io.aitta.proto.v1.RebalanceRequest;
import io.aitta.proto.v1.RebalanceResponse;
import io.aitta.proto.v1.RecoverPartitionRequest;
import io.aitta.proto.v1.RemoveReplicaRequest;
import io.aitta.proto.v1.TransferPrimaryRequest;
import io.aitta.proto.v1.TransferPrimaryResponse;
import java.util.concurrent.CompletionStage;

/**
 * Replicas: how they are now, and orders to move them. All in the requests is within the API's bounds. See {@link
 * ClusterAdmin}.
 */
public interface ReplicaAdmin {
    CompletionStage<Answer<DescribePartitionResponse>> describePartition(
            DescribePartitionRequest request, long deadlineNanos);

    /** With live state, whatever the request says of that. */
    CompletionStage<Answer<ListPartitionsResponse>> listPartitions(ListPartitionsRequest request, long deadlineNanos);

    CompletionStage<Answer<RebalanceResponse>> rebalance(RebalanceRequest request, long deadlineNanos);

    CompletionStage<Answer<ChangeResponse>> pauseBalancing(PauseBalancingRequest request, long deadlineNanos);

    CompletionStage<Answer<MigrateResponse>> migrate(MigrateRequest request, long deadlineNanos);

    CompletionStage<Answer<MigrateResponse>> addReplica(AddReplicaRequest request, long deadlineNanos);

    CompletionStage<Answer<MigrateResponse>> removeReplica(RemoveReplicaRequest request, long deadlineNanos);

    CompletionStage<Answer<TransferPrimaryResponse>> transferPrimary(
            TransferPrimaryRequest request, long deadlineNanos);

    CompletionStage<Answer<ListMigrationsResponse>> listMigrations(ListMigrationsRequest request, long deadlineNanos);

    CompletionStage<Answer<ChangeResponse>> cancelMigration(CancelMigrationRequest request, long deadlineNanos);

    CompletionStage<Answer<ChangeResponse>> recoverPartition(RecoverPartitionRequest request, long deadlineNanos);
}
