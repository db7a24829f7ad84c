package io.aitta.partition;

import io.aitta.partition.ReplicaWiring.ReplicaLimits;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Writes that wait in front of a replica, in the order in which they came. Bounded by number and bytes of operations:
 * of a run that finds room only in part, the beginning is taken. Used by one actor.
 */
final class WriteQueue {
    private final ReplicaLimits limits;
    private final ArrayDeque<WriteRun> runs = new ArrayDeque<>();
    private int count;
    private long bytes;

    WriteQueue(ReplicaLimits limits) {
        this.limits = limits;
    }

    boolean isEmpty() {
        return runs.isEmpty();
    }

    /** How often the first run was passed on; 0 if there is none. */
    int hopsOfFirst() {
        var first = runs.peekFirst();
        return first == null ? 0 : first.hops();
    }

    /** Operations that wait. */
    int count() {
        return count;
    }

    /** Of the operations that wait. */
    long bytes() {
        return bytes;
    }

    /** @return how many of its operations, from the first on, found room */
    int offer(WriteRun run) {
        int room = Math.min(run.count(), limits.queuedWrites() - count);
        int fitting = 0;
        long more = 0;
        while (fitting < room && bytes + more + run.operations().get(fitting).length <= limits.queuedWriteBytes()) {
            more += run.operations().get(fitting).length;
            fitting++;
        }
        if (fitting > 0) {
            runs.addLast(run.part(0, fitting));
            count += fitting;
            bytes += more;
        }
        return Math.max(0, fitting);
    }

    /** Puts back what was taken, before everything else; the limits do not hold for it. */
    void putBack(List<WriteRun> taken) {
        for (int i = taken.size() - 1; i >= 0; i--) {
            var run = taken.get(i);
            runs.addFirst(run);
            count += run.count();
            bytes += run.bytes();
        }
    }

    /**
     * Takes out what goes into one log entry: operations of about {@code batchBytes}, but at least one, if there is any
     * that is not late.
     *
     * @param mostOperations at least 1
     * @param late told of runs whose deadline has passed, which are taken out as well
     */
    List<WriteRun> takeBatch(int mostOperations, long nowNanos, Consumer<WriteRun> late) {
        var batch = new ArrayList<WriteRun>();
        int taken = 0;
        long takenBytes = 0;
        boolean full = false;
        while (!full && !runs.isEmpty()) {
            var run = runs.peekFirst();
            if (run.isLate(nowNanos)) {
                late.accept(removeFirst());
                continue;
            }
            int fitting = 0;
            while (fitting < run.count() && !full) {
                int size = run.operations().get(fitting).length;
                full = taken == mostOperations || taken > 0 && takenBytes + size > limits.batchBytes();
                if (!full) {
                    fitting++;
                    taken++;
                    takenBytes += size;
                }
            }
            removeFirst();
            if (fitting > 0) {
                batch.add(run.part(0, fitting));
            }
            if (fitting < run.count()) {
                putBack(List.of(run.part(fitting, run.count())));
            }
        }
        return batch;
    }

    /** Takes out what is late. */
    void expire(long nowNanos, Consumer<WriteRun> late) {
        runs.removeIf(run -> {
            boolean isLate = run.isLate(nowNanos);
            if (isLate) {
                forget(run);
                late.accept(run);
            }
            return isLate;
        });
    }

    /** Takes everything out. */
    void drain(Consumer<WriteRun> to) {
        while (!runs.isEmpty()) {
            to.accept(removeFirst());
        }
    }

    private WriteRun removeFirst() {
        var run = runs.removeFirst();
        forget(run);
        return run;
    }

    private void forget(WriteRun run) {
        count -= run.count();
        bytes -= run.bytes();
    }
}
