package io.aitta.journal;

/**
 * One row of a binlog, as it is stored.
 *
 * @param serializerManifest never null
 * @param payload at most {@link #MAX_PAYLOAD} bytes
 */
record EventRow(
        long sequenceNumber,
        String writer,
        long writtenAtMillis,
        String adapterManifest,
        int serializerId,
        String serializerManifest,
        byte[] payload) {

    /** H2's VARBINARY ends at 1 MiB; the rest is left for what may be added to a row. */
    static final int MAX_PAYLOAD = 1_000_000;
}
