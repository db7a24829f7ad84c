package io.aitta.partition;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * How long requests waited when primaries of this node handed over: the newest {@value #KEPT}, from the moment when they
 * began to wait to the moment when they went on to the new primary. Thread-safe.
 */
public final class HandOverTimes {
    static final int KEPT = 1_000;

    private final Deque<Long> nanos = new ArrayDeque<>();

    synchronized void add(long waitedNanos) {
        if (nanos.size() == KEPT) {
            nanos.removeFirst();
        }
        nanos.addLast(waitedNanos);
    }

    /** The newest last. */
    public synchronized List<Long> newest() {
        return new ArrayList<>(nanos);
    }
}
