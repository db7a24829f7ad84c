package io.aitta.client;

import io.aitta.proto.v1.ReadConsistency;
import java.time.Duration;
import java.util.Objects;

/** What a read must see, and so which replicas may answer it. Immutable. */
public final class Consistency {
    /** As the table was made: STRONG unless it was made with another one. */
    public static final Consistency TABLE_DEFAULT = new Consistency(ReadConsistency.READ_CONSISTENCY_UNSPECIFIED, 0);
    /** Every write acknowledged before the read began, by whomever. The primary answers. */
    public static final Consistency STRONG = new Consistency(ReadConsistency.STRONG, 0);
    /**
     * Everything this client has written or read before: it never goes back in time. The nearest replica answers, once
     * it has come so far.
     */
    public static final Consistency SESSION = new Consistency(ReadConsistency.SESSION, 0);

    private static final Consistency EVENTUAL = new Consistency(ReadConsistency.EVENTUAL, 0);

    private final ReadConsistency level;
    private final long maxStalenessMillis;

    private Consistency(ReadConsistency level, long maxStalenessMillis) {
        this.level = level;
        this.maxStalenessMillis = maxStalenessMillis;
    }

    /** Whatever the nearest replica has, however old; works without a majority. */
    public static Consistency eventual() {
        return EVENTUAL;
    }

    /**
     * As {@link #eventual()}, but everything acknowledged so long before the read is seen.
     *
     * @param maxStaleness above zero; milliseconds, a part of one counts as a whole
     */
    public static Consistency eventual(Duration maxStaleness) {
        return new Consistency(ReadConsistency.EVENTUAL, Millis.of("the greatest staleness", maxStaleness));
    }

    ReadConsistency level() {
        return level;
    }

    /** 0: no bound. */
    long maxStalenessMillis() {
        return maxStalenessMillis;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Consistency that
                && level == that.level
                && maxStalenessMillis == that.maxStalenessMillis;
    }

    @Override
    public int hashCode() {
        return Objects.hash(level, maxStalenessMillis);
    }

    @Override
    public String toString() {
        if (level == ReadConsistency.READ_CONSISTENCY_UNSPECIFIED) {
            return "TABLE_DEFAULT";
        }
        return maxStalenessMillis == 0 ? level.name() : level + " of at most " + maxStalenessMillis + " ms";
    }
}
