package io.aitta.partition;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.kv.Value;
import io.aitta.core.replication.Entry;
import io.aitta.core.replication.Status;
import io.aitta.partition.PartitionAccess.ReadLevel;
import io.aitta.store.ReplicaStore;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * What the threads of a node share about one of its replicas. Written by the replica's actors, read by any thread: it
 * is how a strong read gets by without asking an actor.
 */
public final class LocalReplica {
    /**
     * What was read.
     *
     * @param index the replica had applied the log at most up to here when it was read
     * @param strong whether it was read under the lease
     */
    record Reading(List<Optional<Value>> values, long index, boolean strong) {}

    /**
     * A whole copy that is being fetched.
     *
     * @param fetched bytes of it that are here
     * @param total bytes of all of it, about; never less than those that are here
     */
    record Copying(long fetched, long total) {}

    private final NodeId self;
    private final PartitionId id;
    private final ActorRef<Replica.Command> front;
    private final ReplicaStore store;
    private volatile ActorRef<ReplicaLog.Command> log;
    /** Null while the binlog is being replayed, or after it failed. */
    private volatile Status status;
    /** The front has work that cannot go on before the log moves. */
    private volatile boolean frontWaits;
    /** Entries up to here may be seen in the store, though its mark may not say so yet. */
    private volatile long applying;
    /** Null while nobody wants to know. */
    private volatile Runnable movedListener;

    /** Null while no whole copy is being fetched. */
    private volatile Copying copying;
    /** For whose sake writers are being throttled; null: for nobody's. */
    private volatile NodeId slowedFor;
    /** What that one lacks; empty if that is not known. */
    private volatile OptionalLong learnerLag = OptionalLong.empty();
    /** When the primary's role began to be handed over, and not reached another yet; 0: it is not being. */
    private volatile long stuckSinceNanos;

    private final List<Consumer<Entry>> appliedListeners = new CopyOnWriteArrayList<>();
    /** Operations that wait in front of the log. */
    private volatile int queuedWrites;

    private final Freshness freshness = new Freshness();
    private final LongAdder readsServed = new LongAdder();
    private final LongAdder writesOrdered = new LongAdder();

    LocalReplica(NodeId self, PartitionId id, ActorRef<Replica.Command> front, ReplicaStore store) {
        this.self = self;
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

    OptionalLong learnerLag() {
        return learnerLag;
    }

    void learnerLacks(OptionalLong entries) {
        learnerLag = entries;
    }

    long stuckSinceNanos() {
        return stuckSinceNanos;
    }

    void stuckSince(long nanos) {
        stuckSinceNanos = nanos;
    }

    boolean frontWaits() {
        return frontWaits;
    }

    void setFrontWaits(boolean waits) {
        frontWaits = waits;
    }

    /** The one that is run, on the replica's thread, whenever something was applied, and when the replica is no more. */
    synchronized void onMoved(Runnable listener) {
        movedListener = listener;
    }

    /** Does nothing if another one has taken its place. */
    synchronized void notOnMoved(Runnable listener) {
        if (movedListener == listener) {
            movedListener = null;
        }
    }

    void moved() {
        var listener = movedListener;
        if (listener != null) {
            listener.run();
        }
    }

    /** The one that is run, on the replica's thread, right after each entry is applied and before the next. */
    void onApplied(Consumer<Entry> listener) {
        appliedListeners.add(listener);
    }

    void notOnApplied(Consumer<Entry> listener) {
        appliedListeners.remove(listener);
    }

    void applied(Entry entry) {
        if (!appliedListeners.isEmpty()) {
            appliedListeners.forEach(listener -> listener.accept(entry));
        }
    }

    /** @param now null: none is being fetched any more */
    void copying(Copying now) {
        copying = now;
    }

    /** Whether a whole copy of another replica is being fetched. */
    public boolean isCopying() {
        return copying != null;
    }

    Optional<Copying> copying() {
        return Optional.ofNullable(copying);
    }

    /** @param learner null: for nobody's sake any more */
    void slowedFor(NodeId learner) {
        slowedFor = learner;
    }

    /** The learner for whose sake this primary throttles writers. */
    public Optional<NodeId> slowedFor() {
        return Optional.ofNullable(slowedFor);
    }

    void queuedWrites(int operations) {
        queuedWrites = operations;
    }

    /** Operations that wait for their turn to be put in order, as of a moment ago. */
    public int queuedWrites() {
        return queuedWrites;
    }

    void ordered(int writes) {
        writesOrdered.add(writes);
    }

    /** Operations that this replica put in order as primary since it was started. */
    long writesOrdered() {
        return writesOrdered.sum();
    }

    /** Keys that were read from this replica since it was started. */
    long readsServed() {
        return readsServed.sum();
    }

    /** The primary as far as this replica knows; empty while it knows none. */
    public Optional<NodeId> primary() {
        var now = status;
        return now == null ? Optional.empty() : now.primary();
    }

    /** The log's actor is about to apply entries up to {@code index}, or to take over a copy that goes so far. */
    void applying(long index) {
        applying = index;
    }

    /** The log has been applied at least up to here; whoever reads after asking sees it. */
    long reached() {
        return store.mark().getAppliedIndex();
    }

    /** Evidence for how fresh this replica is; see {@link Freshness}. */
    void offerEvidence(long index, long sentNanos) {
        freshness.offer(index, sentNanos, reached());
    }

    /** Whether what a session has seen stands in this replica's log, and wants only to be applied. */
    boolean isAboutToReach(ReadLevel level) {
        var now = status;
        return level instanceof ReadLevel.Session session
                && now != null
                && now.role() != Status.Role.PRIMARY
                && now.primary().isPresent()
                && now.membership().contains(self)
                && now.lastIndex().value() >= session.index();
    }

    /** Reads if this replica may answer by itself; empty if it may not, now. */
    Optional<Reading> read(List<byte[]> keys, ReadLevel level) {
        if (isFreshEnough(level)) {
            var reading = readApplied(keys);
            // A pause while reading could have made it older than it may be.
            if (isFreshEnough(level)) {
                return Optional.of(reading);
            }
        }
        return readStrong(keys);
    }

    /** Whether what has been applied will do for a level, whoever is primary. */
    boolean isFreshEnough(ReadLevel level) {
        if (level instanceof ReadLevel.Session session) {
            return session.index() <= reached() && hasApplied();
        }
        return level instanceof ReadLevel.Eventual eventual
                && isMember()
                && (eventual.maxStalenessMillis() == 0
                        || freshness.isWithin(
                                TimeUnit.MILLISECONDS.toNanos(eventual.maxStalenessMillis()),
                                reached(),
                                System.nanoTime()));
    }

    /** One that has applied nothing may be about to be given a whole copy. */
    boolean hasApplied() {
        return reached() > 0;
    }

    /** One that is being replayed, failed, or was removed from its group may be far behind without knowing. */
    private boolean isMember() {
        var now = status;
        return now != null && now.membership().contains(self);
    }

    /**
     * Reads under the lease. The lease is looked at again after the values were read: were it not, a pause in between
     * could make the answer stale.
     *
     * @return empty if this replica may not answer strong reads now
     */
    private Optional<Reading> readStrong(List<byte[]> keys) {
        var before = status;
        if (before == null || !before.mayRead(System.nanoTime())) {
            return Optional.empty();
        }
        var reading = readApplied(keys);
        var after = status;
        boolean still = after != null && after.term().equals(before.term()) && after.mayRead(System.nanoTime());
        return still ? Optional.of(new Reading(reading.values(), reading.index(), true)) : Optional.empty();
    }

    /** Reads whatever has been applied. */
    Reading readApplied(List<byte[]> keys) {
        var values = store.get(keys, System.currentTimeMillis());
        readsServed.add(keys.size());
        // Looked at after reading: it may be newer than what was seen, never older.
        return new Reading(values, Math.max(applying, reached()), false);
    }
}
