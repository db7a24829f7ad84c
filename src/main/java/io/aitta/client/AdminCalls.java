package io.aitta.client;

import io.aitta.client.AittaException.Refused;
import io.aitta.client.Exchange.Safety;
import io.grpc.MethodDescriptor;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * What the topics of administration share: how they are called, and what is refused before anything is sent.
 *
 * @param deadline of each call, retries included
 */
record AdminCalls(Calls calls, Duration deadline) {
    <Q, R> CompletionStage<R> call(MethodDescriptor<Q, R> method, Safety safety, Q request) {
        return calls.begin(Exchange.plain(method, safety, request), deadline);
    }

    static <T> CompletionStage<T> refused(String reason, String message) {
        return CompletableFuture.failedFuture(new Refused(Refused.Kind.BAD_INPUT, reason, message));
    }

    static boolean outside(int number, int min, int max) {
        return number < min || number > max;
    }

    /** That no table has such a partition. */
    static boolean isNoPartition(int partition) {
        return outside(partition, 0, AittaAdmin.MAX_PARTITIONS - 1);
    }

    static <T> CompletionStage<T> noPartition(int partition) {
        return refused("PARTITION_NOT_FOUND", "partitions have numbers from 0 to 4095, not " + partition);
    }
}
