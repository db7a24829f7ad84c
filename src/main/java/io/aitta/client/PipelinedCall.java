package io.aitta.client;

import io.aitta.client.AittaException.OutcomeUnknown;
import io.aitta.client.AittaException.Unavailable;
import io.aitta.proto.v1.PipelineAnswer;
import io.aitta.proto.v1.PipelineCall;
import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * One try of one call on its way through a streaming session, and its answer: the first one counts, whether it comes
 * from the node, from the clock, or from the end of the session. Thread-safe.
 */
final class PipelinedCall<Q, R> extends CompletableFuture<R> {
    @SuppressWarnings("rawtypes")
    private static final AtomicIntegerFieldUpdater<PipelinedCall> TAKEN =
            AtomicIntegerFieldUpdater.newUpdater(PipelinedCall.class, "taken");

    private final Endpoint node;
    private final MethodDescriptor<Q, R> descriptor;
    private final PipelineMethod<Q, R> method;
    private final Q request;
    private final long deadlineNanos;
    private final boolean changes;
    /** 1 once somebody has it who will send it, or say that it was not sent. */
    private volatile int taken;

    PipelinedCall(
            Endpoint node,
            MethodDescriptor<Q, R> descriptor,
            PipelineMethod<Q, R> method,
            Q request,
            long deadlineNanos,
            boolean changes) {
        this.node = node;
        this.descriptor = descriptor;
        this.method = method;
        this.request = request;
        this.deadlineNanos = deadlineNanos;
        this.changes = changes;
    }

    /** Takes it from those that wait. True for one caller. */
    boolean take() {
        return TAKEN.compareAndSet(this, 0, 1);
    }

    PipelineCall message(long id, long nowNanos) {
        long millis = Math.max(1, (deadlineNanos - nowNanos + 999_999) / 1_000_000);
        var call = PipelineCall.newBuilder().setId(id).setTimeoutMillis((int) Math.min(millis, Integer.MAX_VALUE));
        method.put().accept(call, request);
        return call.build();
    }

    boolean isLate(long nowNanos) {
        return deadlineNanos - nowNanos <= 0;
    }

    void answered(PipelineAnswer answer) {
        if (answer.getResponseCase() == method.answered()) {
            complete(method.take().apply(answer));
        } else if (answer.hasError()) {
            completeExceptionally(Failures.of(answer.getError(), changes, node));
        } else {
            completeExceptionally(new OutcomeUnknown("node " + node + " gave an answer of another kind"));
        }
    }

    /** It has never left this process. */
    void notSent(String why) {
        completeExceptionally(new Unavailable("UNREACHABLE", "node " + node + " cannot be reached: " + why));
    }

    /** It was sent, and there will be no answer. */
    void lost(String reason, String why) {
        String message = "node " + node + " " + why;
        completeExceptionally(changes ? new OutcomeUnknown(message) : new Unavailable(reason, message));
    }

    /** The node has not looked at it and never will: it does not know such sessions. */
    void sendAlone(Transport unary) {
        var left = Duration.ofNanos(Math.max(1, deadlineNanos - System.nanoTime()));
        unary.call(node, descriptor, request, left, changes).whenComplete((reply, failure) -> {
            if (failure == null) {
                complete(reply);
            } else {
                completeExceptionally(failure);
            }
        });
    }
}
