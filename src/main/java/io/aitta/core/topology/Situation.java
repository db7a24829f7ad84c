package io.aitta.core.topology;

import io.aitta.core.PartitionId;
import java.util.Map;

/**
 * What a conductor knows at one moment.
 *
 * @param reports the newest there are; not of every partition
 * @param orders where orders for primaries are given
 */
record Situation(
        Topology topology, NodeTimes times, Map<PartitionId, PartitionReport> reports, Orders orders, long nowNanos) {
    /** Null: none has come. */
    PartitionReport report(PartitionId partition) {
        return reports.get(partition);
    }

    void order(StepOrder order) {
        orders.give(order, nowNanos);
    }
}
