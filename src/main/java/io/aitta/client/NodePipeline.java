package io.aitta.client;

import io.aitta.client.AittaException.Refused;
import io.aitta.proto.v1.KvGrpc;
import io.aitta.proto.v1.PipelineAnswer;
import io.aitta.proto.v1.PipelineRequest;
import io.aitta.proto.v1.PipelineResponse;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The streaming session with one node, opened with the first call and again with the next one after it broke. What has
 * gathered while the writer was busy goes in one message; a call that comes when nothing is under way is sent at once by
 * its own thread. Nothing is written while the connection has not taken what was written before.
 *
 * <p>Every call that is submitted is answered once: by the node, by {@link #sweep} at its deadline, or when the session
 * ends. Thread-safe.
 */
final class NodePipeline {
    /** Calls that wait for being sent; more are refused. */
    static final int MAX_WAITING = 100_000;
    /** What one message holds at most, but for a single call that is larger. The node reads 9 MiB by default. */
    private static final int MESSAGE_CALLS = 1024;

    private static final int MESSAGE_BYTES = 256 << 10;
    /** Messages of answers that may be on their way before one has been handled. */
    private static final int MESSAGES_AHEAD = 4;
    /** How long a node that does not know sessions is not asked again. */
    private static final long ALONE_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** The pipelines that were given calls by what is handling a message of answers on this thread; null: nothing is. */
    private static final ThreadLocal<List<NodePipeline>> GATHERING = new ThreadLocal<>();

    private final Endpoint node;
    private final GrpcTransport unary;
    private final Executor executor;
    private final Queue<PipelinedCall<?, ?>> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waitingCount = new AtomicInteger();
    /** Above 0: a thread is writing, and looks again as often as this says. */
    private final AtomicInteger writing = new AtomicInteger();

    private final AtomicBoolean scheduled = new AtomicBoolean();
    private volatile Session session;
    /** Until then calls go one by one; 0: they do not. */
    private volatile long aloneUntilNanos;

    NodePipeline(Endpoint node, GrpcTransport unary, Executor executor) {
        this.node = node;
        this.unary = unary;
        this.executor = executor;
    }

    void submit(PipelinedCall<?, ?> call) {
        if (aloneUntilNanos != 0 && System.nanoTime() - aloneUntilNanos < 0) {
            call.sendAlone(unary);
            return;
        }
        if (waitingCount.incrementAndGet() > MAX_WAITING) {
            waitingCount.decrementAndGet();
            call.completeExceptionally(new Refused(
                    Refused.Kind.EXHAUSTED,
                    "OVERLOADED",
                    MAX_WAITING + " calls wait for being sent to node " + node + " already",
                    Duration.ofMillis(50),
                    Map.of(),
                    null));
            return;
        }
        waiting.add(call);
        List<NodePipeline> gathering = GATHERING.get();
        Session open = session;
        if (gathering != null) {
            if (!gathering.contains(this)) {
                gathering.add(this);
            }
        } else if (open == null || open.calls.isEmpty()) {
            write();
        } else if (scheduled.compareAndSet(false, true)) {
            executor.execute(this::writeScheduled);
        }
    }

    /**
     * Answers the calls whose time is over.
     *
     * @return whether there are others
     */
    boolean sweep(long nowNanos) {
        for (PipelinedCall<?, ?> call : waiting) {
            if (call.isLate(nowNanos) && call.take()) {
                if (waiting.remove(call)) {
                    waitingCount.decrementAndGet();
                }
                call.notSent("it did not take the call in time");
            }
        }
        Session open = session;
        if (open != null) {
            open.sweep(nowNanos);
        }
        return !waiting.isEmpty() || open != null && !open.calls.isEmpty();
    }

    private void writeScheduled() {
        scheduled.set(false);
        write();
    }

    /** Writes what waits, unless another thread is writing: then that one does. */
    private void write() {
        if (writing.getAndIncrement() != 0) {
            return;
        }
        int seen = 1;
        do {
            writeAll();
            seen = writing.addAndGet(-seen);
        } while (seen != 0);
    }

    private void writeAll() {
        if (waiting.isEmpty()) {
            return;
        }
        Session open = session;
        if (open == null || open.ended) {
            open = new Session();
            session = open;
            open.start();
        }
        while (open.isReady() && !waiting.isEmpty()) {
            open.send();
        }
    }

    /** Null if there is none. */
    private PipelinedCall<?, ?> takeWaiting() {
        PipelinedCall<?, ?> call;
        do {
            call = waiting.poll();
            if (call != null) {
                waitingCount.decrementAndGet();
            }
        } while (call != null && !call.take());
        return call;
    }

    /** One stream. */
    private final class Session extends ClientCall.Listener<PipelineResponse> {
        /** Sent and not answered, by id. */
        private final ConcurrentHashMap<Long, PipelinedCall<?, ?>> calls = new ConcurrentHashMap<>();

        private final GrpcTransport.SentMark connected = new GrpcTransport.SentMark();
        private final ClientCall<PipelineRequest, PipelineResponse> stream = unary.channel(node)
                .newCall(KvGrpc.getPipelineMethod(), CallOptions.DEFAULT.withStreamTracerFactory(connected));
        /** Changed by the writer alone; 0: nothing was sent. */
        private volatile long lastId;

        private volatile boolean answered;
        private volatile boolean ended;

        void start() {
            stream.start(this, new Metadata());
            stream.request(MESSAGES_AHEAD);
        }

        boolean isReady() {
            return !ended && stream.isReady();
        }

        /** Sends one message. By the writer alone. */
        void send() {
            var message = PipelineRequest.newBuilder();
            long now = System.nanoTime();
            int bytes = 0;
            while (message.getCallsCount() < MESSAGE_CALLS && bytes < MESSAGE_BYTES) {
                PipelinedCall<?, ?> next = takeWaiting();
                if (next == null) {
                    break;
                }
                long id = lastId + 1;
                var call = next.message(id, now);
                bytes += call.getSerializedSize();
                calls.put(id, next);
                lastId = id;
                message.addCalls(call);
            }
            if (message.getCallsCount() > 0) {
                stream.sendMessage(message.build());
            }
            if (ended) {
                // The session may have ended before these were among its calls.
                loseAll("the connection broke");
            }
        }

        void sweep(long nowNanos) {
            calls.forEach((id, call) -> {
                if (call.isLate(nowNanos) && calls.remove(id, call)) {
                    call.lost("DEADLINE_EXCEEDED", "did not answer in time");
                }
            });
        }

        @Override
        public void onReady() {
            write();
        }

        @Override
        public void onMessage(PipelineResponse message) {
            answered = true;
            List<NodePipeline> gathering = new ArrayList<>(4);
            GATHERING.set(gathering);
            try {
                for (PipelineAnswer answer : message.getAnswersList()) {
                    PipelinedCall<?, ?> call = calls.remove(answer.getId());
                    if (call != null) {
                        call.answered(answer);
                    }
                }
            } finally {
                GATHERING.remove();
            }
            gathering.forEach(NodePipeline::write);
            stream.request(1);
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            ended = true;
            if (!connected.get()) {
                // Else the channel would wait out a back-off of its own, of up to two minutes.
                unary.channel(node).resetConnectBackoff();
            }
            boolean unheard = status.getCode() == Status.Code.UNIMPLEMENTED && !answered;
            if (unheard) {
                aloneUntilNanos = System.nanoTime() + ALONE_NANOS;
                calls.keySet().forEach(id -> {
                    PipelinedCall<?, ?> call = calls.remove(id);
                    if (call != null) {
                        call.sendAlone(unary);
                    }
                });
            }
            String why = Failures.whyEnded(status);
            boolean nothingSent = lastId == 0;
            loseAll(why);
            if (unheard || nothingSent) {
                for (var call = takeWaiting(); call != null; call = takeWaiting()) {
                    if (unheard) {
                        call.sendAlone(unary);
                    } else {
                        call.notSent(why);
                    }
                }
            }
            write();
        }

        private void loseAll(String why) {
            for (Long id : calls.keySet()) {
                PipelinedCall<?, ?> call = calls.remove(id);
                if (call == null) {
                    continue;
                }
                if (connected.get()) {
                    call.lost("CONNECTION_LOST", "broke off before it answered: " + why);
                } else {
                    call.notSent(why);
                }
            }
        }
    }
}
