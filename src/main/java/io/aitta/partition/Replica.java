package io.aitta.partition;

import io.aitta.config.CborMessage;
import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.kv.Batches;
import io.aitta.core.kv.Value;
import io.aitta.core.replication.Effect;
import io.aitta.core.replication.Input;
import io.aitta.core.replication.LogIndex;
import io.aitta.core.replication.PeerMessage;
import io.aitta.core.replication.Status;
import io.aitta.core.replication.Term;
import io.aitta.partition.PartitionAccess.Reason;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * The front of one replica, an entity of Cluster Sharding. It gathers the writes that arrive while the binlog is busy
 * into one batch, answers reads that the gateway could not answer by itself, passes on what is for another primary,
 * and holds what must wait for one. The binlog and the protocol are its child, {@link ReplicaLog}: so nothing that
 * waits here waits behind a journal write without need.
 *
 * <p>Everything that waits is bounded and has a deadline: what was not handed to the binlog is refused, never lost.
 */
public final class Replica extends AbstractBehavior<Replica.Command> {
    public sealed interface Command {}

    /**
     * @param remainingMillis until the deadline, from the sending on: nodes share no clock
     * @param hops how often it was passed on
     */
    record Write(byte[] operation, long remainingMillis, ActorRef<Answer> replyTo, long correlation, int hops)
            implements Command, CborMessage {}

    record Read(
            List<byte[]> keys,
            boolean strong,
            long remainingMillis,
            ActorRef<Answer> replyTo,
            long correlation,
            int hops)
            implements Command, CborMessage {}

    /** Makes Cluster Sharding start the replica. */
    enum Wake implements Command {
        INSTANCE
    }

    /** Hand the primary's role to another voter, if this is the primary. */
    enum HandOver implements Command {
        INSTANCE
    }

    /** The store holds everything up to this index on disk. */
    record StoreForced(LogIndex index) implements Command {}

    /** The table was dropped, or the replica moved away. */
    enum Stop implements Command {
        INSTANCE
    }

    /** From the log: its status changed, or moved while we wait. */
    record LogMoved() implements Command {}

    /** From the log: the batch stands in the binlog. */
    record Taken() implements Command {}

    /** From the log: nothing came of these, and never will; {@code reason} is empty if another primary's entry took their place. */
    record Returned(List<Pending> writes, Optional<Effect.Reason> reason, String message) implements Command {}

    private enum Tick implements Command {
        INSTANCE
    }

    private enum RestartLog implements Command {
        INSTANCE
    }

    /** What is told to the node that asked. */
    public sealed interface Answer extends CborMessage {}

    /** Outcomes of a batch's writes that came from one node. */
    record WriteAnswers(List<Long> correlations, List<byte[]> outcomes) implements Answer {}

    /** Of the first keys asked for, as many as fit a message; null bytes: absent. */
    record ReadValues(long correlation, List<ReadValue> values) implements Answer {}

    record ReadValue(byte[] bytes, long version, long expiresAtMillis) {}

    record Refused(List<Long> correlations, Reason reason, String message) implements Answer {}

    record OutcomesUnknown(List<Long> correlations, String message) implements Answer {}

    /** A write that waits here, or in the log. */
    record Pending(byte[] operation, long deadlineNanos, ActorRef<Answer> replyTo, long correlation, int hops) {}

    private record WaitingRead(Read read, long deadlineNanos) {}

    private static final Duration TICK = Duration.ofMillis(20);
    private static final Duration RESTART_MIN = Duration.ofSeconds(1);
    private static final Duration RESTART_MAX = Duration.ofSeconds(10);
    private static final int MAX_HOPS = 4;

    private final PartitionId id;
    private final ReplicaWiring wiring;
    private final TimerScheduler<Command> timers;
    private final LocalReplica local;
    private final ArrayDeque<Pending> writes = new ArrayDeque<>();
    private long writeBytes;
    private final ArrayDeque<WaitingRead> reads = new ArrayDeque<>();
    /** A batch is on its way into the binlog. */
    private boolean proposing;
    /** The log told us to wait for commits. */
    private boolean windowFull;

    private InFlight inFlight;
    private Duration restartAfter = RESTART_MIN;
    private boolean stopping;
    private Term reportedTerm = Term.ZERO;

    public static Behavior<Command> create(PartitionId id, ReplicaWiring wiring) {
        return Behaviors.setup(context -> Behaviors.withTimers(timers -> new Replica(context, timers, id, wiring)));
    }

    private Replica(
            ActorContext<Command> context, TimerScheduler<Command> timers, PartitionId id, ReplicaWiring wiring) {
        super(context);
        this.id = id;
        this.wiring = wiring;
        this.timers = timers;
        this.local = new LocalReplica(id, context.getSelf(), wiring.store().replica(id));
        startLog();
        wiring.replicas().add(local);
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Write.class, this::onWrite)
                .onMessage(Taken.class, taken -> onTaken())
                .onMessage(LogMoved.class, moved -> onLogMoved())
                .onMessage(Read.class, this::onRead)
                .onMessage(Returned.class, this::onReturned)
                .onMessage(Tick.class, tick -> onTick())
                .onMessage(Wake.class, wake -> this)
                .onMessage(HandOver.class, handOver -> tellLog(new Input.TransferPrimary(Optional.empty())))
                .onMessage(StoreForced.class, forced -> tellLog(new Input.StoreForced(forced.index())))
                .onMessage(RestartLog.class, restart -> onRestartLog())
                .onMessage(Stop.class, stop -> onStop())
                .onSignal(Terminated.class, terminated -> onLogStopped())
                .onSignal(PostStop.class, stop -> onPostStop())
                .build();
    }

    private Behavior<Command> tellLog(Input input) {
        local.log().tell(new ReplicaLog.Decide(input));
        return this;
    }

    // ---- writes -------------------------------------------------------------------------------------------------

    private Behavior<Command> onWrite(Write write) {
        var pending = new Pending(
                write.operation(),
                System.nanoTime() + Duration.ofMillis(write.remainingMillis()).toNanos(),
                write.replyTo(),
                write.correlation(),
                write.hops());
        if (write.remainingMillis() <= 0) {
            refuse(pending, Reason.DEADLINE_EXCEEDED, "the deadline passed before the write was begun");
        } else if (writes.size() >= wiring.limits().queuedWrites()
                || writeBytes + write.operation().length > wiring.limits().queuedWriteBytes()) {
            refuse(
                    pending,
                    Reason.OVERLOADED,
                    "partition " + id + " has " + writes.size() + " writes of " + writeBytes + " bytes waiting");
        } else {
            enqueue(pending);
            pump();
        }
        return this;
    }

    private void enqueue(Pending pending) {
        writes.addLast(pending);
        writeBytes += pending.operation().length;
    }

    private Pending dequeue() {
        var pending = writes.removeFirst();
        writeBytes -= pending.operation().length;
        return pending;
    }

    /** Does with the waiting writes and reads whatever can be done now. */
    private void pump() {
        var status = local.status().orElse(null);
        if (status != null && !(writes.isEmpty() && reads.isEmpty())) {
            pump(status);
        }
        boolean waits = !reads.isEmpty() || !writes.isEmpty() && !proposing;
        local.setFrontWaits(waits);
        if (!reads.isEmpty() || !writes.isEmpty()) {
            timers.startSingleTimer(Tick.INSTANCE, TICK);
        }
    }

    private void pump(Status status) {
        boolean isPrimary = status.role() == Status.Role.PRIMARY;
        if (!status.quorumReachable() && !status.membership().voters().isEmpty()) {
            refuseAll("only a minority of " + status.membership().voters() + " can be reached from " + wiring.self());
        } else if (isPrimary && !status.transferring()) {
            serveReads();
            if (!proposing && !windowFull && !writes.isEmpty()) {
                propose();
            }
        } else if (!isPrimary) {
            status.primary().filter(node -> !node.equals(wiring.self())).ifPresent(this::passOn);
        }
    }

    private void propose() {
        var batch = new ArrayList<Pending>();
        var operations = new ArrayList<byte[]>();
        long bytes = 0;
        long now = System.nanoTime();
        while (!writes.isEmpty() && batch.size() < wiring.limits().batchOperations()) {
            if (!batch.isEmpty()
                    && bytes + writes.peekFirst().operation().length
                            > wiring.limits().batchBytes()) {
                break;
            }
            var pending = dequeue();
            if (pending.deadlineNanos() - now <= 0) {
                refuse(pending, Reason.DEADLINE_EXCEEDED, "the deadline passed before the write was begun");
            } else {
                batch.add(pending);
                operations.add(pending.operation());
                bytes += pending.operation().length;
            }
        }
        if (!batch.isEmpty()) {
            proposing = true;
            local.log().tell(new ReplicaLog.Propose(Batches.encode(System.currentTimeMillis(), operations), batch));
        }
    }

    private Behavior<Command> onTaken() {
        proposing = false;
        pump();
        return this;
    }

    private Behavior<Command> onReturned(Returned returned) {
        if (returned.reason().isPresent()) {
            proposing = false;
        }
        if (returned.reason().isPresent() && returned.reason().get() == Effect.Reason.NO_QUORUM) {
            returned.writes().forEach(write -> refuse(write, Reason.NO_QUORUM, returned.message()));
        } else {
            windowFull |= returned.reason().isPresent() && returned.reason().get() == Effect.Reason.WINDOW_FULL;
            for (int i = returned.writes().size() - 1; i >= 0; i--) {
                writes.addFirst(returned.writes().get(i));
                writeBytes += returned.writes().get(i).operation().length;
            }
        }
        pump();
        return this;
    }

    // ---- reads --------------------------------------------------------------------------------------------------

    private Behavior<Command> onRead(Read read) {
        if (read.remainingMillis() <= 0) {
            refuse(read, Reason.DEADLINE_EXCEEDED, "the deadline passed before the read was begun");
        } else if (!read.strong()) {
            answer(read, local.readApplied(read.keys()));
        } else if (reads.size() >= wiring.limits().queuedReads()) {
            refuse(read, Reason.OVERLOADED, "partition " + id + " has " + reads.size() + " reads waiting");
        } else {
            reads.addLast(new WaitingRead(
                    read,
                    System.nanoTime()
                            + Duration.ofMillis(read.remainingMillis()).toNanos()));
            pump();
        }
        return this;
    }

    private void serveReads() {
        while (!reads.isEmpty()) {
            var values = local.readStrong(reads.peekFirst().read().keys());
            if (values.isEmpty()) {
                tellLog(new Input.ConfirmLease());
                return;
            }
            answer(reads.removeFirst().read(), values.get());
        }
    }

    private void answer(Read read, List<Optional<Value>> values) {
        var fitting = new ArrayList<ReadValue>();
        long bytes = 0;
        for (var value : values) {
            bytes += 32 + value.map(v -> v.bytes().length).orElse(0);
            if (!fitting.isEmpty() && bytes > wiring.limits().readAnswerBytes()) {
                break;
            }
            fitting.add(value.map(v -> new ReadValue(v.bytes(), v.version(), v.expiresAtMillis()))
                    .orElse(new ReadValue(null, 0, 0)));
        }
        read.replyTo().tell(new ReadValues(read.correlation(), fitting));
    }

    // ---- what waits ---------------------------------------------------------------------------------------------

    private Behavior<Command> onLogMoved() {
        windowFull = false;
        local.status().ifPresent(this::reportIfPrimary);
        pump();
        return this;
    }

    private void reportIfPrimary(Status status) {
        if (status.serving() && status.term().isNewerThan(reportedTerm)) {
            reportedTerm = status.term();
            restartAfter = RESTART_MIN;
            wiring.onPrimary().elected(id, status.term().value());
        }
    }

    /** Sends everything that waits to the node that is primary. */
    private void passOn(NodeId primary) {
        var entity = wiring.entities().of(id, primary);
        while (!writes.isEmpty()) {
            var write = dequeue();
            if (write.hops() >= MAX_HOPS) {
                refuse(
                        write,
                        Reason.NO_PRIMARY,
                        "passed on " + MAX_HOPS + " times without finding the primary of " + id);
            } else {
                entity.tell(new Write(
                        write.operation(),
                        remaining(write.deadlineNanos()),
                        write.replyTo(),
                        write.correlation(),
                        write.hops() + 1));
            }
        }
        while (!reads.isEmpty()) {
            var waiting = reads.removeFirst();
            var read = waiting.read();
            if (read.hops() >= MAX_HOPS) {
                refuse(
                        read,
                        Reason.NO_PRIMARY,
                        "passed on " + MAX_HOPS + " times without finding the primary of " + id);
            } else {
                entity.tell(new Read(
                        read.keys(),
                        read.strong(),
                        remaining(waiting.deadlineNanos()),
                        read.replyTo(),
                        read.correlation(),
                        read.hops() + 1));
            }
        }
    }

    private static long remaining(long deadlineNanos) {
        return Duration.ofNanos(deadlineNanos - System.nanoTime()).toMillis();
    }

    private Behavior<Command> onTick() {
        // The log may have moved just before it was told that we wait.
        windowFull = false;
        long now = System.nanoTime();
        writes.removeIf(write -> {
            boolean late = write.deadlineNanos() - now <= 0;
            if (late) {
                writeBytes -= write.operation().length;
                refuse(write, Reason.NO_PRIMARY, "partition " + id + " had no primary in time");
            }
            return late;
        });
        reads.removeIf(waiting -> {
            boolean late = waiting.deadlineNanos() - now <= 0;
            if (late) {
                refuse(waiting.read(), Reason.NO_PRIMARY, "partition " + id + " had no primary in time");
            }
            return late;
        });
        pump();
        return this;
    }

    private void refuseAll(String message) {
        while (!writes.isEmpty()) {
            refuse(dequeue(), Reason.NO_QUORUM, message);
        }
        while (!reads.isEmpty()) {
            refuse(reads.removeFirst().read(), Reason.NO_QUORUM, message);
        }
    }

    private void refuse(Pending write, Reason reason, String message) {
        write.replyTo().tell(new Refused(List.of(write.correlation()), reason, message));
    }

    private void refuse(Read read, Reason reason, String message) {
        read.replyTo().tell(new Refused(List.of(read.correlation()), reason, message));
    }

    // ---- the log's life -----------------------------------------------------------------------------------------

    private void startLog() {
        inFlight = new InFlight();
        var log = getContext()
                .spawnAnonymous(
                        ReplicaLog.create(id, wiring, local, inFlight),
                        Props.empty().withDispatcherFromConfig(ReplicaWiring.DISPATCHER));
        getContext().watch(log);
        local.logStarted(log);
    }

    /** The journal or the store failed: what was under way is unknown, and another replica had better be primary. */
    private Behavior<Command> onLogStopped() {
        if (stopping) {
            return Behaviors.stopped();
        }
        var status = local.status().orElse(null);
        local.publish(null);
        proposing = false;
        windowFull = false;
        inFlight.answerAllUnknown("the binlog of " + id + " on " + wiring.self() + " failed");
        if (status != null && status.role() == Status.Role.PRIMARY) {
            for (var peer : status.membership().all()) {
                if (!peer.equals(wiring.self())) {
                    wiring.mail().tell(new PeerMail.Post(id, peer, new PeerMessage.Resigned(status.term())));
                }
            }
        }
        getContext().getLog().warn("The binlog of {} stopped; it is opened again in {}", id, restartAfter);
        timers.startSingleTimer(RestartLog.INSTANCE, restartAfter);
        restartAfter =
                restartAfter.multipliedBy(2).compareTo(RESTART_MAX) < 0 ? restartAfter.multipliedBy(2) : RESTART_MAX;
        return this;
    }

    private Behavior<Command> onRestartLog() {
        startLog();
        return this;
    }

    private Behavior<Command> onStop() {
        stopping = true;
        wiring.replicas().remove(local);
        local.publish(null);
        getContext().stop(local.log());
        // A log that failed and was not started again yet is gone already.
        return timers.isTimerActive(RestartLog.INSTANCE) ? Behaviors.stopped() : this;
    }

    private Behavior<Command> onPostStop() {
        wiring.replicas().remove(local);
        local.publish(null);
        inFlight.answerAllUnknown("node " + wiring.self() + " stopped");
        while (!writes.isEmpty()) {
            refuse(dequeue(), Reason.STOPPING, "node " + wiring.self() + " is stopping");
        }
        while (!reads.isEmpty()) {
            refuse(reads.removeFirst().read(), Reason.STOPPING, "node " + wiring.self() + " is stopping");
        }
        return this;
    }
}
