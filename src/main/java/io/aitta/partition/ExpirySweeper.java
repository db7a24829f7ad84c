package io.aitta.partition;

import com.google.protobuf.InvalidProtocolBufferException;
import io.aitta.core.kv.Operations;
import io.aitta.core.replication.Status;
import io.aitta.partition.PartitionAccess.Acknowledgement;
import io.aitta.partition.PartitionAccess.WriteAnswer;
import io.aitta.proto.record.v1.Outcome;
import io.aitta.store.StoreException;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * Takes away what nobody reads any more: keys that have expired, of the partitions whose primary is on this node, by
 * ordinary writes; and changes so old that they are kept for no watcher, of all replicas on this node. One for the node.
 *
 * <p>It gives way to clients. A partition has one removal under way, with a pause after it that is a multiple of the time
 * it took, so that a busy partition is bothered less; and few partitions have one at the same time. A key that has
 * expired reads as absent anyway, so being late costs space alone.
 */
public final class ExpirySweeper extends AbstractBehavior<ExpirySweeper.Command> {
    public sealed interface Command {}

    private enum Look implements Command {
        INSTANCE
    }

    private record Answered(LocalReplica replica, long tookNanos, WriteAnswer answer) implements Command {}

    private record PauseOver(LocalReplica replica) implements Command {}

    private static final int PARTITIONS_AT_ONCE = 4;
    /** A removal is followed by a pause so many times as long: at most a fifth of a partition's time goes to it. */
    private static final int PAUSE_TIMES = 4;

    private static final Duration WRITE_LIMIT = Duration.ofSeconds(10);

    private final LocalReplicas replicas;
    private final PartitionAccess partitions;
    private final SweeperSettings settings;
    private final LongSupplier wallMillis;
    private final TimerScheduler<Command> timers;
    private final byte[] removal;
    /** That have something to remove, those first that have waited for longest. */
    private final Set<LocalReplica> waiting = new LinkedHashSet<>();

    private final Set<LocalReplica> underWay = new HashSet<>();
    private final Set<LocalReplica> pausing = new HashSet<>();

    /** @param wallMillis the clock by which this node stamps batches */
    public static Behavior<Command> create(
            LocalReplicas replicas, PartitionAccess partitions, SweeperSettings settings, LongSupplier wallMillis) {
        return Behaviors.setup(context -> Behaviors.withTimers(
                timers -> new ExpirySweeper(context, timers, replicas, partitions, settings, wallMillis)));
    }

    private ExpirySweeper(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            LocalReplicas replicas,
            PartitionAccess partitions,
            SweeperSettings settings,
            LongSupplier wallMillis) {
        super(context);
        this.replicas = replicas;
        this.partitions = partitions;
        this.settings = settings;
        this.wallMillis = wallMillis;
        this.timers = timers;
        removal = Operations.removeExpired(settings.keysAtOnce());
        timers.startTimerWithFixedDelay(Look.INSTANCE, settings.interval());
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Look.class, look -> onLook())
                .onMessage(Answered.class, this::onAnswered)
                .onMessage(PauseOver.class, this::onPauseOver)
                .build();
    }

    private Behavior<Command> onLook() {
        for (var replica : replicas.all()) {
            lookAt(replica);
        }
        beginNext();
        return this;
    }

    private void lookAt(LocalReplica replica) {
        try {
            replica.store().trimChanges(settings.keepChangeBytes());
            if (isDue(replica) && !underWay.contains(replica) && !pausing.contains(replica)) {
                waiting.add(replica);
            }
        } catch (StoreException failure) {
            // A replica that was dropped while we looked is not one that fails.
            if (replicas.get(replica.id()) == replica) {
                getContext().getLog().warn("What is old in {} stays for now: {}", replica.id(), failure.getMessage());
            }
        }
    }

    private boolean isDue(LocalReplica replica) {
        boolean isPrimary = replica.status()
                .filter(status -> status.role() == Status.Role.PRIMARY && status.serving())
                .isPresent();
        if (!isPrimary) {
            return false;
        }
        var next = replica.store().nextExpiryMillis();
        return next.isPresent() && next.getAsLong() <= wallMillis.getAsLong();
    }

    private void beginNext() {
        var first = waiting.iterator();
        while (underWay.size() < PARTITIONS_AT_ONCE && first.hasNext()) {
            var replica = first.next();
            first.remove();
            begin(replica);
        }
    }

    private void begin(LocalReplica replica) {
        long began = System.nanoTime();
        underWay.add(replica);
        getContext()
                .pipeToSelf(
                        partitions.write(replica.id(), removal, Acknowledgement.QUORUM, began + WRITE_LIMIT.toNanos()),
                        (answer, never) -> new Answered(replica, System.nanoTime() - began, answer));
    }

    private Behavior<Command> onAnswered(Answered answered) {
        var replica = answered.replica();
        underWay.remove(replica);
        if (mayBeMore(answered)) {
            pausing.add(replica);
            long pause = Math.max(settings.pause().toNanos(), PAUSE_TIMES * answered.tookNanos());
            timers.startSingleTimer(replica, new PauseOver(replica), Duration.ofNanos(pause));
        }
        beginNext();
        return this;
    }

    private Behavior<Command> onPauseOver(PauseOver over) {
        pausing.remove(over.replica());
        lookAt(over.replica());
        beginNext();
        return this;
    }

    /** If not, or if it went wrong, the next look tells. */
    private boolean mayBeMore(Answered answered) {
        if (!(answered.answer() instanceof WriteAnswer.Done done)) {
            getContext()
                    .getLog()
                    .debug(
                            "Removing expired keys of {} did not succeed: {}",
                            answered.replica().id(),
                            answered.answer());
            return false;
        }
        try {
            return Outcome.parseFrom(done.outcome()).getRemoveExpired().getLookedAt() >= settings.keysAtOnce();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(
                    "an outcome of " + answered.replica().id() + " does not decode", e);
        }
    }
}
