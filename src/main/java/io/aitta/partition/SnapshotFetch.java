package io.aitta.partition;

import com.google.protobuf.InvalidProtocolBufferException;
import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.proto.record.v1.ReplicaMark;
import io.aitta.store.ReplicaStore;
import io.aitta.store.StoreException;
import java.time.Duration;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * Copies one replica's store from another node into a staging place of the own, a chunk at a time. A chunk that is lost
 * or damaged is asked for again; the copy goes on where it was. Tells the log once, and stops; if it is stopped before,
 * what was copied is removed with the next staging, or with the replica. Whoever starts it has begun a fetch by {@link
 * CopyLimits}; it ends it.
 */
final class SnapshotFetch extends AbstractBehavior<SnapshotFetch.Command> {
    /** Longer than the source may make chunks wait for their turn. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    /** Chunks asked for without an answer, one after the other, until the copy is given up. */
    private static final int MAX_TRIES = 5;

    sealed interface Command {}

    private record Arrived(SnapshotServer.Reply reply) implements Command {}

    private enum Next implements Command {
        INSTANCE
    }

    private enum Again implements Command {
        INSTANCE
    }

    /** A whole copy, not live yet. */
    record Copy(ReplicaStore.Staging staging, ReplicaMark mark) {}

    private final PartitionId id;
    private final NodeId source;
    private final NodeDirectory directory;
    private final LocalReplica local;
    private final CopyLimits limits;
    private final ActorRef<ReplicaLog.Command> log;
    private final ActorRef<SnapshotServer.Reply> replies;
    private final TimerScheduler<Command> timers;
    private final ReplicaStore.Staging staging;
    private long copy;
    private byte[] afterRow;
    private int tries;
    private long bytes;

    static Behavior<Command> create(
            PartitionId id,
            NodeId source,
            LocalReplica local,
            NodeDirectory directory,
            CopyLimits limits,
            ActorRef<ReplicaLog.Command> log) {
        return Behaviors.setup(context -> Behaviors.withTimers(timers -> {
            try {
                return new SnapshotFetch(context, timers, id, source, local, directory, limits, log);
            } catch (RuntimeException notBegun) {
                // There is nobody yet who could hear that the actor stops.
                limits.endFetch();
                throw notBegun;
            }
        }));
    }

    private SnapshotFetch(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            PartitionId id,
            NodeId source,
            LocalReplica local,
            NodeDirectory directory,
            CopyLimits limits,
            ActorRef<ReplicaLog.Command> log) {
        super(context);
        this.id = id;
        this.source = source;
        this.directory = directory;
        this.local = local;
        this.limits = limits;
        this.log = log;
        this.timers = timers;
        this.replies = context.messageAdapter(SnapshotServer.Reply.class, Arrived::new);
        this.staging = local.store().stage();
        pull();
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Arrived.class, this::onArrived)
                .onMessage(Next.class, next -> onNext())
                .onMessage(Again.class, again -> onAgain())
                .onSignal(PostStop.class, stop -> onPostStop())
                .build();
    }

    private void pull() {
        tell(new SnapshotServer.Pull(id.toString(), copy, afterRow, replies));
        timers.startSingleTimer(Again.INSTANCE, PATIENCE);
    }

    private void tell(SnapshotServer.Command message) {
        directory
                .<SnapshotServer.Command>residentOn(
                        source, SnapshotServer.NAME, getContext().getSystem())
                .ifPresent(server -> server.tell(message));
    }

    private Behavior<Command> onNext() {
        pull();
        return this;
    }

    private Behavior<Command> onAgain() {
        tries++;
        if (!directory.isReachable(source)) {
            return giveUp("it cannot be reached");
        }
        if (tries >= MAX_TRIES) {
            return giveUp("no answer to " + tries + " requests");
        }
        pull();
        return this;
    }

    private Behavior<Command> onArrived(Arrived arrived) {
        if (arrived.reply() instanceof SnapshotServer.NotNow notNow) {
            return giveUp(notNow.reason());
        }
        var chunk = (SnapshotServer.Chunk) arrived.reply();
        if (copy != 0 && chunk.copy() != copy) {
            // An answer to a request that we had taken for lost.
            return this;
        }
        try {
            var rows = new ReplicaStore.Chunk(chunk.rows(), chunk.lastRow(), chunk.last(), chunk.checksum());
            // A row written twice, by a chunk that came twice, is the same row.
            staging.write(rows);
            copy = chunk.copy();
            tries = 0;
            bytes += chunk.rows().length;
            local.copying(new LocalReplica.Copying(bytes, Math.max(bytes, chunk.totalBytes())));
            if (chunk.last()) {
                getContext().getLog().info("Fetched a full copy of {} from {}: {} bytes", id, source, bytes);
                log.tell(new ReplicaLog.Fetched(
                        getContext().getSelf(), Optional.of(new Copy(staging, ReplicaMark.parseFrom(chunk.mark())))));
                return Behaviors.stopped();
            }
            afterRow = chunk.lastRow();
            pullInTurn(chunk.rows().length);
            return this;
        } catch (IllegalArgumentException | InvalidProtocolBufferException damaged) {
            getContext().getLog().warn("A damaged chunk of {} came from {}: {}", id, source, damaged.getMessage());
            return onAgain();
        } catch (StoreException failed) {
            return giveUp("it could not be written here: " + failed.getMessage());
        }
    }

    private void pullInTurn(int cameBytes) {
        long wait = limits.nanosAfterFetched(cameBytes, System.nanoTime());
        if (wait > 0) {
            timers.cancel(Again.INSTANCE);
            timers.startSingleTimer(Next.INSTANCE, Duration.ofNanos(wait));
        } else {
            pull();
        }
    }

    private Behavior<Command> onPostStop() {
        local.copying(null);
        limits.endFetch();
        if (copy != 0) {
            tell(new SnapshotServer.GiveUp(copy));
        }
        return this;
    }

    private Behavior<Command> giveUp(String reason) {
        getContext().getLog().info("Copying {} from {} was given up: {}", id, source, reason);
        staging.discard();
        log.tell(new ReplicaLog.Fetched(getContext().getSelf(), Optional.empty()));
        return Behaviors.stopped();
    }
}
