package io.aitta.client;

import io.aitta.proto.v1.AdminGrpc;
import io.aitta.proto.v1.Topology;
import io.aitta.proto.v1.WatchTopologyRequest;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;

/**
 * Follows the topology over one node after the other, until it is closed or the client is. Of changes it has only
 * themselves sent, and makes whole topologies of them; a node that knows no differences sends those. Thread-safe.
 */
final class TopologyWatch implements AittaClient.Watch, FollowedStream.Handler<Topology> {
    private final FollowedStream<WatchTopologyRequest, Topology> stream;
    private final Consumer<Topology> listener;
    private volatile long knownEpoch;
    /** As the stream that is open has told it; null before its first message, which is a whole topology. */
    private volatile Topology told;

    /**
     * @param timer when it is shut down, the watch ends
     * @param listener told every newer topology, on a thread of the transport, one call at a time
     */
    TopologyWatch(Transport transport, Router router, ScheduledExecutorService timer, Consumer<Topology> listener) {
        this.listener = listener;
        this.stream = new FollowedStream<>(
                transport, router, timer, AdminGrpc.getWatchTopologyMethod(), this::request, null, this);
    }

    private WatchTopologyRequest request() {
        return WatchTopologyRequest.newBuilder()
                .setKnownEpoch(knownEpoch)
                .setDifferences(true)
                .build();
    }

    void start() {
        stream.request(1);
        stream.start();
    }

    @Override
    public void next(Topology message) {
        Topology topology = message.getBaseEpoch() == 0 ? message : TopologyReplay.apply(base(message), message);
        told = topology;
        if (topology.getEpoch() > knownEpoch) {
            knownEpoch = topology.getEpoch();
            listener.accept(topology);
        }
        stream.request(1);
    }

    /** Throwing ends the stream; the next one begins with a whole topology. */
    private Topology base(Topology changes) {
        Topology base = told;
        if (base == null || base.getEpoch() != changes.getBaseEpoch()) {
            throw new IllegalStateException("the node tells of changes since epoch " + changes.getBaseEpoch()
                    + ", but what it told before is of epoch " + (base == null ? 0 : base.getEpoch()));
        }
        return base;
    }

    @Override
    public boolean mayGoOn(AittaException why) {
        told = null;
        return true;
    }

    @Override
    public void closed() {}

    @Override
    public void close() {
        stream.close();
    }
}
