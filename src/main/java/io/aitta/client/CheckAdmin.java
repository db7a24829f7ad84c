package io.aitta.client;

import static io.aitta.client.AdminCalls.isNoPartition;
import static io.aitta.client.AdminCalls.noPartition;

import io.aitta.client.Exchange.Safety;
import io.aitta.proto.v1.AdminGrpc;
import io.aitta.proto.v1.CheckClusterRequest;
import io.aitta.proto.v1.CheckClusterResponse;
import io.aitta.proto.v1.CompareReplicasRequest;
import io.aitta.proto.v1.CompareReplicasResponse;
import java.util.concurrent.CompletionStage;

/**
 * Whether all is as it should be, asynchronously: see {@link AittaAdmin#checks()}. Questions, that are asked again when an
 * answer was lost. Immutable, thread-safe.
 */
public final class CheckAdmin {
    private final AdminCalls calls;

    CheckAdmin(AdminCalls calls) {
        this.calls = calls;
    }

    /** The same for callers that wait. */
    public BlockingView blocking() {
        return new BlockingView(this);
    }

    /** One verdict for the whole cluster, by the word of all nodes. Takes some seconds where nodes do not answer. */
    public CompletionStage<CheckClusterResponse> cluster() {
        return calls.call(AdminGrpc.getCheckClusterMethod(), Safety.READ, CheckClusterRequest.getDefaultInstance());
    }

    /**
     * Compares what all replicas of a partition hold at one log index, while writes go on. If the answer is COMPARING, ask
     * again with the {@code comparison} that it names, until it is not: after a minute and the time it takes to read the
     * replicas, or sooner. Refused with TABLE_NOT_FOUND or PARTITION_NOT_FOUND.
     *
     * @param comparison empty: begins one
     */
    public CompletionStage<CompareReplicasResponse> compareReplicas(String table, int partition, String comparison) {
        if (isNoPartition(partition)) {
            return noPartition(partition);
        }
        var request = CompareReplicasRequest.newBuilder()
                .setTable(table)
                .setPartition(partition)
                .setComparison(comparison);
        return calls.call(AdminGrpc.getCompareReplicasMethod(), Safety.READ, request.build());
    }

    /** The same operations, each of which waits for its answer and throws {@link AittaException}. Thread-safe. */
    public static final class BlockingView {
        private final CheckAdmin checks;

        private BlockingView(CheckAdmin checks) {
            this.checks = checks;
        }

        /** See {@link CheckAdmin#cluster}. */
        public CheckClusterResponse cluster() {
            return Blocking.await(checks.cluster());
        }

        /** See {@link CheckAdmin#compareReplicas}. */
        public CompareReplicasResponse compareReplicas(String table, int partition, String comparison) {
            return Blocking.await(checks.compareReplicas(table, partition, comparison));
        }
    }
}
