package io.aitta.gateway;

import io.aitta.proto.v1.GetInfoRequest;
import io.aitta.proto.v1.GetInfoResponse;
import io.aitta.proto.v1.GetSlowLogRequest;
import io.aitta.proto.v1.GetSlowLogResponse;
import io.aitta.proto.v1.Topology;
import java.util.concurrent.CompletionStage;

/** What the Admin service says of how the cluster fares. Throws, or fails its stages, with {@link ProblemException}. */
final class InfoService {
    private static final int SLOW_UNLESS_SAID = 100;
    private static final int MOST_SLOW = 1_000;

    private final TopologySource topology;
    private final CompletionStage<ClusterAdmin> cluster;

    InfoService(TopologySource topology, CompletionStage<ClusterAdmin> cluster) {
        this.topology = topology;
        this.cluster = cluster;
    }

    CompletionStage<GetInfoResponse> info(GetInfoRequest request, Call call) {
        thereAre(request.getTable(), request.getNode());
        return AdminChecks.answered(cluster, there -> there.info().getInfo(request, call.deadlineNanos()), call);
    }

    CompletionStage<GetSlowLogResponse> slowLog(GetSlowLogRequest request, Call call) {
        thereAre(request.getTable(), request.getNode());
        if (Integer.compareUnsigned(request.getLimit(), MOST_SLOW) > 0) {
            throw AdminChecks.badOption(
                    "limit",
                    Integer.toUnsignedString(request.getLimit()) + " slow requests are more than are told at once, "
                            + MOST_SLOW);
        }
        var limited = request.getLimit() == 0
                ? request.toBuilder().setLimit(SLOW_UNLESS_SAID).build()
                : request;
        return AdminChecks.answered(cluster, there -> there.info().getSlowLog(limited, call.deadlineNanos()), call);
    }

    /** What is named; the empty name stands for all. */
    private void thereAre(String table, String node) {
        Topology now = topology.current();
        if (!table.isEmpty()) {
            AdminChecks.table(now, table);
        }
        boolean known = node.isEmpty()
                || now.getNodesList().stream().anyMatch(one -> one.getId().equals(node));
        if (!known) {
            throw AdminChecks.noSuchNode(now, "node", node);
        }
    }
}
