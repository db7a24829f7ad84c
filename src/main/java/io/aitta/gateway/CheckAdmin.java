package io.aitta.gateway;

import io.aitta.proto.v1.CheckClusterRequest;
import io.aitta.proto.v1.CheckClusterResponse;
import io.aitta.proto.v1.CompareReplicasRequest;
import io.aitta.proto.v1.CompareReplicasResponse;
import java.util.concurrent.CompletionStage;

/** Whether all is as it should be. All in the requests is within the API's bounds. See {@link ClusterAdmin}. */
public interface CheckAdmin {
    CompletionStage<Answer<CheckClusterResponse>> checkCluster(CheckClusterRequest request, long deadlineNanos);

    /** Answered when the comparison is over, or when the deadline is near. */
    CompletionStage<Answer<CompareReplicasResponse>> compareReplicas(
            CompareReplicasRequest request, long deadlineNanos);
}
