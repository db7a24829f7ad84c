package io.aitta.gateway;

import io.aitta.proto.v1.GetInfoRequest;
import io.aitta.proto.v1.GetInfoResponse;
import io.aitta.proto.v1.GetSlowLogRequest;
import io.aitta.proto.v1.GetSlowLogResponse;
import java.util.concurrent.CompletionStage;

/** How the cluster fares, by the word of its nodes. See {@link ClusterAdmin}. */
public interface InfoAdmin {
    CompletionStage<Answer<GetInfoResponse>> getInfo(GetInfoRequest request, long deadlineNanos);

    /** @param request with a limit from 1 to 1,000 */
    CompletionStage<Answer<GetSlowLogResponse>> getSlowLog(GetSlowLogRequest request, long deadlineNanos);
}
