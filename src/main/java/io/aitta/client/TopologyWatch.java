package io.aitta.client;

import io.aitta.proto.v1.AdminGrpc;
import io.aitta.proto.v1.Topology;
import io.aitta.proto.v1.WatchTopologyRequest;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;

/** Follows the topology over one node after the other, until it is closed or the client is. Thread-safe. */
final class TopologyWatch implements AittaClient.Watch, FollowedStream.Handler<Topology> {
    private final FollowedStream<WatchTopologyRequest, Topology> stream;
    private final Consumer<Topology> listener;
    private volatile long knownEpoch;

    /**
     * @param timer when it is shut down, the watch ends
     * @param listener told every newer topology, on a thread of the transport, one call at a time
     */
    TopologyWatch(Transport transport, Router router, ScheduledExecutorService timer, Consumer<Topology> listener) {
        this.listener = listener;
        this.stream = new FollowedStream<>(
                transport,
                router,
                timer,
                AdminGrpc.getWatchTopologyMethod(),
                () -> WatchTopologyRequest.newBuilder()
                        .setKnownEpoch(knownEpoch)
                        .build(),
                null,
                this);
    }

    void start() {
        stream.request(1);
        stream.start();
    }

    @Override
    public void next(Topology topology) {
        if (topology.getEpoch() > knownEpoch) {
            knownEpoch = topology.getEpoch();
            listener.accept(topology);
        }
        stream.request(1);
    }

    @Override
    public boolean mayGoOn(AittaException why) {
        return true;
    }

    @Override
    public void closed() {}

    @Override
    public void close() {
        stream.close();
    }
}
