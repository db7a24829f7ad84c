package io.aitta.metrics;

/**
 * A request that took long, as it was when it was answered. Holds nothing of a value, and of a key its beginning.
 *
 * @param wallMillis when it was answered
 * @param operation such as {@code set}
 * @param table empty if it named none
 * @param partition below 0: not of one partition
 * @param key readable and short; empty if it is not about one key
 * @param outcome ok, or the reason of the error
 * @param stages null: not known, or no write of one partition
 * @param traceId empty if there is none
 */
public record SlowRequest(
        long wallMillis,
        String operation,
        String table,
        int partition,
        String key,
        long nanos,
        String outcome,
        Stages stages,
        String requestId,
        String traceId) {}
