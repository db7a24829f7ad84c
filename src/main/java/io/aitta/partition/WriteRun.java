package io.aitta.partition;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * Operations that stand one after the other in one call, and wait together. What one call brings is kept together as far
 * as it goes, so that a small operation costs little more than its bytes; it is divided where one part of it fares
 * differently from another. Immutable.
 *
 * @param group names the call at the node that asked
 * @param first position in the call of the first of the operations
 * @param fast answered as soon as they have their place in the log
 * @param deadlineNanos on this node's {@link System#nanoTime()} clock
 * @param hops how often they were passed on between nodes
 * @param sinceNanos when they came to this node
 */
record WriteRun(
        long group,
        int first,
        List<byte[]> operations,
        boolean fast,
        long deadlineNanos,
        ActorRef<Replica.Answer> replyTo,
        int hops,
        long sinceNanos) {
    /** What an operation takes in a message beside its bytes, at most. */
    private static final int OVERHEAD = 5;

    static WriteRun of(Replica.Write write, long nowNanos) {
        return new WriteRun(
                write.group(),
                write.first(),
                write.operations(),
                write.fast(),
                nowNanos + TimeUnit.MILLISECONDS.toNanos(write.remainingMillis()),
                write.replyTo(),
                write.hops(),
                nowNanos);
    }

    int count() {
        return operations.size();
    }

    long bytes() {
        long bytes = 0;
        for (var operation : operations) {
            bytes += operation.length;
        }
        return bytes;
    }

    boolean isLate(long nowNanos) {
        return deadlineNanos - nowNanos <= 0;
    }

    Replica.Range range() {
        return new Replica.Range(group, first, operations.size());
    }

    /** The operations from {@code from} on and before {@code to}, counted within this run. */
    WriteRun part(int from, int to) {
        return from == 0 && to == operations.size()
                ? this
                : new WriteRun(
                        group,
                        first + from,
                        operations.subList(from, to),
                        fast,
                        deadlineNanos,
                        replyTo,
                        hops,
                        sinceNanos);
    }

    /** Divided into messages of about {@code maxBytes}; a single larger operation makes one of its own. */
    List<Replica.Write> messages(int maxBytes, int hopsNow, long nowNanos) {
        long remainingMillis = Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadlineNanos - nowNanos));
        var messages = new ArrayList<Replica.Write>(1);
        int from = 0;
        long bytes = 0;
        for (int i = 0; i < operations.size(); i++) {
            int size = operations.get(i).length + OVERHEAD;
            if (i > from && bytes + size > maxBytes) {
                messages.add(part(from, i).message(remainingMillis, hopsNow));
                from = i;
                bytes = 0;
            }
            bytes += size;
        }
        messages.add(part(from, operations.size()).message(remainingMillis, hopsNow));
        return messages;
    }

    private Replica.Write message(long remainingMillis, int hopsNow) {
        return new Replica.Write(group, first, operations, fast, remainingMillis, replyTo, hopsNow);
    }
}
