package io.aitta.client;

import io.aitta.client.AittaException.OutcomeUnknown;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;

/** Waiting for stages, for the blocking views. */
final class Blocking {
    private Blocking() {}

    /**
     * The result of a stage. An interrupt ends the waiting, not the call: its outcome is unknown then, and the thread
     * stays interrupted.
     */
    static <T> T await(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof AittaException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new OutcomeUnknown("interrupted while waiting for the answer", e);
        }
    }
}
