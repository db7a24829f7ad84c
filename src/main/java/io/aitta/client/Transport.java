package io.aitta.client;

import io.aitta.proto.v1.Topology;
import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/**
 * One try of one call to one node: the seam below which unary calls can be replaced by a streaming session. Retries,
 * routing and sessions stand above it. Thread-safe; stages complete on a thread of the transport.
 */
interface Transport extends AutoCloseable {
    /**
     * Sends a request.
     *
     * @param changes whether the call changes something, so that a lost reply leaves the outcome unknown
     * @return fails with nothing but an {@link AittaException}, at the latest a little after {@code timeout}
     */
    <Q, R> CompletionStage<R> call(
            Endpoint node, MethodDescriptor<Q, R> method, Q request, Duration timeout, boolean changes);

    /** Follows the topology as one node knows it, until cancelled or ended by the node. */
    Cancellable watchTopology(Endpoint node, long knownEpoch, TopologyObserver observer);

    /** Ends what is under way: those calls fail. Idempotent, does not block. */
    @Override
    void close();

    /** Something that goes on until it is told to stop. */
    @FunctionalInterface
    interface Cancellable {
        void cancel();
    }

    /** Told on a thread of the transport, one call at a time; {@code ended} is the last. */
    interface TopologyObserver {
        void changed(Topology topology);

        void ended();
    }
}
