package io.aitta.journal;

/**
 * The key under which rows are clustered: the replica's number in the upper bits, the sequence number in the lower 40. One
 * key of one number keeps a replica's rows side by side, so that a write touches one leaf of one tree, and a purge and a
 * replay are runs of neighbours. 40 bits last a replica that writes 10,000 rows a second without a pause for three years and
 * a half; after that its writes are refused until it is made anew.
 */
final class RowKey {
    private static final int SEQUENCE_BITS = 40;
    static final long MAX_SEQUENCE = (1L << SEQUENCE_BITS) - 1;
    /** Numbers are not given twice, so it is how many binlogs a database can have seen in its life. */
    static final int MAX_REPLICA = (1 << (63 - SEQUENCE_BITS)) - 1;

    private RowKey() {}

    /** @throws JournalException if a number does not fit: rows of two replicas would be mixed up */
    static long of(int replica, long sequenceNumber) {
        if (replica < 0 || replica > MAX_REPLICA) {
            throw new JournalException("replica number " + replica + " is not within 0 to " + MAX_REPLICA
                    + ": this journal has seen as many binlogs as it can");
        }
        if (sequenceNumber < 0 || sequenceNumber > MAX_SEQUENCE) {
            throw new JournalException("sequence number " + sequenceNumber + " is not within 0 to " + MAX_SEQUENCE);
        }
        return ((long) replica << SEQUENCE_BITS) | sequenceNumber;
    }

    /** The last key at or below a sequence number, which may be larger than any there can be. */
    static long atMost(int replica, long sequenceNumber) {
        return of(replica, Math.min(Math.max(sequenceNumber, 0), MAX_SEQUENCE));
    }

    static long sequenceNumber(long key) {
        return key & MAX_SEQUENCE;
    }
}
