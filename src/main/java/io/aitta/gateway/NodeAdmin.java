package io.aitta.gateway;

import io.aitta.proto.v1.ChangeResponse;
import io.aitta.proto.v1.DescribeNodeRequest;
import io.aitta.proto.v1.DescribeNodeResponse;
import io.aitta.proto.v1.DrainNodeRequest;
import io.aitta.proto.v1.RemoveNodeRequest;
import io.aitta.proto.v1.RemoveNodeResponse;
import io.aitta.proto.v1.SetNodeWeightRequest;
import io.aitta.proto.v1.SetNodeZoneRequest;
import io.aitta.proto.v1.UndrainNodeRequest;
import java.util.concurrent.CompletionStage;

/** Nodes: how they are, and orders for them. All in the requests is within the API's bounds. See {@link ClusterAdmin}. */
public interface NodeAdmin {
    CompletionStage<Answer<DescribeNodeResponse>> describeNode(DescribeNodeRequest request, long deadlineNanos);

    CompletionStage<Answer<ChangeResponse>> drainNode(DrainNodeRequest request, long deadlineNanos);

    CompletionStage<Answer<ChangeResponse>> undrainNode(UndrainNodeRequest request, long deadlineNanos);

    CompletionStage<Answer<RemoveNodeResponse>> removeNode(RemoveNodeRequest request, long deadlineNanos);

    CompletionStage<Answer<ChangeResponse>> setNodeWeight(SetNodeWeightRequest request, long deadlineNanos);

    CompletionStage<Answer<ChangeResponse>> setNodeZone(SetNodeZoneRequest request, long deadlineNanos);
}
