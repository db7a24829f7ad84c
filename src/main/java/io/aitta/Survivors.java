package io.aitta;

import io.aitta.core.NodeId;
import io.aitta.core.topology.PartitionInfo;
import io.aitta.core.topology.ReplicaInfo;
import io.aitta.partition.Stewards.ReplicaReport;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;

/** Who is to go on with a partition when a majority is gone and nobody was named. */
final class Survivors {
    private Survivors() {}

    /**
     * The replica whose log is ahead, as voters compare logs: by the term of the last entry, then by its length. A longer
     * log of an earlier term may lack what was committed since. Of several a voter, then the one that has heard of the
     * newest term.
     *
     * @return empty if no replica that can be used has answered
     */
    static Optional<NodeId> best(PartitionInfo partition, LiveState.Told told) {
        Comparator<Map.Entry<ReplicaInfo, ReplicaReport>> byLog =
                Comparator.comparingLong(one -> one.getValue().lastTerm());
        return partition.replicas().stream()
                .flatMap(replica -> told
                        .replica(partition.id(), replica.node())
                        .filter(report -> !report.failed())
                        .map(report -> Map.entry(replica, report))
                        .stream())
                .max(byLog.thenComparingLong(one -> one.getValue().lastIndex())
                        .thenComparing(one -> one.getKey().role() == ReplicaInfo.Role.VOTER)
                        .thenComparingLong(one -> one.getValue().term()))
                .map(one -> one.getKey().node());
    }
}
