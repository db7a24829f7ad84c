package io.aitta.partition;

import io.aitta.core.PartitionId;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * Sees to it that this node runs the replicas which the topology gives it, and no others: those of tables that are gone,
 * and those that were moved away, are stopped; then their data is removed from store and binlog.
 *
 * <p>A removal that was begun is always finished, whatever happens: before the first row goes, the store remembers that
 * the replica is leaving, and after a crash that is found and gone on with before anything else. A replica that is given
 * back to the node meanwhile begins anew when the removal is complete; one that is given back before its removal was begun
 * goes on with what it has, which is safe: it has forgotten neither its votes nor its log.
 *
 * <p>What is to be removed is told by the topology on this node's disk ({@link Placements}), which knows of every replica
 * that this node has ever started. If that was lost, nothing that an earlier process left is removed until the topology
 * has given it to this node once more.
 */
public final class ReplicaHost extends AbstractBehavior<ReplicaHost.Command> {
    private static final Duration RETRY = Duration.ofSeconds(1);

    public sealed interface Command {}

    /** What the node is to hold may have changed. */
    public enum Review implements Command {
        INSTANCE
    }

    private record Stopped(PartitionId id) implements Command {}

    private record Removed(PartitionId id, Throwable failure) implements Command {}

    private record RemoveAgain(PartitionId id) implements Command {}

    private final ReplicaWiring wiring;
    private final TimerScheduler<Command> timers;
    private final Executor blocking;
    /**
     * What an earlier process of this node left in store and journal, and what ran in this one: the data of a replica whose
     * actor has failed must go, too, when the partition is taken away.
     */
    private final Set<PartitionId> leftBehind = new HashSet<>();
    /** Of these it is not known whether they were moved away from here or to here. */
    private final Set<PartitionId> unsure = new HashSet<>();

    public static Behavior<Command> create(ReplicaWiring wiring, ReplicaEntities entities) {
        return Behaviors.setup(
                context -> Behaviors.withTimers(timers -> new ReplicaHost(context, timers, wiring, entities)));
    }

    private ReplicaHost(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            ReplicaWiring wiring,
            ReplicaEntities entities) {
        super(context);
        this.wiring = wiring;
        this.timers = timers;
        this.blocking =
                context.getSystem().dispatchers().lookup(DispatcherSelector.fromConfig(ReplicaWiring.DISPATCHER));
        findLeftBehind();
        var self = context.getSelf();
        // One that failed is begun again.
        wiring.replicas().onRemoved(id -> self.tell(Review.INSTANCE));
        entities.start(context.getSystem(), wiring);
        context.getSelf().tell(Review.INSTANCE);
    }

    private void findLeftBehind() {
        var prefix = ReplicaLog.persistenceIdPrefix(wiring.self());
        for (var persistenceId : wiring.binlogs().persistenceIds()) {
            if (persistenceId.startsWith(prefix)) {
                leftBehind.add(PartitionId.parse(persistenceId.substring(prefix.length())));
            }
        }
        var stored = wiring.store().partitions();
        leftBehind.addAll(stored);
        if (!wiring.placements().isKnown(wiring.self())) {
            unsure.addAll(leftBehind);
        }
        for (var id : stored) {
            if (wiring.store().replica(id).mark().getLeaving()
                    && wiring.replicas().beginLeaving(id)) {
                remove(id);
            }
        }
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Review.class, review -> onReview())
                .onMessage(Removed.class, this::onRemoved)
                .onMessage(RemoveAgain.class, again -> remove(again.id()))
                .onMessage(Stopped.class, this::onStopped)
                .build();
    }

    private Behavior<Command> onReview() {
        if (CoordinatedShutdown.get(getContext().getSystem())
                .getShutdownReason()
                .isPresent()) {
            // The replicas are being stopped; to wake them would hold up the end of sharding.
            return this;
        }
        boolean missing = false;
        for (var id : wiring.placements().heldBy(wiring.self())) {
            unsure.remove(id);
            if (wiring.replicas().get(id) == null && !wiring.replicas().isLeaving(id)) {
                missing = true;
                wiring.refs().of(id, wiring.self()).tell(Replica.Wake.INSTANCE);
            }
        }
        for (var id : present()) {
            if (isToGo(id) && wiring.replicas().beginLeaving(id)) {
                retire(id);
            }
        }
        if (missing) {
            timers.startSingleTimer(Review.INSTANCE, RETRY);
        }
        return this;
    }

    private Set<PartitionId> present() {
        wiring.replicas().all().forEach(replica -> leftBehind.add(replica.id()));
        return Set.copyOf(leftBehind);
    }

    private boolean isToGo(PartitionId id) {
        return wiring.placements().isGone(id)
                || wiring.placements().isElsewhere(wiring.self(), id) && !unsure.contains(id);
    }

    private void retire(PartitionId id) {
        var replica = wiring.replicas().get(id);
        if (replica == null) {
            remove(id);
        } else {
            getContext().watchWith(replica.front(), new Stopped(id));
            replica.front().tell(Replica.Retire.INSTANCE);
        }
    }

    private Behavior<Command> onStopped(Stopped stopped) {
        if (isToGo(stopped.id())) {
            return remove(stopped.id());
        }
        // Given back while it was being stopped. It goes on with what it has.
        wiring.replicas().endLeaving(stopped.id());
        return onReview();
    }

    private Behavior<Command> remove(PartitionId id) {
        getContext().pipeToSelf(removal(id), (done, failure) -> new Removed(id, failure));
        return this;
    }

    private CompletionStage<Void> removal(PartitionId id) {
        return CompletableFuture.runAsync(() -> markAsLeaving(id), blocking)
                .thenCompose(marked -> wiring.purge().drop(ReplicaLog.persistenceId(wiring.self(), id)))
                .thenRunAsync(() -> wiring.store().drop(id), blocking);
    }

    /** In the store also if there is nothing of it there: the binlog alone, half removed, must not be used either. */
    private void markAsLeaving(PartitionId id) {
        wiring.store().replica(id).leave();
        wiring.store().flush();
    }

    private Behavior<Command> onRemoved(Removed removed) {
        var id = removed.id();
        if (removed.failure() != null) {
            getContext().getLog().warn("Removing the data of {} failed; trying again", id, removed.failure());
            timers.startSingleTimer(id, new RemoveAgain(id), RETRY);
            return this;
        }
        leftBehind.remove(id);
        unsure.remove(id);
        wiring.replicas().endLeaving(id);
        getContext().getLog().info("Removed the data of {}, which this node holds no more", id);
        return wiring.placements().isHeldBy(wiring.self(), id) ? onReview() : this;
    }
}
