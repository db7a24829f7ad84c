package io.aitta.gateway;

import io.aitta.proto.v1.PipelineAnswer;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;

/**
 * One call of a streaming session that has been begun and has to be answered, once; whoever is faster, if two try.
 * Thread-safe.
 */
final class OpenCall extends AtomicReference<PipelineAnswer> {
    private static final long serialVersionUID = 1L;

    /** Told when one of its calls has its answer, on the thread that answers; must not block. */
    @FunctionalInterface
    interface Answered {
        void answered(OpenCall call);
    }

    final long id;
    /** Whether no other call has this id. */
    final boolean ownsId;
    /** Of the call as it came. */
    final int bytes;
    /** Counted among the node's requests. */
    final boolean admitted;

    final transient CallFacts facts;

    private final transient CallBook book;
    private final transient Answered answered;
    /** The one answered before, as long as its session has not taken them. */
    transient OpenCall next;

    OpenCall(long id, boolean ownsId, int bytes, boolean admitted, CallFacts facts, CallBook book, Answered answered) {
        this.id = id;
        this.ownsId = ownsId;
        this.bytes = bytes;
        this.admitted = admitted;
        this.facts = facts;
        this.book = book;
        this.answered = answered;
    }

    /** @param put the response into the answer */
    <R> void answer(R response, BiConsumer<PipelineAnswer.Builder, R> put) {
        var answer = PipelineAnswer.newBuilder().setId(id);
        put.accept(answer, response);
        if (compareAndSet(null, answer.build())) {
            book.done(facts);
            answered.answered(this);
        }
    }

    void fail(Problem problem) {
        var answer = PipelineAnswer.newBuilder()
                .setId(id)
                .setError(problem.ofRequest(facts.requestId()).toCallError());
        if (compareAndSet(null, answer.build())) {
            book.failed(facts, problem);
            answered.answered(this);
        }
    }

    void fail(Throwable failure) {
        fail(ErrorTrailers.problem(failure));
    }
}
