package io.aitta.core.replication;

/** The position of an entry in a replica group's log, counted from 1; 0 is before the first entry. */
public record LogIndex(long value) implements Comparable<LogIndex> {
    public static final LogIndex ZERO = new LogIndex(0);

    public LogIndex {
        if (value < 0) {
            throw new IllegalArgumentException("log index " + value + " is negative");
        }
    }

    public LogIndex next() {
        return new LogIndex(value + 1);
    }

    /** The index {@code distance} entries further on; {@code distance} may be negative. */
    public LogIndex plus(long distance) {
        return new LogIndex(value + distance);
    }

    public boolean isAfter(LogIndex other) {
        return value > other.value;
    }

    public static LogIndex max(LogIndex a, LogIndex b) {
        return a.value >= b.value ? a : b;
    }

    public static LogIndex min(LogIndex a, LogIndex b) {
        return a.value <= b.value ? a : b;
    }

    @Override
    public int compareTo(LogIndex other) {
        return Long.compare(value, other.value);
    }

    @Override
    public String toString() {
        return Long.toString(value);
    }
}
