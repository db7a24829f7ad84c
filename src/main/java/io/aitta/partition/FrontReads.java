package io.aitta.partition;

import io.aitta.core.PartitionId;
import io.aitta.partition.PartitionAccess.ReadLevel;
import io.aitta.partition.PartitionAccess.Reason;
import io.aitta.partition.ReplicaWiring.ReplicaLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The reads in front of a replica: answers those that its {@link LocalReplica} may answer, holds the others until it may,
 * until they can be passed on, or until their deadline. Used by the replica's front alone.
 */
final class FrontReads {
    /**
     * How long a session's read waits for what stands in the log here already. To ask the primary takes about as long,
     * and costs more.
     */
    static final Duration SESSION_PATIENCE = Duration.ofMillis(10);

    private final PartitionId id;
    private final LocalReplica local;
    private final int answerBytes;
    private final ReadQueue queue;

    FrontReads(LocalReplica local, ReplicaLimits limits) {
        this.id = local.id();
        this.local = local;
        this.answerBytes = limits.answerBytes();
        this.queue = new ReadQueue(limits.queuedReads(), SESSION_PATIENCE.toNanos());
    }

    boolean isEmpty() {
        return queue.isEmpty();
    }

    boolean sessionsWait() {
        return queue.sessionsWait();
    }

    /** Answers or refuses a read that has come, or lets it wait. */
    void take(Replica.Read read) {
        if (read.remainingMillis() <= 0) {
            refuse(read, Reason.DEADLINE_EXCEEDED, "the deadline passed before the read was begun");
            return;
        }
        var reading = local.read(read.keys(), read.level());
        if (reading.isPresent()) {
            answer(read, reading.get());
        } else if (ReadLevel.EVENTUAL.equals(read.level()) && local.hasApplied()) {
            // Whoever sent it here had no better place for it.
            answer(read, local.readApplied(read.keys()));
        } else if (queue.isFull()) {
            refuse(read, Reason.OVERLOADED, "partition " + id + " has " + queue.size() + " reads waiting");
        } else {
            queue.add(read, local.isAboutToReach(read.level()), System.nanoTime());
        }
    }

    /** Answers the sessions that this replica has caught up with. */
    void serveSessions() {
        queue.takeReached(local.reached(), read -> answer(read, local.readApplied(read.keys())));
    }

    /**
     * Answers all that waits, as the primary.
     *
     * @return false if the lease has to be renewed first
     */
    boolean serveAll() {
        queue.losePatience();
        for (var read = queue.peek(); read != null; read = queue.peek()) {
            var reading = local.read(read.keys(), read.level());
            if (reading.isEmpty()) {
                return false;
            }
            answer(queue.remove(), reading.get());
        }
        return true;
    }

    /** How often the first that waits for a primary was passed on; 0 if there is none. */
    int hopsOfFirst() {
        var first = queue.peek();
        return first == null ? 0 : first.hops();
    }

    /** Sessions wait for this replica no longer. */
    void losePatience() {
        queue.losePatience();
    }

    /** Takes out everything that waits for a primary. */
    void drainForPrimary(Consumer<ReadQueue.Waiting> to) {
        queue.drainForPrimary(to);
    }

    /** Refuses what is late; sessions that have waited for long enough wait for the primary from now on. */
    void expire(long nowNanos, String message) {
        queue.expire(nowNanos, read -> refuse(read, Reason.NO_PRIMARY, message));
        queue.losePatience(nowNanos);
    }

    void refuseAll(Reason reason, String message) {
        queue.drain(read -> refuse(read, reason, message));
    }

    void refuse(Replica.Read read, Reason reason, String message) {
        read.replyTo().tell(new Replica.Refused(List.of(Replica.Range.whole(read.correlation())), reason, message));
    }

    private void answer(Replica.Read read, LocalReplica.Reading reading) {
        var fitting = new ArrayList<Replica.ReadValue>(reading.values().size());
        long bytes = 0;
        for (var value : reading.values()) {
            bytes += 32 + value.map(v -> v.bytes().length).orElse(0);
            if (!fitting.isEmpty() && bytes > answerBytes) {
                break;
            }
            fitting.add(value.map(v -> new Replica.ReadValue(v.bytes(), v.version(), v.expiresAtMillis()))
                    .orElse(new Replica.ReadValue(null, 0, 0)));
        }
        read.replyTo().tell(new Replica.ReadValues(read.correlation(), fitting, reading.index(), reading.strong()));
    }
}
