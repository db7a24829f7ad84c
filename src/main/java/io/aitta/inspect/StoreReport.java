package io.aitta.inspect;

import java.util.List;

/**
 * What a store holds.
 *
 * @param problemsLeftOut that were found beside those told
 */
public record StoreReport(List<Replica> replicas, List<Problem> problems, long problemsLeftOut) {
    /**
     * One replica, with how many rows it has of each kind.
     *
     * @param applied by its mark; -1: it has none that can be read
     */
    public record Replica(
            String partition,
            long applied,
            long term,
            long revision,
            long values,
            long sessions,
            long expiry,
            long changes,
            long bytes) {}
}
