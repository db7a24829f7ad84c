package io.aitta.gateway;

import io.aitta.proto.v1.CheckClusterRequest;
import io.aitta.proto.v1.CheckClusterResponse;
import io.aitta.proto.v1.CompareReplicasRequest;
import io.aitta.proto.v1.CompareReplicasResponse;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;

/** What the Admin service says of the cluster's health. Throws, or fails its stages, with {@link ProblemException}. */
final class CheckService {
    private static final Pattern COMPARISON = Pattern.compile("[0-9a-f]{32}");

    private final TopologySource topology;
    private final CompletionStage<ClusterAdmin> cluster;

    CheckService(TopologySource topology, CompletionStage<ClusterAdmin> cluster) {
        this.topology = topology;
        this.cluster = cluster;
    }

    CompletionStage<CheckClusterResponse> check(CheckClusterRequest request, Call call) {
        return AdminChecks.answered(cluster, there -> there.checks().checkCluster(request, call.deadlineNanos()), call);
    }

    CompletionStage<CompareReplicasResponse> compare(CompareReplicasRequest request, Call call) {
        AdminChecks.table(topology.current(), request.getTable());
        AdminChecks.partition(topology.current(), request.getTable(), request.getPartition());
        String comparison = request.getComparison();
        if (!comparison.isEmpty() && !COMPARISON.matcher(comparison).matches()) {
            throw AdminChecks.badOption(
                    "comparison",
                    "'" + Text.shortened(comparison)
                            + "' names no comparison; give what an earlier answer said, or nothing to begin one");
        }
        return AdminChecks.answered(
                cluster, there -> there.checks().compareReplicas(request, call.deadlineNanos()), call);
    }
}
