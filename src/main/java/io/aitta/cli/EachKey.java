package io.aitta.cli;

import com.google.protobuf.ByteString;
import io.aitta.client.AittaException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * Sends a call for each of many keys, some at a time, and takes the answers in the order of the keys.
 *
 * @param <T> an answer
 */
final class EachKey<T> {
    private static final int IN_FLIGHT = 64;

    /** What is done with the answers. */
    interface Taker<T> {
        void answered(String key, T answer);

        void failed(String key, AittaException failure);
    }

    private final Function<ByteString, CompletionStage<T>> call;

    EachKey(Function<ByteString, CompletionStage<T>> call) {
        this.call = call;
    }

    void of(List<String> keys, Taker<T> taker) {
        var underWay = new ArrayDeque<CompletionStage<T>>();
        int asked = 0;
        for (String key : keys) {
            while (asked < keys.size() && underWay.size() < IN_FLIGHT) {
                underWay.add(call.apply(Values.utf8(keys.get(asked++))));
            }
            await(key, underWay.remove(), taker);
        }
    }

    private void await(String key, CompletionStage<T> stage, Taker<T> taker) {
        T answer;
        try {
            answer = stage.toCompletableFuture().join();
        } catch (CompletionException e) {
            if (!(e.getCause() instanceof AittaException failure)) {
                throw e;
            }
            taker.failed(key, failure);
            return;
        }
        taker.answered(key, answer);
    }
}
