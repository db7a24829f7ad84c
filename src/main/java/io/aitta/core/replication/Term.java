package io.aitta.core.replication;

/** The ballot of a replica group: at most one primary is elected in a term. 0 is before the first election. */
public record Term(long value) implements Comparable<Term> {
    public static final Term ZERO = new Term(0);

    public Term {
        if (value < 0) {
            throw new IllegalArgumentException("term " + value + " is negative");
        }
    }

    public Term next() {
        return new Term(value + 1);
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
