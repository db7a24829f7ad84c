package io.aitta.partition;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.kv.Value;
import io.aitta.core.replication.Status;
import io.aitta.store.ReplicaStore;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * What the threads of a node share about one of its replicas. Written by the replica's actors, read by any thread: it
 * is how a strong read gets by without asking an actor.
 */
public final class LocalReplica {
    private final PartitionId id;
    private final ActorRef<Replica.Command> front;
    private final ReplicaStore store;
    private volatile ActorRef<ReplicaLog.Command> log;
    /** Null while the binlog is being replayed, or after it failed. */
    private volatile Status status;
    /** The front has work that cannot go on before the log moves. */
    private volatile boolean frontWaits;

    LocalReplica(PartitionId id, ActorRef<Replica.Command> front, ReplicaStore store) {
        this.id = id;
        this.front = front;
        this.store = store;
    }

    public PartitionId id() {
        return id;
    }

    public ActorRef<Replica.Command> front() {
        return front;
    }

    public ReplicaStore store() {
        return store;
    }

    ActorRef<ReplicaLog.Command> log() {
        return log;
    }

    void logStarted(ActorRef<ReplicaLog.Command> newLog) {
        log = newLog;
    }

    /** As of the last step; empty while the binlog is being replayed, or after it failed. */
    public Optional<Status> status() {
        return Optional.ofNullable(status);
    }

    void publish(Status newStatus) {
        status = newStatus;
    }

    boolean frontWaits() {
        return frontWaits;
    }

    void setFrontWaits(boolean waits) {
        frontWaits = waits;
    }

    /** The primary as far as this replica knows; empty while it knows none. */
    public Optional<NodeId> primary() {
        var now = status;
        return now == null ? Optional.empty() : now.primary();
    }

    /**
     * Reads under the lease. The lease is looked at again after the values were read: were it not, a pause in between
     * could make the answer stale.
     *
     * @return empty if this replica may not answer strong reads now
     */
    Optional<List<Optional<Value>>> readStrong(List<byte[]> keys) {
        var before = status;
        if (before == null || !before.mayRead(System.nanoTime())) {
            return Optional.empty();
        }
        var values = readApplied(keys);
        var after = status;
        boolean still = after != null && after.term().equals(before.term()) && after.mayRead(System.nanoTime());
        return still ? Optional.of(values) : Optional.empty();
    }

    /** Reads whatever has been applied. */
    List<Optional<Value>> readApplied(List<byte[]> keys) {
        return store.get(keys, System.currentTimeMillis());
    }
}
