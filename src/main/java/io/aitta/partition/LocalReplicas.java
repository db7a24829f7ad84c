package io.aitta.partition;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/** The replicas that live on this node. Thread-safe. */
public final class LocalReplicas {
    private final Map<PartitionId, LocalReplica> replicas = new ConcurrentHashMap<>();
    private final CopyOnWriteArrayList<Consumer<NodeId>> lostListeners = new CopyOnWriteArrayList<>();
    private final CopyOnWriteArrayList<Consumer<PartitionId>> removedListeners = new CopyOnWriteArrayList<>();

    private final Set<PartitionId> leaving = ConcurrentHashMap.newKeySet();
    private final HandOverTimes handOvers = new HandOverTimes();
    /** Of replicas that are no more. */
    private final LongAdder goneReads = new LongAdder();

    private final LongAdder goneWrites = new LongAdder();

    /** How long requests waited for new primaries. */
    HandOverTimes handOvers() {
        return handOvers;
    }

    /** Keys read from replicas of this node since it was started. */
    long readsServed() {
        return goneReads.sum()
                + replicas.values().stream()
                        .mapToLong(LocalReplica::readsServed)
                        .sum();
    }

    /** Operations that primaries of this node put in order since it was started. */
    long writesOrdered() {
        return goneWrites.sum()
                + replicas.values().stream()
                        .mapToLong(LocalReplica::writesOrdered)
                        .sum();
    }

    /** Null if the partition has no replica here. */
    public LocalReplica get(PartitionId id) {
        return replicas.get(id);
    }

    public Collection<LocalReplica> all() {
        return replicas.values();
    }

    /** Its replica here is being stopped and its data removed: none may be started before that is done. */
    boolean isLeaving(PartitionId id) {
        return leaving.contains(id);
    }

    /** @return false if it was leaving already */
    boolean beginLeaving(PartitionId id) {
        return leaving.add(id);
    }

    void endLeaving(PartitionId id) {
        leaving.remove(id);
    }

    void add(LocalReplica replica) {
        replicas.put(replica.id(), replica);
    }

    void remove(LocalReplica replica) {
        if (replicas.remove(replica.id(), replica)) {
            goneReads.add(replica.readsServed());
            goneWrites.add(replica.writesOrdered());
            removedListeners.forEach(listener -> listener.accept(replica.id()));
            replica.moved();
        }
    }

    /** Called with every partition whose replica here is stopped. */
    void onRemoved(Consumer<PartitionId> listener) {
        removedListeners.add(listener);
    }

    /** Called with every node that can no longer be reached. */
    void onLost(Consumer<NodeId> listener) {
        lostListeners.add(listener);
    }

    void tellReachability(NodeId node, boolean reachable) {
        for (var replica : replicas.values()) {
            replica.log().tell(new ReplicaLog.Reachability(node));
        }
        if (!reachable) {
            lostListeners.forEach(listener -> listener.accept(node));
        }
    }
}
