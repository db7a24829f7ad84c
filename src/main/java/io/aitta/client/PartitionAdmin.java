package io.aitta.client;

import static io.aitta.client.AdminCalls.isNoPartition;
import static io.aitta.client.AdminCalls.noPartition;

import io.aitta.client.Exchange.Safety;
import io.aitta.proto.v1.AdminGrpc;
import io.aitta.proto.v1.ChangeResponse;
import io.aitta.proto.v1.DescribePartitionRequest;
import io.aitta.proto.v1.DescribePartitionResponse;
import io.aitta.proto.v1.ListPartitionsRequest;
import io.aitta.proto.v1.ListPartitionsResponse;
import io.aitta.proto.v1.RecoverPartitionRequest;
import io.aitta.proto.v1.TransferPrimaryRequest;
import io.aitta.proto.v1.TransferPrimaryResponse;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * How partitions stand, who is primary, and what is left when a majority is gone, asynchronously: see {@link
 * AittaAdmin#partitions()}. Immutable, thread-safe.
 *
 * <p>Every operation is refused with TABLE_NOT_FOUND or PARTITION_NOT_FOUND. Questions are asked again when an answer was
 * lost; orders are not, and their outcome is unknown then.
 */
public final class PartitionAdmin {
    private final AdminCalls calls;

    PartitionAdmin(AdminCalls calls) {
        this.calls = calls;
    }

    /** The same for callers that wait. */
    public BlockingView blocking() {
        return new BlockingView(this);
    }

    /**
     * The partitions with the state of each replica, as their nodes tell it now. Refused with BAD_OPTION if they are more
     * than 4,096. {@link AittaAdmin#listPartitions} is the same from the topology alone, of any number.
     *
     * @param table empty: all tables
     */
    public CompletionStage<ListPartitionsResponse> listLive(String table) {
        var request = ListPartitionsRequest.newBuilder().setTable(table).setLive(true);
        return calls.call(AdminGrpc.getListPartitionsMethod(), Safety.READ, request.build());
    }

    /** One partition with the state of each replica, as their nodes tell it now, and the move under way. */
    public CompletionStage<DescribePartitionResponse> describe(String table, int partition) {
        if (isNoPartition(partition)) {
            return noPartition(partition);
        }
        var request = DescribePartitionRequest.newBuilder().setTable(table).setPartition(partition);
        return calls.call(AdminGrpc.getDescribePartitionMethod(), Safety.READ, request.build());
    }

    /**
     * Makes the replica on a node the partition's primary, and the one that is preferred from then on. Answered when it is,
     * or when the deadline is near: then {@code done} is false, and it goes on. Requests meanwhile wait for some
     * milliseconds. Refused with NOT_A_REPLICA, also for a learner, and with NODE_NOT_UP.
     */
    public CompletionStage<TransferPrimaryResponse> transferPrimary(String table, int partition, String node) {
        if (isNoPartition(partition)) {
            return noPartition(partition);
        }
        var request = TransferPrimaryRequest.newBuilder()
                .setTable(table)
                .setPartition(partition)
                .setNode(node);
        // Sent once, and so given the whole time: a late second try could undo another transfer.
        return calls.call(AdminGrpc.getTransferPrimaryMethod(), Safety.ONCE, request.build());
    }

    /**
     * Has a partition go on with the survivors alone, when a majority of its voters is gone for good. Writes that only the
     * others had are lost, though they were acknowledged. The loss is accepted by calling this. Refused with
     * RECOVERY_NOT_NEEDED, NOT_A_REPLICA or NODE_NOT_UP.
     *
     * @param survivors who is to be the whole group; empty: the one that has the most of the log
     */
    public CompletionStage<ChangeResponse> recoverAcceptingLoss(String table, int partition, List<String> survivors) {
        if (isNoPartition(partition)) {
            return noPartition(partition);
        }
        var request = RecoverPartitionRequest.newBuilder()
                .setTable(table)
                .setPartition(partition)
                .addAllSurvivors(survivors)
                .setAcceptLoss(true);
        return calls.call(AdminGrpc.getRecoverPartitionMethod(), Safety.ONCE, request.build());
    }

    /** The same operations, each of which waits for its answer and throws {@link AittaException}. Thread-safe. */
    public static final class BlockingView {
        private final PartitionAdmin partitions;

        private BlockingView(PartitionAdmin partitions) {
            this.partitions = partitions;
        }

        /** See {@link PartitionAdmin#listLive}. */
        public ListPartitionsResponse listLive(String table) {
            return Blocking.await(partitions.listLive(table));
        }

        /** See {@link PartitionAdmin#describe}. */
        public DescribePartitionResponse describe(String table, int partition) {
            return Blocking.await(partitions.describe(table, partition));
        }

        /** See {@link PartitionAdmin#transferPrimary}. */
        public TransferPrimaryResponse transferPrimary(String table, int partition, String node) {
            return Blocking.await(partitions.transferPrimary(table, partition, node));
        }

        /** See {@link PartitionAdmin#recoverAcceptingLoss}. */
        public ChangeResponse recoverAcceptingLoss(String table, int partition, List<String> survivors) {
            return Blocking.await(partitions.recoverAcceptingLoss(table, partition, survivors));
        }
    }
}
