package io.aitta.partition;

import io.aitta.partition.PartitionAccess.ReadLevel;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Reads that wait in front of a replica: for its lease or for a primary to be passed on to, in the order in which they
 * came; and those of sessions for the replica itself to apply a little more. Bounded in number. Used by one actor.
 */
final class ReadQueue {
    /**
     * @param deadlineNanos on this node's {@link System#nanoTime()} clock
     * @param patientUntilNanos until when a session's read waits for this replica, before the primary is asked
     */
    record Waiting(Replica.Read read, long deadlineNanos, long patientUntilNanos) {
        private long sessionIndex() {
            return ((ReadLevel.Session) read.level()).index();
        }

        private boolean isLate(long nowNanos) {
            return deadlineNanos - nowNanos <= 0;
        }
    }

    private final int limit;
    private final long patienceNanos;
    private final ArrayDeque<Waiting> reads = new ArrayDeque<>();
    private final PriorityQueue<Waiting> sessions =
            new PriorityQueue<>(Comparator.comparingLong(Waiting::sessionIndex));

    /** @param patienceNanos how long a session's read waits for this replica */
    ReadQueue(int limit, long patienceNanos) {
        this.limit = limit;
        this.patienceNanos = patienceNanos;
    }

    boolean isEmpty() {
        return reads.isEmpty() && sessions.isEmpty();
    }

    boolean isFull() {
        return size() >= limit;
    }

    int size() {
        return reads.size() + sessions.size();
    }

    boolean sessionsWait() {
        return !sessions.isEmpty();
    }

    /** @param forThisReplica whether a session's read waits for this replica to apply more */
    void add(Replica.Read read, boolean forThisReplica, long nowNanos) {
        var waiting = new Waiting(
                read, nowNanos + TimeUnit.MILLISECONDS.toNanos(read.remainingMillis()), nowNanos + patienceNanos);
        if (forThisReplica) {
            sessions.add(waiting);
        } else {
            reads.addLast(waiting);
        }
    }

    /** Takes out the sessions' reads that can be answered by a replica that has applied up to {@code index}. */
    void takeReached(long index, Consumer<Replica.Read> to) {
        while (!sessions.isEmpty() && sessions.peek().sessionIndex() <= index) {
            to.accept(sessions.remove().read());
        }
    }

    /** Sessions' reads that have waited for long enough wait for the primary from now on. */
    void losePatience(long nowNanos) {
        sessions.removeIf(waiting -> {
            boolean over = waiting.patientUntilNanos() - nowNanos <= 0;
            if (over) {
                reads.addLast(waiting);
            }
            return over;
        });
    }

    /** No read waits for this replica to apply more any longer: it is primary, or will not get on. */
    void losePatience() {
        reads.addAll(sessions);
        sessions.clear();
    }

    /** The oldest of those that wait for a primary; null if there is none. */
    Replica.Read peek() {
        var first = reads.peekFirst();
        return first == null ? null : first.read();
    }

    Replica.Read remove() {
        return reads.removeFirst().read();
    }

    /** Takes out everything that waits for a primary. */
    void drainForPrimary(Consumer<Waiting> to) {
        while (!reads.isEmpty()) {
            to.accept(reads.removeFirst());
        }
    }

    /** Takes out everything. */
    void drain(Consumer<Replica.Read> to) {
        losePatience();
        drainForPrimary(waiting -> to.accept(waiting.read()));
    }

    /** Takes out what is late. */
    void expire(long nowNanos, Consumer<Replica.Read> late) {
        reads.removeIf(waiting -> tellIfLate(waiting, nowNanos, late));
        sessions.removeIf(waiting -> tellIfLate(waiting, nowNanos, late));
    }

    private static boolean tellIfLate(Waiting waiting, long nowNanos, Consumer<Replica.Read> late) {
        boolean isLate = waiting.isLate(nowNanos);
        if (isLate) {
            late.accept(waiting.read());
        }
        return isLate;
    }
}
