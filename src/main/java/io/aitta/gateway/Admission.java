package io.aitta.gateway;

import io.aitta.config.LimitSettings;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts what the node has let in and not yet answered: requests, their bytes, open streams and sessions. Over a limit a request is
 * refused at once with OVERLOADED, when nothing has been done for it; after {@link #stop()} all are, with STOPPING.
 * Thread-safe, without locks.
 */
final class Admission {
    private final LimitSettings limits;
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicInteger streams = new AtomicInteger();
    private final AtomicInteger pipelines = new AtomicInteger();
    private volatile boolean stopping;

    Admission(LimitSettings limits) {
        this.limits = limits;
    }

    /** @throws ProblemException if there is no room */
    Ticket request() {
        return new Ticket(requests, limits.inFlightRequests(), "aitta.limits.in-flight-requests");
    }

    /** @throws ProblemException if there is no room */
    Ticket stream() {
        return new Ticket(streams, limits.watchStreams(), "aitta.limits.watch-streams");
    }

    /** @throws ProblemException if there is no room */
    Ticket pipeline() {
        return new Ticket(pipelines, limits.pipelineStreams(), "aitta.limits.pipeline-streams");
    }

    /**
     * Lets one call of a streaming session in, which has to {@link #leave} once. Such calls count as requests; they come
     * by the ten thousand, so there is no ticket for each.
     *
     * @throws ProblemException if there is no room
     */
    void enter(int callBytes) {
        if (stopping) {
            throw stopping();
        }
        if (requests.incrementAndGet() > limits.inFlightRequests()) {
            requests.decrementAndGet();
            throw overloaded("aitta.limits.in-flight-requests", limits.inFlightRequests());
        }
        if (bytes.addAndGet(callBytes) > limits.inFlightBytes()) {
            leave(callBytes);
            throw overloaded("aitta.limits.in-flight-bytes", limits.inFlightBytes());
        }
    }

    /** @param callBytes as it was let in with */
    void leave(int callBytes) {
        bytes.addAndGet(-callBytes);
        requests.decrementAndGet();
    }

    /** Lets nobody in any more. */
    void stop() {
        stopping = true;
    }

    int requests() {
        return requests.get();
    }

    long bytes() {
        return bytes.get();
    }

    int streams() {
        return streams.get();
    }

    int pipelines() {
        return pipelines.get();
    }

    static ProblemException stopping() {
        return Problem.of(ErrorReason.STOPPING, "this node is stopping; ask another one")
                .asException();
    }

    private static ProblemException overloaded(String limit, long value) {
        return Problem.of(
                        ErrorReason.OVERLOADED,
                        "this node has its hands full (" + limit + " = " + value + "); try again a little later")
                .with("limit", limit)
                .asException();
    }

    /** The right to be worked on. Given back once, however often it is closed. */
    final class Ticket implements AutoCloseable {
        private final AtomicInteger count;
        private final AtomicBoolean closed = new AtomicBoolean();
        private volatile int held;

        private Ticket(AtomicInteger count, int limit, String limitName) {
            this.count = count;
            if (stopping) {
                throw stopping();
            }
            if (count.incrementAndGet() > limit) {
                count.decrementAndGet();
                throw overloaded(limitName, limit);
            }
        }

        /**
         * Asks for room for the bytes of the request. At most once, by the thread that reads it.
         *
         * @throws ProblemException if there is no room
         */
        void hold(int wanted) {
            if (bytes.addAndGet(wanted) > limits.inFlightBytes()) {
                bytes.addAndGet(-wanted);
                throw overloaded("aitta.limits.in-flight-bytes", limits.inFlightBytes());
            }
            held = wanted;
        }

        @Override
        public void close() {
            if (closed.compareAndSet(false, true)) {
                bytes.addAndGet(-held);
                count.decrementAndGet();
            }
        }
    }
}
