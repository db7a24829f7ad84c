package io.aitta.gateway;

import io.aitta.proto.v1.ChangeResponse;
import io.aitta.proto.v1.DescribeNodeRequest;
import io.aitta.proto.v1.DescribeNodeResponse;
import io.aitta.proto.v1.DrainNodeRequest;
import io.aitta.proto.v1.ListNodesRequest;
import io.aitta.proto.v1.ListNodesResponse;
import io.aitta.proto.v1.RemoveNodeRequest;
import io.aitta.proto.v1.RemoveNodeResponse;
import io.aitta.proto.v1.SetNodeWeightRequest;
import io.aitta.proto.v1.SetNodeZoneRequest;
import io.aitta.proto.v1.Topology;
import io.aitta.proto.v1.UndrainNodeRequest;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** What the Admin service says and orders of nodes. Throws, or fails its stages, with {@link ProblemException}. */
final class NodeService {
    private final TopologySource topology;
    private final CompletionStage<ClusterAdmin> cluster;

    NodeService(TopologySource topology, CompletionStage<ClusterAdmin> cluster) {
        this.topology = topology;
        this.cluster = cluster;
    }

    CompletionStage<ListNodesResponse> list(ListNodesRequest request, Call call) {
        Topology now = topology.current();
        return CompletableFuture.completedFuture(ListNodesResponse.newBuilder()
                .setEpoch(now.getEpoch())
                .addAllNodes(now.getNodesList())
                .addAllNodes(topology.removedNodes(now))
                .build());
    }

    CompletionStage<DescribeNodeResponse> describe(DescribeNodeRequest request, Call call) {
        Topology now = topology.current();
        boolean known =
                now.getNodesList().stream().anyMatch(node -> node.getId().equals(request.getNode()))
                        || topology.removedNodes(now).stream()
                                .anyMatch(node -> node.getId().equals(request.getNode()));
        if (!known) {
            throw AdminChecks.noSuchNode(now, "node", request.getNode());
        }
        return AdminChecks.answered(cluster, there -> there.nodes().describeNode(request, call.deadlineNanos()), call);
    }

    CompletionStage<ChangeResponse> drain(DrainNodeRequest request, Call call) {
        possible("node", request.getNode());
        if (!request.getReplacement().isEmpty()) {
            possible("replacement", request.getReplacement());
            if (request.getReplacement().equals(request.getNode())) {
                throw AdminChecks.badOption(
                        "replacement", "node " + request.getNode() + " cannot be replaced by itself; name another one");
            }
        }
        return AdminChecks.answered(cluster, there -> there.nodes().drainNode(request, call.deadlineNanos()), call);
    }

    CompletionStage<ChangeResponse> undrain(UndrainNodeRequest request, Call call) {
        possible("node", request.getNode());
        return AdminChecks.answered(cluster, there -> there.nodes().undrainNode(request, call.deadlineNanos()), call);
    }

    CompletionStage<RemoveNodeResponse> remove(RemoveNodeRequest request, Call call) {
        possible("node", request.getNode());
        return AdminChecks.answered(cluster, there -> there.nodes().removeNode(request, call.deadlineNanos()), call);
    }

    CompletionStage<ChangeResponse> setWeight(SetNodeWeightRequest request, Call call) {
        possible("node", request.getNode());
        AdminChecks.weight(request.getWeight());
        return AdminChecks.answered(cluster, there -> there.nodes().setNodeWeight(request, call.deadlineNanos()), call);
    }

    CompletionStage<ChangeResponse> setZone(SetNodeZoneRequest request, Call call) {
        possible("node", request.getNode());
        AdminChecks.zone(request.getZone());
        return AdminChecks.answered(cluster, there -> there.nodes().setNodeZone(request, call.deadlineNanos()), call);
    }

    private void possible(String field, String node) {
        AdminChecks.nodeId(topology.current(), field, node);
    }
}
