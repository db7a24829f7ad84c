package io.aitta.client;

import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Calls about keys over one streaming session with each node, which costs a fraction of a call by itself; all else goes
 * as it did. A node that does not know such sessions gets its calls one by one. Thread-safe.
 */
final class PipelineTransport implements Transport {
    /** How much later than its deadline a call may be given up; as long as calls are under way, all are looked through. */
    private static final long SWEEP_MILLIS = 20;

    private final GrpcTransport unary;
    private final Executor executor;
    private final ScheduledExecutorService timer;
    private final Map<Endpoint, NodePipeline> pipelines = new ConcurrentHashMap<>();
    private final AtomicBoolean sweeping = new AtomicBoolean();

    /**
     * @param executor where calls are sent that come while others are under way
     * @param timer closed by its owner, after this
     */
    PipelineTransport(GrpcTransport unary, Executor executor, ScheduledExecutorService timer) {
        this.unary = unary;
        this.executor = executor;
        this.timer = timer;
    }

    @Override
    public <Q, R> CompletionStage<R> call(
            Endpoint node, MethodDescriptor<Q, R> method, Q request, Duration timeout, boolean changes) {
        PipelineMethod<Q, R> pipelined = PipelineMethod.of(method);
        if (pipelined == null) {
            return unary.call(node, method, request, timeout, changes);
        }
        long deadlineNanos = System.nanoTime() + timeout.toNanos();
        var call = new PipelinedCall<>(node, method, pipelined, request, deadlineNanos, changes);
        NodePipeline pipeline = pipelines.get(node);
        if (pipeline == null) {
            pipeline = pipelines.computeIfAbsent(node, added -> new NodePipeline(added, unary, executor));
        }
        pipeline.submit(call);
        if (!sweeping.get()) {
            sweepLater();
        }
        return call;
    }

    private void sweepLater() {
        if (sweeping.compareAndSet(false, true)) {
            schedule();
        }
    }

    private void schedule() {
        try {
            timer.schedule(this::sweep, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException closed) {
            sweeping.set(false); // closing has ended all calls, or is about to
        }
    }

    private void sweep() {
        if (sweepAll()) {
            schedule();
            return;
        }
        sweeping.set(false);
        if (sweepAll()) {
            sweepLater(); // one came in between, and found that this was still going on
        }
    }

    /** Whether calls are under way. */
    boolean sweepAll() {
        long now = System.nanoTime();
        boolean more = false;
        for (NodePipeline pipeline : pipelines.values()) {
            more |= pipeline.sweep(now);
        }
        return more;
    }

    @Override
    public <Q, R> Stream open(Endpoint node, MethodDescriptor<Q, R> method, Q request, StreamObserver<R> observer) {
        return unary.open(node, method, request, observer);
    }

    @Override
    public void close() {
        unary.close();
    }
}
