package io.aitta.transfer;

import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/** Waiting for one stage after the other. */
public final class Waiting {
    private Waiting() {}

    /** The result; throws what the stage failed with, as it is. */
    public static <T> T await(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException known) {
                throw known;
            }
            throw e;
        }
    }
}
