package io.aitta.bench;

import java.time.Duration;

/**
 * What to run. A client is a loop: it hands over a batch of operations at once, and the next batch when all of those are
 * answered, so that at most {@code clients} times {@code batch} operations are in flight.
 *
 * @param clients above 0
 * @param batch above 0
 * @param multi whether the reads and the writes of a batch go as one request each
 * @param keys how many there are at the beginning, above 0
 * @param valueBytes 0 or more; at least {@link #LEAST_VERIFIED_BYTES} with {@code verify}
 * @param warmUp runs before, and is not counted; 0 or more
 * @param rate operations a second of all clients together, each of which is due at a moment, and its latency counted from
 *     that moment on however late it was begun; 0: as fast as they are answered
 * @param verify whether values that were read are checked, and keys that are missing are errors
 * @param drain how long to wait for what is in flight at the end, above 0
 */
public record BenchPlan(
        Workload workload,
        Distribution distribution,
        int clients,
        int batch,
        boolean multi,
        long keys,
        int valueBytes,
        Duration duration,
        Duration warmUp,
        double rate,
        boolean verify,
        Duration drain) {
    /** A value with fewer bytes cannot tell what it was written for. */
    public static final int LEAST_VERIFIED_BYTES = Payloads.HEADER_BYTES;

    public BenchPlan {
        check(clients > 0 && batch > 0 && keys > 0, "clients, batch and keys are above 0");
        check(valueBytes >= (verify ? LEAST_VERIFIED_BYTES : 0), "values are too small: " + valueBytes + " bytes");
        check(!duration.isNegative() && !duration.isZero() && !warmUp.isNegative(), "durations are above 0");
        check(rate >= 0 && Double.isFinite(rate), "a rate cannot be " + rate);
    }

    private static void check(boolean holds, String what) {
        if (!holds) {
            throw new IllegalArgumentException(what);
        }
    }
}
