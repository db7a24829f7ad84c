package io.aitta.gateway;

import io.aitta.proto.v1.DiffTopologyRequest;
import io.aitta.proto.v1.DiffTopologyResponse;
import io.aitta.proto.v1.GetTopologyRequest;
import io.aitta.proto.v1.Topology;
import java.util.concurrent.CompletionStage;

/** Topologies of the past. All in the requests is within the API's bounds. See {@link ClusterAdmin}. */
public interface TopologyHistory {
    /** @param request with an epoch */
    CompletionStage<Answer<Topology>> getTopology(GetTopologyRequest request, long deadlineNanos);

    CompletionStage<Answer<DiffTopologyResponse>> diffTopology(DiffTopologyRequest request, long deadlineNanos);
}
