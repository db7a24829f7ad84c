package io.aitta.metrics;

/**
 * Where a write was as long, at its primary; the parts follow one another.
 *
 * @param queueNanos waiting for its turn
 * @param journalNanos being forced to the primary's disk
 * @param replicationNanos from there on until a majority had it
 * @param applyNanos being applied to the primary's store
 */
public record Stages(long queueNanos, long journalNanos, long replicationNanos, long applyNanos) {
    public long totalNanos() {
        return queueNanos + journalNanos + replicationNanos + applyNanos;
    }
}
