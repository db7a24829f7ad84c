package io.aitta.client;

import com.google.protobuf.Message;
import io.aitta.proto.v1.AddReplicaRequest;
import io.aitta.proto.v1.AdminGrpc;
import io.aitta.proto.v1.CancelMigrationRequest;
import io.aitta.proto.v1.ChangeResponse;
import io.aitta.proto.v1.CheckClusterRequest;
import io.aitta.proto.v1.CheckClusterResponse;
import io.aitta.proto.v1.CheckVerdict;
import io.aitta.proto.v1.CompareReplicasRequest;
import io.aitta.proto.v1.CompareReplicasResponse;
import io.aitta.proto.v1.ComparisonResult;
import io.aitta.proto.v1.DescribeNodeRequest;
import io.aitta.proto.v1.DescribeNodeResponse;
import io.aitta.proto.v1.DescribePartitionRequest;
import io.aitta.proto.v1.DescribePartitionResponse;
import io.aitta.proto.v1.DiffTopologyRequest;
import io.aitta.proto.v1.DiffTopologyResponse;
import io.aitta.proto.v1.DrainNodeRequest;
import io.aitta.proto.v1.GetInfoRequest;
import io.aitta.proto.v1.GetInfoResponse;
import io.aitta.proto.v1.GetSlowLogRequest;
import io.aitta.proto.v1.GetSlowLogResponse;
import io.aitta.proto.v1.ListMigrationsRequest;
import io.aitta.proto.v1.ListMigrationsResponse;
import io.aitta.proto.v1.MigrateRequest;
import io.aitta.proto.v1.MigrateResponse;
import io.aitta.proto.v1.Migration;
import io.aitta.proto.v1.MigrationPhase;
import io.aitta.proto.v1.MoveCause;
import io.aitta.proto.v1.Node;
import io.aitta.proto.v1.PauseBalancingRequest;
import io.aitta.proto.v1.RebalanceRequest;
import io.aitta.proto.v1.RebalanceResponse;
import io.aitta.proto.v1.RecoverPartitionRequest;
import io.aitta.proto.v1.RemoveNodeRequest;
import io.aitta.proto.v1.RemoveNodeResponse;
import io.aitta.proto.v1.RemoveReplicaRequest;
import io.aitta.proto.v1.SetNodeWeightRequest;
import io.aitta.proto.v1.SetNodeZoneRequest;
import io.aitta.proto.v1.SetTableLearnersRequest;
import io.aitta.proto.v1.SetTableReplicasRequest;
import io.aitta.proto.v1.TransferPrimaryRequest;
import io.aitta.proto.v1.TransferPrimaryResponse;
import io.aitta.proto.v1.UndrainNodeRequest;
import io.grpc.stub.StreamObserver;
import java.util.function.LongFunction;

/**
 * The part of a fake cluster that takes orders: says yes to everything, in an epoch of its own, and does nothing. Each
 * answer can be replaced by {@link FakeCluster#script}.
 */
abstract class FakeOrders extends AdminGrpc.AdminImplBase {
    /** @param work is given the epoch of the change */
    abstract <R extends Message> void answer(Message request, StreamObserver<R> observer, LongFunction<R> work);

    private void change(Message request, StreamObserver<ChangeResponse> observer) {
        answer(request, observer, epoch -> ChangeResponse.newBuilder()
                .setEpoch(epoch)
                .build());
    }

    private static Migration.Builder begun(String table, int partition) {
        return Migration.newBuilder()
                .setId(7)
                .setTable(table)
                .setPartition(partition)
                .setCause(MoveCause.ORDERED)
                .setPhase(MigrationPhase.WAITING);
    }

    private void move(Message request, StreamObserver<MigrateResponse> observer, Migration.Builder migration) {
        answer(request, observer, epoch -> MigrateResponse.newBuilder()
                .setEpoch(epoch)
                .setMigration(migration)
                .build());
    }

    @Override
    public void diffTopology(DiffTopologyRequest q, StreamObserver<DiffTopologyResponse> observer) {
        answer(q, observer, epoch -> DiffTopologyResponse.getDefaultInstance());
    }

    @Override
    public void describeNode(DescribeNodeRequest q, StreamObserver<DescribeNodeResponse> observer) {
        answer(q, observer, epoch -> DescribeNodeResponse.newBuilder()
                .setEpoch(epoch)
                .setNode(Node.newBuilder().setId(q.getNode()))
                .build());
    }

    @Override
    public void drainNode(DrainNodeRequest q, StreamObserver<ChangeResponse> observer) {
        change(q, observer);
    }

    @Override
    public void undrainNode(UndrainNodeRequest q, StreamObserver<ChangeResponse> observer) {
        change(q, observer);
    }

    @Override
    public void removeNode(RemoveNodeRequest q, StreamObserver<RemoveNodeResponse> observer) {
        answer(q, observer, epoch -> RemoveNodeResponse.newBuilder()
                .setEpoch(epoch)
                .build());
    }

    @Override
    public void setNodeWeight(SetNodeWeightRequest q, StreamObserver<ChangeResponse> observer) {
        change(q, observer);
    }

    @Override
    public void setNodeZone(SetNodeZoneRequest q, StreamObserver<ChangeResponse> observer) {
        change(q, observer);
    }

    @Override
    public void getInfo(GetInfoRequest q, StreamObserver<GetInfoResponse> observer) {
        answer(q, observer, epoch -> GetInfoResponse.newBuilder()
                .setEpoch(epoch)
                .build());
    }

    @Override
    public void getSlowLog(GetSlowLogRequest q, StreamObserver<GetSlowLogResponse> observer) {
        answer(q, observer, epoch -> GetSlowLogResponse.getDefaultInstance());
    }

    @Override
    public void describePartition(DescribePartitionRequest q, StreamObserver<DescribePartitionResponse> observer) {
        answer(q, observer, epoch -> DescribePartitionResponse.newBuilder()
                .setEpoch(epoch)
                .build());
    }

    @Override
    public void rebalance(RebalanceRequest q, StreamObserver<RebalanceResponse> observer) {
        answer(q, observer, epoch -> RebalanceResponse.newBuilder()
                .setEpoch(epoch)
                .build());
    }

    @Override
    public void pauseBalancing(PauseBalancingRequest q, StreamObserver<ChangeResponse> observer) {
        change(q, observer);
    }

    @Override
    public void migrate(MigrateRequest q, StreamObserver<MigrateResponse> observer) {
        move(
                q,
                observer,
                begun(q.getTable(), q.getPartition()).setFrom(q.getFrom()).setTo(q.getTo()));
    }

    @Override
    public void addReplica(AddReplicaRequest q, StreamObserver<MigrateResponse> observer) {
        move(
                q,
                observer,
                begun(q.getTable(), q.getPartition()).setTo(q.getNode()).setLearner(q.getLearner()));
    }

    @Override
    public void removeReplica(RemoveReplicaRequest q, StreamObserver<MigrateResponse> observer) {
        move(q, observer, begun(q.getTable(), q.getPartition()).setFrom(q.getNode()));
    }

    @Override
    public void transferPrimary(TransferPrimaryRequest q, StreamObserver<TransferPrimaryResponse> observer) {
        answer(q, observer, epoch -> TransferPrimaryResponse.newBuilder()
                .setEpoch(epoch)
                .setDone(true)
                .build());
    }

    @Override
    public void listMigrations(ListMigrationsRequest q, StreamObserver<ListMigrationsResponse> observer) {
        answer(q, observer, epoch -> ListMigrationsResponse.newBuilder()
                .setEpoch(epoch)
                .setPlanned(0)
                .build());
    }

    @Override
    public void cancelMigration(CancelMigrationRequest q, StreamObserver<ChangeResponse> observer) {
        change(q, observer);
    }

    @Override
    public void setTableReplicas(SetTableReplicasRequest q, StreamObserver<ChangeResponse> observer) {
        change(q, observer);
    }

    @Override
    public void setTableLearners(SetTableLearnersRequest q, StreamObserver<ChangeResponse> observer) {
        change(q, observer);
    }

    @Override
    public void recoverPartition(RecoverPartitionRequest q, StreamObserver<ChangeResponse> observer) {
        change(q, observer);
    }

    @Override
    public void checkCluster(CheckClusterRequest q, StreamObserver<CheckClusterResponse> observer) {
        answer(q, observer, epoch -> CheckClusterResponse.newBuilder()
                .setVerdict(CheckVerdict.VERDICT_HEALTHY)
                .setEpoch(epoch)
                .build());
    }

    @Override
    public void compareReplicas(CompareReplicasRequest q, StreamObserver<CompareReplicasResponse> observer) {
        answer(q, observer, epoch -> CompareReplicasResponse.newBuilder()
                .setResult(ComparisonResult.REPLICAS_EQUAL)
                .build());
    }
}
