package io.aitta;

import io.aitta.core.topology.Epoch;
import io.aitta.core.topology.EpochChange;
import io.aitta.core.topology.Topology;
import io.aitta.gateway.Answer;
import io.aitta.gateway.TopologyChanges;
import io.aitta.gateway.TopologyHistory;
import io.aitta.orchestrator.OrchestratorClient.HistoryAnswer;
import io.aitta.orchestrator.OrchestratorClient.PastAnswer;
import io.aitta.proto.v1.DiffTopologyRequest;
import io.aitta.proto.v1.DiffTopologyResponse;
import io.aitta.proto.v1.GetTopologyRequest;
import io.aitta.proto.v1.NodeState;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Past topologies and what led from one to the next, as {@code _meta} keeps them. How nodes were, nobody knows. */
final class ClusterHistory implements TopologyHistory {
    /** Of so many epochs the changes are told one by one. */
    private static final int EPOCHS_TOLD = 1_000;

    /** What {@code _meta} keeps; see {@link io.aitta.orchestrator.OrchestratorClient}. */
    interface Past {
        CompletionStage<PastAnswer> topologyAt(Epoch epoch);

        CompletionStage<HistoryAnswer> history(Epoch after, Epoch to);
    }

    private final Past past;

    ClusterHistory(Past past) {
        this.past = past;
    }

    @Override
    public CompletionStage<Answer<io.aitta.proto.v1.Topology>> getTopology(
            GetTopologyRequest request, long deadlineNanos) {
        return at(request.getEpoch())
                .thenApply(found -> found.map(topology -> encode(new TopologyEncoder(), topology)));
    }

    @Override
    public CompletionStage<Answer<DiffTopologyResponse>> diffTopology(DiffTopologyRequest request, long deadlineNanos) {
        long first = Math.max(request.getFromEpoch(), request.getToEpoch() - EPOCHS_TOLD);
        return at(request.getFromEpoch())
                .thenCombine(at(request.getToEpoch()), ClusterHistory::between)
                .thenCompose(between -> between instanceof Answer.Done<DiffTopologyResponse> done
                        ? past.history(new Epoch(first), new Epoch(request.getToEpoch()))
                                .thenApply(history -> with(done.response(), history))
                        : CompletableFuture.completedFuture(between));
    }

    private CompletionStage<Answer<Topology>> at(long epoch) {
        return past.topologyAt(new Epoch(epoch))
                .thenApply(answer -> answer instanceof PastAnswer.Found found
                        ? new Answer.Done<>(found.topology())
                        : refused(((PastAnswer.Refused) answer).reason(), ((PastAnswer.Refused) answer).message()));
    }

    private static Answer<DiffTopologyResponse> between(Answer<Topology> from, Answer<Topology> to) {
        if (!(from instanceof Answer.Done<Topology> before)) {
            return from.map(unused -> DiffTopologyResponse.getDefaultInstance());
        }
        // What both have is the same object then, and need not be compared.
        var encoder = new TopologyEncoder();
        var base = encode(encoder, before.response());
        return to.map(after -> DiffTopologyResponse.newBuilder()
                .setChanges(TopologyChanges.between(base, encode(encoder, after)))
                .build());
    }

    private static io.aitta.proto.v1.Topology encode(TopologyEncoder encoder, Topology topology) {
        return encoder.encode(topology, node -> NodeState.NODE_STATE_UNSPECIFIED, List.of(), "");
    }

    private static Answer<DiffTopologyResponse> with(DiffTopologyResponse changes, HistoryAnswer answer) {
        if (answer instanceof HistoryAnswer.Refused refused) {
            return refused(refused.reason(), refused.message());
        }
        var message = changes.toBuilder();
        for (EpochChange change : ((HistoryAnswer.Found) answer).changes()) {
            message.addHistory(io.aitta.proto.v1.TopologyHistory.newBuilder()
                    .setEpoch(change.epoch().value())
                    .setWallTimeMillis(change.wallTimeMillis())
                    .addAllChanges(EventWords.of(change)));
        }
        return new Answer.Done<>(message.build());
    }

    private static <T> Answer<T> refused(String reason, String message) {
        return new Answer.Refused<>(
                reason.equals("META_UNAVAILABLE") ? Answer.Reason.NO_QUORUM : Orders.reason(reason), message);
    }
}
