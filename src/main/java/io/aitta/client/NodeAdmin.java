package io.aitta.client;

import static io.aitta.client.AdminCalls.outside;
import static io.aitta.client.AdminCalls.refused;

import io.aitta.client.Exchange.Safety;
import io.aitta.proto.v1.AdminGrpc;
import io.aitta.proto.v1.ChangeResponse;
import io.aitta.proto.v1.DescribeNodeRequest;
import io.aitta.proto.v1.DescribeNodeResponse;
import io.aitta.proto.v1.DrainNodeRequest;
import io.aitta.proto.v1.RemoveNodeRequest;
import io.aitta.proto.v1.RemoveNodeResponse;
import io.aitta.proto.v1.SetNodeWeightRequest;
import io.aitta.proto.v1.SetNodeZoneRequest;
import io.aitta.proto.v1.UndrainNodeRequest;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * What is ordered for nodes, asynchronously: see {@link AittaAdmin#nodes()}. An order is answered when it stands in the
 * topology; what follows from it is done in the background and can be seen by {@link #describe} and {@link
 * MigrationAdmin#list}. Immutable, thread-safe.
 *
 * <p>Every operation is refused with NODE_NOT_FOUND if there is no such node. Orders come to the same however often they
 * are given, and are sent again when an answer was lost; except for the removal of a node, whose outcome is unknown then.
 */
public final class NodeAdmin {
    /** How much a node can be told to carry beside the others. */
    public static final int MAX_WEIGHT = 10_000;

    private final AdminCalls calls;

    NodeAdmin(AdminCalls calls) {
        this.calls = calls;
    }

    /** The same for callers that wait. */
    public BlockingView blocking() {
        return new BlockingView(this);
    }

    /** A node with its load, the replicas it holds and how they stand, and the moves to it and from it. */
    public CompletionStage<DescribeNodeResponse> describe(String node) {
        var request = DescribeNodeRequest.newBuilder().setNode(node).build();
        return calls.call(AdminGrpc.getDescribeNodeMethod(), Safety.READ, request);
    }

    /**
     * Everything on the node goes elsewhere; its primaries at once, its replicas as copies of them are made. Refused with
     * NOT_ENOUGH_NODES if it is the last that could hold anything, and with NODE_NOT_UP if the replacement is not up.
     *
     * @param replacement who gets all of it, as far as the rules of placement allow; empty: as the cluster sees fit
     */
    public CompletionStage<ChangeResponse> drain(String node, Optional<String> replacement) {
        var request = DrainNodeRequest.newBuilder().setNode(node).setReplacement(replacement.orElse(""));
        return calls.call(AdminGrpc.getDrainNodeMethod(), Safety.REPEATABLE, request.build());
    }

    /** The node may carry replicas again; what has left it comes back only as the balance wants it. */
    public CompletionStage<ChangeResponse> undrain(String node) {
        var request = UndrainNodeRequest.newBuilder().setNode(node).build();
        return calls.call(AdminGrpc.getUndrainNodeMethod(), Safety.REPEATABLE, request);
    }

    /** Takes a node out of the cluster that holds nothing. Refused with NODE_NOT_EMPTY. */
    public CompletionStage<RemoveNodeResponse> remove(String node) {
        return remove(node, false, false);
    }

    /**
     * Takes a node out of the cluster that is down and gone for good: what it holds counts as lost at once and is made
     * anew from the other replicas. Refused with NODE_IS_UP, and with NOT_ENOUGH_NODES. {@link #planRemoval} tells first
     * what would be lost.
     */
    public CompletionStage<RemoveNodeResponse> giveUp(String node) {
        return remove(node, true, false);
    }

    /**
     * What a removal would come to; nothing is changed. Refused as the removal itself would be.
     *
     * @param givenUp whether it is {@link #giveUp} that is planned, or {@link #remove}
     */
    public CompletionStage<RemoveNodeResponse> planRemoval(String node, boolean givenUp) {
        return remove(node, givenUp, true);
    }

    private CompletionStage<RemoveNodeResponse> remove(String node, boolean force, boolean dryRun) {
        var request = RemoveNodeRequest.newBuilder()
                .setNode(node)
                .setForce(force)
                .setDryRun(dryRun)
                .build();
        // A node of the same name may have joined before a late second try: it would be the one that is removed.
        return calls.call(AdminGrpc.getRemoveNodeMethod(), dryRun ? Safety.READ : Safety.ONCE, request);
    }

    /**
     * How much the node carries beside the others, in the place of what its own settings say.
     *
     * @param weight 0 to {@link #MAX_WEIGHT}; 0: it gets nothing. Others are refused with BAD_WEIGHT
     */
    public CompletionStage<ChangeResponse> setWeight(String node, int weight) {
        if (outside(weight, 0, MAX_WEIGHT)) {
            return refused("BAD_WEIGHT", "a weight must be 0 to 10000, not " + weight);
        }
        var request = SetNodeWeightRequest.newBuilder()
                .setNode(node)
                .setWeight(weight)
                .build();
        return calls.call(AdminGrpc.getSetNodeWeightMethod(), Safety.REPEATABLE, request);
    }

    /**
     * Where the node stands, in the place of what its own settings say.
     *
     * @param zone 1 to 64 letters, digits, '-', '_' and '.'; others are refused with BAD_ZONE
     */
    public CompletionStage<ChangeResponse> setZone(String node, String zone) {
        var request =
                SetNodeZoneRequest.newBuilder().setNode(node).setZone(zone).build();
        return calls.call(AdminGrpc.getSetNodeZoneMethod(), Safety.REPEATABLE, request);
    }

    /** The same operations, each of which waits for its answer and throws {@link AittaException}. Thread-safe. */
    public static final class BlockingView {
        private final NodeAdmin nodes;

        private BlockingView(NodeAdmin nodes) {
            this.nodes = nodes;
        }

        /** See {@link NodeAdmin#describe}. */
        public DescribeNodeResponse describe(String node) {
            return Blocking.await(nodes.describe(node));
        }

        /** See {@link NodeAdmin#drain}. */
        public ChangeResponse drain(String node, Optional<String> replacement) {
            return Blocking.await(nodes.drain(node, replacement));
        }

        /** See {@link NodeAdmin#undrain}. */
        public ChangeResponse undrain(String node) {
            return Blocking.await(nodes.undrain(node));
        }

        /** See {@link NodeAdmin#remove}. */
        public RemoveNodeResponse remove(String node) {
            return Blocking.await(nodes.remove(node));
        }

        /** See {@link NodeAdmin#giveUp}. */
        public RemoveNodeResponse giveUp(String node) {
            return Blocking.await(nodes.giveUp(node));
        }

        /** See {@link NodeAdmin#planRemoval}. */
        public RemoveNodeResponse planRemoval(String node, boolean givenUp) {
            return Blocking.await(nodes.planRemoval(node, givenUp));
        }

        /** See {@link NodeAdmin#setWeight}. */
        public ChangeResponse setWeight(String node, int weight) {
            return Blocking.await(nodes.setWeight(node, weight));
        }

        /** See {@link NodeAdmin#setZone}. */
        public ChangeResponse setZone(String node, String zone) {
            return Blocking.await(nodes.setZone(node, zone));
        }
    }
}
