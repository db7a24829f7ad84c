package io.aitta.client;

import static io.aitta.client.AdminCalls.isNoPartition;
import static io.aitta.client.AdminCalls.noPartition;

import io.aitta.client.Exchange.Safety;
import io.aitta.proto.v1.AddReplicaRequest;
import io.aitta.proto.v1.AdminGrpc;
import io.aitta.proto.v1.CancelMigrationRequest;
import io.aitta.proto.v1.ChangeResponse;
import io.aitta.proto.v1.ListMigrationsRequest;
import io.aitta.proto.v1.ListMigrationsResponse;
import io.aitta.proto.v1.MigrateRequest;
import io.aitta.proto.v1.MigrateResponse;
import io.aitta.proto.v1.PauseBalancingRequest;
import io.aitta.proto.v1.RebalanceRequest;
import io.aitta.proto.v1.RebalanceResponse;
import io.aitta.proto.v1.RemoveReplicaRequest;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;

/**
 * Moves of replicas, asynchronously: see {@link AittaAdmin#migrations()}. A move is answered when it stands in the
 * topology; it is done in the background, survives the nodes that do it, and can be followed by {@link #list}. Clients
 * notice nothing of it. Immutable, thread-safe.
 *
 * <p>Questions, the balance and cancelling are sent again when an answer was lost. A single move is not, and its outcome
 * is unknown then: {@link #list} tells whether it was begun.
 *
 * <p>Where an expected epoch can be given, the order is refused with STALE_EPOCH if the topology is at another one by
 * then, so that what was decided by looking at a topology is done to that topology alone. Empty: whatever it is.
 */
public final class MigrationAdmin {
    private final AdminCalls calls;

    MigrationAdmin(AdminCalls calls) {
        this.calls = calls;
    }

    /** The same for callers that wait. */
    public BlockingView blocking() {
        return new BlockingView(this);
    }

    /**
     * What is being moved, the oldest first.
     *
     * @param table empty: all tables
     * @param ended with those that are over too, at most the last 100 of the cluster
     */
    public CompletionStage<ListMigrationsResponse> list(String table, boolean ended) {
        var request = ListMigrationsRequest.newBuilder().setTable(table).setEnded(ended);
        return calls.call(AdminGrpc.getListMigrationsMethod(), Safety.READ, request.build());
    }

    /**
     * Moves a replica from one node to another, with the primary's role if it has that. Refused with NOT_A_REPLICA,
     * ALREADY_A_REPLICA, NODE_NOT_FOUND, NODE_NOT_UP, MOVE_UNDER_WAY, QUORUM_AT_RISK or STALE_EPOCH.
     */
    public CompletionStage<MigrateResponse> migrate(
            String table, int partition, String from, String to, OptionalLong expectedEpoch) {
        if (isNoPartition(partition)) {
            return noPartition(partition);
        }
        var request = MigrateRequest.newBuilder()
                .setTable(table)
                .setPartition(partition)
                .setFrom(from)
                .setTo(to);
        expectedEpoch.ifPresent(request::setExpectedEpoch);
        return calls.call(AdminGrpc.getMigrateMethod(), Safety.ONCE, request.build());
    }

    /**
     * Gives a partition one more replica, and lets it want so many from then on. Refused with ALREADY_A_REPLICA,
     * NODE_NOT_FOUND, NODE_NOT_UP, MOVE_UNDER_WAY, BAD_REPLICAS or STALE_EPOCH.
     *
     * @param learner it gets no vote: an asynchronous copy
     */
    public CompletionStage<MigrateResponse> addReplica(
            String table, int partition, String node, boolean learner, OptionalLong expectedEpoch) {
        if (isNoPartition(partition)) {
            return noPartition(partition);
        }
        var request = AddReplicaRequest.newBuilder()
                .setTable(table)
                .setPartition(partition)
                .setNode(node)
                .setLearner(learner);
        expectedEpoch.ifPresent(request::setExpectedEpoch);
        return calls.call(AdminGrpc.getAddReplicaMethod(), Safety.ONCE, request.build());
    }

    /**
     * Takes a replica and its data away, and lets the partition want one less from then on. Refused with NOT_A_REPLICA,
     * MOVE_UNDER_WAY, QUORUM_AT_RISK or STALE_EPOCH.
     */
    public CompletionStage<MigrateResponse> removeReplica(
            String table, int partition, String node, OptionalLong expectedEpoch) {
        if (isNoPartition(partition)) {
            return noPartition(partition);
        }
        var request = RemoveReplicaRequest.newBuilder()
                .setTable(table)
                .setPartition(partition)
                .setNode(node);
        expectedEpoch.ifPresent(request::setExpectedEpoch);
        return calls.call(AdminGrpc.getRemoveReplicaMethod(), Safety.ONCE, request.build());
    }

    /**
     * Takes a move back: the new replica goes, with its data, and the old one stays. Refused with MOVE_NOT_FOUND, or with
     * MOVE_NOT_CANCELLABLE if it is over or too far.
     *
     * @param id of {@link #list} or of the answer to the order
     */
    public CompletionStage<ChangeResponse> cancel(long id) {
        var request = CancelMigrationRequest.newBuilder().setId(id).build();
        return calls.call(AdminGrpc.getCancelMigrationMethod(), Safety.REPEATABLE, request);
    }

    /** What {@link #rebalance} would move now; nothing is done. */
    public CompletionStage<RebalanceResponse> planBalance(String table) {
        var request = RebalanceRequest.newBuilder().setTable(table).setDryRun(true);
        return calls.call(AdminGrpc.getRebalanceMethod(), Safety.READ, request.build());
    }

    /**
     * Gives every node its share, by as few moves as will do, in the background. The answer tells which.
     *
     * @param table empty: all tables
     */
    public CompletionStage<RebalanceResponse> rebalance(String table, OptionalLong expectedEpoch) {
        var request = RebalanceRequest.newBuilder().setTable(table);
        expectedEpoch.ifPresent(request::setExpectedEpoch);
        return calls.call(AdminGrpc.getRebalanceMethod(), Safety.REPEATABLE, request.build());
    }

    /**
     * Nothing is moved for the balance's sake until this is taken back. Repairs, drains and orders go on.
     *
     * @param paused false: it goes on
     */
    public CompletionStage<ChangeResponse> pauseBalancing(boolean paused) {
        var request = PauseBalancingRequest.newBuilder().setPaused(paused).build();
        return calls.call(AdminGrpc.getPauseBalancingMethod(), Safety.REPEATABLE, request);
    }

    /** The same operations, each of which waits for its answer and throws {@link AittaException}. Thread-safe. */
    public static final class BlockingView {
        private final MigrationAdmin migrations;

        private BlockingView(MigrationAdmin migrations) {
            this.migrations = migrations;
        }

        /** See {@link MigrationAdmin#list}. */
        public ListMigrationsResponse list(String table, boolean ended) {
            return Blocking.await(migrations.list(table, ended));
        }

        /** See {@link MigrationAdmin#migrate}. */
        public MigrateResponse migrate(
                String table, int partition, String from, String to, OptionalLong expectedEpoch) {
            return Blocking.await(migrations.migrate(table, partition, from, to, expectedEpoch));
        }

        /** See {@link MigrationAdmin#addReplica}. */
        public MigrateResponse addReplica(
                String table, int partition, String node, boolean learner, OptionalLong expectedEpoch) {
            return Blocking.await(migrations.addReplica(table, partition, node, learner, expectedEpoch));
        }

        /** See {@link MigrationAdmin#removeReplica}. */
        public MigrateResponse removeReplica(String table, int partition, String node, OptionalLong expectedEpoch) {
            return Blocking.await(migrations.removeReplica(table, partition, node, expectedEpoch));
        }

        /** See {@link MigrationAdmin#cancel}. */
        public ChangeResponse cancel(long id) {
            return Blocking.await(migrations.cancel(id));
        }

        /** See {@link MigrationAdmin#planBalance}. */
        public RebalanceResponse planBalance(String table) {
            return Blocking.await(migrations.planBalance(table));
        }

        /** See {@link MigrationAdmin#rebalance}. */
        public RebalanceResponse rebalance(String table, OptionalLong expectedEpoch) {
            return Blocking.await(migrations.rebalance(table, expectedEpoch));
        }

        /** See {@link MigrationAdmin#pauseBalancing}. */
        public ChangeResponse pauseBalancing(boolean paused) {
            return Blocking.await(migrations.pauseBalancing(paused));
        }
    }
}
