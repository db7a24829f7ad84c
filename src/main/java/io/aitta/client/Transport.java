package io.aitta.client;

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

    /**
     * Begins a stream of answers, which goes on until it is cancelled or ended by the node. It needs none of the
     * connections that calls use, and of answers come only as many as are {@link Stream#request asked for}.
     */
    <Q, R> Stream open(Endpoint node, MethodDescriptor<Q, R> method, Q request, StreamObserver<R> observer);

    /** Ends what is under way: those calls fail. Idempotent, does not block. */
    @Override
    void close();

    /** A stream under way. Thread-safe. */
    interface Stream {
        /** Lets so many more answers come. */
        void request(int more);

        /** Idempotent. The observer may hear of it, or of answers that were on their way. */
        void cancel();
    }

    /** Told on a thread of the transport, one call at a time; {@code ended} is the last. */
    interface StreamObserver<R> {
        void next(R answer);

        /** @param why also if the node ended it without complaint */
        void ended(AittaException why);
    }
}
