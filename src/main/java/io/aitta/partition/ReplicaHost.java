package io.aitta.partition;

import io.aitta.core.PartitionId;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * Sees to it that this node runs the replicas which the topology gives it, and none of tables that are gone: those are
 * stopped, then their data is removed from store and binlog.
 */
public final class ReplicaHost extends AbstractBehavior<ReplicaHost.Command> {
    private static final Duration RETRY = Duration.ofSeconds(1);

    public sealed interface Command {}

    /** The topology may have changed. */
    public enum Review implements Command {
        INSTANCE
    }

    private record Stopped(PartitionId id) implements Command {}

    private record Removed(PartitionId id, Throwable failure) implements Command {}

    private final ReplicaWiring wiring;
    private final TimerScheduler<Command> timers;
    /** Being stopped or removed, or removed already: a partition that is gone does not come back. */
    private final Set<PartitionId> leaving = new HashSet<>();
    /** What an earlier process of this node left in store and journal. */
    private final Set<PartitionId> leftBehind = new HashSet<>();

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
        var prefix = ReplicaLog.persistenceIdPrefix(wiring.self());
        for (var persistenceId : wiring.binlogs().persistenceIds()) {
            if (persistenceId.startsWith(prefix)) {
                leftBehind.add(PartitionId.parse(persistenceId.substring(prefix.length())));
            }
        }
        leftBehind.addAll(wiring.store().partitions());
        entities.start(context.getSystem(), wiring);
        context.getSelf().tell(Review.INSTANCE);
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Review.class, review -> onReview())
                .onMessage(Removed.class, this::onRemoved)
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
            if (wiring.replicas().get(id) == null && !leaving.contains(id)) {
                missing = true;
                wiring.refs().of(id, wiring.self()).tell(Replica.Wake.INSTANCE);
            }
        }
        for (var id : present()) {
            if (wiring.placements().isGone(id) && leaving.add(id)) {
                retire(id);
            }
        }
        if (missing) {
            timers.startSingleTimer(Review.INSTANCE, RETRY);
        }
        return this;
    }

    private Set<PartitionId> present() {
        var present = new HashSet<>(leftBehind);
        wiring.replicas().all().forEach(replica -> present.add(replica.id()));
        return present;
    }

    private void retire(PartitionId id) {
        var replica = wiring.replicas().get(id);
        if (replica == null) {
            remove(id);
        } else {
            getContext().watchWith(replica.front(), new Stopped(id));
            replica.front().tell(Replica.Stop.INSTANCE);
        }
    }

    private void remove(PartitionId id) {
        getContext()
                .pipeToSelf(
                        wiring.purge()
                                .drop(ReplicaLog.persistenceId(wiring.self(), id))
                                .thenRun(() -> wiring.store().drop(id)),
                        (done, failure) -> new Removed(id, failure));
    }

    private Behavior<Command> onStopped(Stopped stopped) {
        remove(stopped.id());
        return this;
    }

    private Behavior<Command> onRemoved(Removed removed) {
        if (removed.failure() == null) {
            leftBehind.remove(removed.id());
            getContext().getLog().info("Removed the data of {}, whose table is gone", removed.id());
        } else {
            getContext().getLog().warn("Removing the data of {} failed; trying again", removed.id(), removed.failure());
            leaving.remove(removed.id());
            leftBehind.add(removed.id());
            timers.startSingleTimer(Review.INSTANCE, RETRY);
        }
        return this;
    }
}
