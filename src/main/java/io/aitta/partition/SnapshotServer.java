package io.aitta.partition;

import io.aitta.config.CborMessage;
import io.aitta.core.PartitionId;
import io.aitta.core.kv.KeySpan;
import io.aitta.store.ReplicaStore;
import io.aitta.store.StoreException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * Hands out full copies of this node's replicas, chunk by chunk, as the other side asks for them: it is the asking that
 * holds the flow back, and the node's {@link CopyLimits}. Runs on the replicas' threads, since it reads the store. A copy
 * nobody asks for any more is closed.
 */
public final class SnapshotServer extends AbstractBehavior<SnapshotServer.Command> {
    /** The actor's name under the user guardian; part of the protocol between nodes. */
    public static final String NAME = "snapshot-server";

    private static final int CHUNK_BYTES = 256 << 10;
    private static final Duration IDLE_LIMIT = Duration.ofSeconds(30);

    public sealed interface Command {}

    /**
     * @param copy what {@link Chunk} said; 0 begins a copy
     * @param afterRow what {@link Chunk} said; null begins at the beginning
     */
    record Pull(String partition, long copy, byte[] afterRow, ActorRef<Reply> replyTo)
            implements Command, CborMessage {}

    /** The copy will not be gone on with. May be left out: it is closed when nobody has asked for long. */
    record GiveUp(long copy) implements Command, CborMessage {}

    private record CloseIdle() implements Command {}

    /** Its turn has come. */
    private record Send(Chunk chunk, ActorRef<Reply> to) implements Command {}

    sealed interface Reply extends CborMessage {}

    /**
     * @param mark serialized {@code ReplicaMark} of the copy
     * @param totalBytes about how large the whole copy is
     */
    record Chunk(long copy, byte[] mark, byte[] rows, byte[] lastRow, boolean last, int checksum, long totalBytes)
            implements Reply {}

    /** Begin again later, perhaps elsewhere. */
    record NotNow(String reason) implements Reply {}

    private static final class Open {
        final ReplicaStore.Snapshot snapshot;
        final long totalBytes;
        long usedNanos;

        Open(ReplicaStore store) {
            this.totalBytes =
                    store.estimate(KeySpan.ALL, System.currentTimeMillis()).bytes();
            this.snapshot = store.snapshot();
        }
    }

    private final LocalReplicas replicas;
    private final CopyLimits limits;
    private final TimerScheduler<Command> timers;
    private final Map<Long, Open> open = new HashMap<>();
    /** Begins anywhere, so that a copy of an earlier process is not taken for one of this. */
    private long lastCopy = System.nanoTime() | 1;

    public static Behavior<Command> create(LocalReplicas replicas, CopyLimits limits) {
        return Behaviors.setup(
                context -> Behaviors.withTimers(timers -> new SnapshotServer(context, timers, replicas, limits)));
    }

    private SnapshotServer(
            ActorContext<Command> context, TimerScheduler<Command> timers, LocalReplicas replicas, CopyLimits limits) {
        super(context);
        this.replicas = replicas;
        this.limits = limits;
        this.timers = timers;
        timers.startTimerWithFixedDelay(new CloseIdle(), IDLE_LIMIT.dividedBy(3));
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Pull.class, this::onPull)
                .onMessage(Send.class, this::onSend)
                .onMessage(GiveUp.class, this::onGiveUp)
                .onMessage(CloseIdle.class, idle -> onCloseIdle())
                .onSignal(PostStop.class, stop -> onPostStop())
                .build();
    }

    private Behavior<Command> onPull(Pull pull) {
        if (timers.isTimerActive(pull.copy())) {
            // Asked for again before its turn came.
            return this;
        }
        try {
            var reply = answer(pull);
            if (reply instanceof Chunk chunk) {
                inTurn(chunk, pull.replyTo());
            } else {
                pull.replyTo().tell(reply);
            }
        } catch (StoreException e) {
            getContext().getLog().warn("Copying {} failed", pull.partition(), e);
            close(pull.copy());
            pull.replyTo().tell(new NotNow("the store failed: " + e.getMessage()));
        }
        return this;
    }

    private void inTurn(Chunk chunk, ActorRef<Reply> to) {
        long wait = limits.nanosUntilHandedOut(chunk.rows().length, System.nanoTime());
        if (wait > 0) {
            timers.startSingleTimer(chunk.copy(), new Send(chunk, to), Duration.ofNanos(wait));
        } else {
            to.tell(chunk);
        }
    }

    private Behavior<Command> onSend(Send send) {
        send.to().tell(send.chunk());
        return this;
    }

    private Reply answer(Pull pull) {
        long copy = pull.copy();
        if (copy == 0) {
            var replica = replicas.get(PartitionId.parse(pull.partition()));
            if (replica == null) {
                return new NotNow("there is no replica of " + pull.partition() + " here");
            }
            if (open.size() >= limits.copiesAtOnce()) {
                return new NotNow(
                        limits.copiesAtOnce() + " copies are being made already (aitta.replica.copies-at-once)");
            }
            copy = ++lastCopy;
            open.put(copy, new Open(replica.store()));
        }
        var found = open.get(copy);
        if (found == null) {
            return new NotNow("copy " + copy + " was closed");
        }
        found.usedNanos = System.nanoTime();
        var chunk = found.snapshot.next(pull.afterRow(), CHUNK_BYTES);
        var mark = found.snapshot.mark().toByteArray();
        if (chunk.isLast()) {
            close(copy);
        }
        return new Chunk(copy, mark, chunk.rows(), chunk.lastRow(), chunk.isLast(), chunk.checksum(), found.totalBytes);
    }

    private void close(long copy) {
        var found = open.remove(copy);
        if (found != null) {
            found.snapshot.close();
        }
    }

    private Behavior<Command> onGiveUp(GiveUp giveUp) {
        timers.cancel(giveUp.copy());
        close(giveUp.copy());
        return this;
    }

    private Behavior<Command> onCloseIdle() {
        long oldest = System.nanoTime() - IDLE_LIMIT.toNanos();
        open.entrySet().stream()
                .filter(entry -> entry.getValue().usedNanos - oldest < 0)
                .map(Map.Entry::getKey)
                .toList()
                .forEach(this::close);
        return this;
    }

    private Behavior<Command> onPostStop() {
        open.values().forEach(found -> found.snapshot.close());
        open.clear();
        return this;
    }
}
