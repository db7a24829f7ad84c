package io.aitta.metrics;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * Which tables have a label of their own in metrics: those that there are, and of those the first {@code most} that were
 * seen. So neither many tables nor names that clients make up let the metrics grow without bound. Thread-safe.
 */
final class TableLabels {
    /** For requests that name no table that there is. No table can have such a name. */
    static final String NONE = "(none)";
    /** For tables that have no label of their own. */
    static final String OTHER = "(other)";

    private final int most;
    private final Set<String> named = ConcurrentHashMap.newKeySet();
    private volatile Predicate<String> exists = table -> false;

    TableLabels(int most) {
        this.most = most;
    }

    /** @param known whether there is such a table; cheap */
    void exist(Predicate<String> known) {
        exists = known;
    }

    /** The table's own name, {@link #OTHER} or {@link #NONE}. */
    String of(String table) {
        if (named.contains(table)) {
            return table;
        }
        return exists.test(table) ? named(table) : NONE;
    }

    private synchronized String named(String table) {
        if (named.size() >= most && !named.contains(table)) {
            return OTHER;
        }
        named.add(table);
        return table;
    }

    /** Gives up the labels of tables that are no more. @return those that had one */
    synchronized Set<String> forgetGone() {
        var gone = ConcurrentHashMap.<String>newKeySet();
        named.stream().filter(exists.negate()).forEach(gone::add);
        named.removeAll(gone);
        return gone;
    }
}
