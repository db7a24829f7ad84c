package io.aitta.partition;

/**
 * How fresh a replica is known to be, by this node's monotonic clock alone. A request that was sent at a time t and
 * answered by the primary with an index i proves that everything committed before t stands at or below i: so a replica
 * that has applied up to i is as fresh as t. Strong reads and writes that pass through this node give such evidence for
 * free. Thread-safe.
 *
 * <p>Under load the newest evidence is always a little ahead of the replica. So besides the evidence that the replica
 * has reached, one is kept until it is reached, and the newest to take its place then.
 */
final class Freshness {
    private record Evidence(long index, long sentNanos) {
        boolean isNewerThan(Evidence other) {
            return other == null || sentNanos - other.sentNanos > 0;
        }
    }

    /** Each null if there is none; {@code reached} is the oldest, {@code newest} the newest. */
    private Evidence reached;

    private Evidence awaited;
    private Evidence newest;

    /**
     * @param index the primary was at least here when it answered, and everything committed before is not above
     * @param sentNanos when it was asked, or earlier
     * @param applied how far the replica has applied the log
     */
    synchronized void offer(long index, long sentNanos, long applied) {
        advance(applied);
        var offered = new Evidence(index, sentNanos);
        if (index <= applied) {
            reach(offered);
        } else if (awaited == null) {
            awaited = offered;
        } else if (offered.isNewerThan(newest)) {
            newest = offered;
        }
    }

    /** Whether a replica that has applied up to {@code applied} has everything that was committed so long ago. */
    synchronized boolean isWithin(long maxStalenessNanos, long applied, long nowNanos) {
        advance(applied);
        return reached != null && nowNanos - reached.sentNanos() <= maxStalenessNanos;
    }

    private void advance(long applied) {
        while (awaited != null && awaited.index() <= applied) {
            reach(awaited);
            awaited = newest;
            newest = null;
        }
    }

    private void reach(Evidence evidence) {
        if (evidence.isNewerThan(reached)) {
            reached = evidence;
        }
    }
}
