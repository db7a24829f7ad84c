package io.aitta.core.replication;

/**
 * The ballot of a replica group: at most one primary is elected in a term. 0 is before the first election.
 *
 * <p>Each time when a group is recovered by force, it begins an era of terms, the next {@value #TERMS_OF_AN_ERA}. Whoever
 * is in a later era hears nothing of an earlier one, so that a majority which was given up for lost, and comes back,
 * cannot draw the group into its own terms.
 */
public record Term(long value) implements Comparable<Term> {
    public static final Term ZERO = new Term(0);
    /** More than a group ever sees. */
    private static final long TERMS_OF_AN_ERA = 1_000_000_000;

    public Term {
        if (value < 0) {
            throw new IllegalArgumentException("term " + value + " is negative");
        }
    }

    public Term next() {
        return new Term(value + 1);
    }

    /**
     * In the next era. Should two replicas begin it, each for itself, their terms are in the order of their logs' last terms;
     * they are equal only if those are, and then of two logs of one length none says anything else than the other.
     */
    public Term inNextEra(Term lastOfLog) {
        return new Term((era() + 1) * TERMS_OF_AN_ERA + lastOfLog.value % TERMS_OF_AN_ERA);
    }

    public boolean isOfEarlierEraThan(Term other) {
        return era() < other.era();
    }

    private long era() {
        return value / TERMS_OF_AN_ERA;
    }

    public boolean isNewerThan(Term other) {
        return value > other.value;
    }

    @Override
    public int compareTo(Term other) {
        return Long.compare(value, other.value);
    }

    @Override
    public String toString() {
        return Long.toString(value);
    }
}
