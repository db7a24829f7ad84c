package io.aitta.core.replication;

/**
 * The protocol's settings. All times in nanoseconds.
 *
 * @param leaseNanos how long a primary may read after a majority has heard of it
 * @param driftNanos how much longer a voter keeps its promise than the primary relies on it
 * @param staggerNanos between the moments at which the voters stand for election, by their order
 * @param electionRetryNanos after an election without result
 * @param retransmitNanos until an unanswered message is sent again; doubles up to sixteen times
 * @param commitNoticeNanos until a quiet group is told of the last commit
 * @param transferNanos limit for a hand-over
 * @param maxAppendBytes of entries in a message; one entry always goes, however large
 * @param maxInFlight messages sent to a peer and not answered
 * @param maxUncommitted entries
 * @param residentBytes of committed entries kept in memory for laggards
 * @param keepBytes of entries that stay in the binlog below a checkpoint
 */
public record ReplicationConfig(
        long leaseNanos,
        long driftNanos,
        long staggerNanos,
        long electionRetryNanos,
        long retransmitNanos,
        long commitNoticeNanos,
        long transferNanos,
        int maxAppendBytes,
        int maxInFlight,
        int maxUncommitted,
        long residentBytes,
        long keepBytes) {
    public ReplicationConfig {
        if (leaseNanos <= 0 || driftNanos <= 0 || retransmitNanos <= 0 || maxInFlight < 1 || maxUncommitted < 1) {
            throw new IllegalArgumentException("lease, drift, retransmit and windows must be above 0");
        }
    }

    public static ReplicationConfig defaults() {
        long ms = 1_000_000;
        return new ReplicationConfig(
                1000 * ms, 100 * ms, 100 * ms, 300 * ms, 200 * ms, 20 * ms, 1000 * ms, 1 << 20, 16, 64, 4 << 20,
                16 << 20);
    }
}
