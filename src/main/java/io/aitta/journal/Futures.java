package io.aitta.journal;

import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import scala.concurrent.Future;
import scala.concurrent.Promise;

/** Futures of the journal's threads as the Scala futures that the plugin wants. */
final class Futures {
    private Futures() {}

    /** @param result quick: it is called on the journal's thread. What is attached to the future is not. */
    static <A, B> Future<B> toScala(CompletionStage<A> stage, Function<A, B> result) {
        Promise<B> promise = Promise.apply();
        stage.whenComplete((value, failure) -> {
            if (failure == null) {
                promise.success(result.apply(value));
            } else {
                promise.failure(failure instanceof CompletionException ? failure.getCause() : failure);
            }
        });
        return promise.future();
    }
}
