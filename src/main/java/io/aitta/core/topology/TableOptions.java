package io.aitta.core.topology;

/**
 * How requests to a table are taken that do not say it themselves.
 *
 * @param defaultTimeToLiveMillis of values that are set without one, at least 0; 0: they never expire
 * @param defaultConsistency of reads that ask for none
 * @param maxValueBytes at least 0; 0: the cluster's limit, which it cannot exceed
 */
public record TableOptions(long defaultTimeToLiveMillis, Consistency defaultConsistency, int maxValueBytes) {
    /** How fresh a read is; the public API's {@code ReadConsistency} explains them. */
    public enum Consistency {
        STRONG,
        EVENTUAL,
        SESSION
    }

    public static final TableOptions DEFAULT = new TableOptions(0, Consistency.STRONG, 0);

    public TableOptions {
        if (defaultTimeToLiveMillis < 0 || maxValueBytes < 0) {
            throw new IllegalArgumentException("table options cannot be below 0: a time to live of "
                    + defaultTimeToLiveMillis + " ms, values of " + maxValueBytes + " bytes");
        }
    }
}
