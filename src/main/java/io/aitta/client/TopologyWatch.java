package io.aitta.client;

import io.aitta.proto.v1.Topology;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Follows the topology over one node after the other, until it is closed or the client is. Thread-safe. */
final class TopologyWatch implements AittaClient.Watch, Transport.TopologyObserver {
    private static final long AGAIN_MILLIS = 200;

    private final Transport transport;
    private final Router router;
    private final ScheduledExecutorService timer;
    private final Consumer<Topology> listener;
    private volatile Endpoint node;
    private volatile long knownEpoch;
    private Transport.Cancellable stream = () -> {};
    private boolean stopped;

    /**
     * @param timer when it is shut down, the watch ends
     * @param listener told every newer topology, on a thread of the transport, one call at a time
     */
    TopologyWatch(Transport transport, Router router, ScheduledExecutorService timer, Consumer<Topology> listener) {
        this.transport = transport;
        this.router = router;
        this.timer = timer;
        this.listener = listener;
    }

    synchronized void start() {
        if (!stopped && !timer.isShutdown()) {
            node = router.pick(null, Router.Reach.PRIMARY, Set.of());
            stream = transport.watchTopology(node, knownEpoch, this);
        }
    }

    @Override
    public void changed(Topology topology) {
        router.health().answered(node);
        if (topology.getEpoch() > knownEpoch) {
            knownEpoch = topology.getEpoch();
            listener.accept(topology);
        }
    }

    @Override
    public void ended() {
        router.health().failed(node);
        try {
            timer.schedule(this::start, AGAIN_MILLIS, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            close(); // the client was closed
        }
    }

    @Override
    public synchronized void close() {
        stopped = true;
        stream.cancel();
    }
}
