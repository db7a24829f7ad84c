package io.aitta.client;

/** When a write is answered. */
public enum Acknowledgement {
    /** Once it is forced to disk on a majority of replicas, and applied. */
    QUORUM,
    /**
     * As soon as the primary has given it its place in the log. The write MAY BE LOST: if the primary dies at that
     * moment, nobody will know of it. What came of it is not known either: results have version 0, no previous value
     * and no number, and a condition may turn out not to hold.
     */
    FAST
}
