package io.aitta.partition;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.kv.Batches;
import io.aitta.core.replication.Effect;
import io.aitta.core.replication.Input;
import io.aitta.core.replication.LogIndex;
import io.aitta.core.replication.PeerMessage;
import io.aitta.core.replication.Status;
import io.aitta.core.replication.Term;
import io.aitta.metrics.Stages;
import io.aitta.partition.PartitionAccess.ReadLevel;
import io.aitta.partition.PartitionAccess.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
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
     * Operations of one call, or some that stand one after the other in it.
     *
     * @param group names the call at the node that asked
     * @param first position in the call of the first of the operations
     * @param fast answered by {@link Ordered} as soon as they have their place in the log, and then no more
     * @param remainingMillis until the deadline, from the sending on: nodes share no clock
     * @param hops how often it was passed on
     */
    record Write(
            long group,
            int first,
            List<byte[]> operations,
            boolean fast,
            long remainingMillis,
            ActorRef<Answer> replyTo,
            int hops)
            implements Command, ReplicaWire.Message {}

    record Read(
            List<byte[]> keys,
            ReadLevel level,
            long remainingMillis,
            ActorRef<Answer> replyTo,
            long correlation,
            int hops)
            implements Command, ReplicaWire.Message {}

    /** Makes Cluster Sharding start the replica. */
    enum Wake implements Command {
        INSTANCE
    }

    /** Hand the primary's role to another voter, if this is the primary. */
    enum HandOver implements Command {
        INSTANCE
    }

    /** Throttle writers as far as needed for the learner to catch up; to be repeated every second or so. */
    record SlowDown(NodeId learner) implements Command {}

    /** The store holds everything up to this index on disk. */
    record StoreForced(LogIndex index, Term term) implements Command {}

    /** The table was dropped, or the replica moved away: what waits and what still comes is passed on. */
    enum Retire implements Command {
        INSTANCE
    }

    /** From the shard: the replica retires, or the node stops. */
    enum Stop implements Command {
        INSTANCE
    }

    /** Nothing came for a while. */
    enum Idle implements Command {
        INSTANCE
    }

    /** From the log: its status changed, or moved while we wait. */
    record LogMoved() implements Command {}

    /** From the log: the batch stands in the binlog. */
    record Taken() implements Command {}

    /** From the log: these got no place in the binlog. */
    record Returned(List<WriteRun> writes, Effect.Reason reason, String message) implements Command {}

    /** From the log: these had a place in the binlog that is another primary's now, and will never be committed. */
    record Displaced(List<WriteRun> writes) implements Command {}

    private enum Tick implements Command {
        INSTANCE
    }

    /** The next batch may go. */
    private enum GoOn implements Command {
        INSTANCE
    }

    /** Nobody may tell when the throttling is over. */
    private enum LookAtThrottle implements Command {
        INSTANCE
    }

    private enum RestartLog implements Command {
        INSTANCE
    }

    /** Arrives after everything that the log has told. */
    private enum LogGone implements Command {
        INSTANCE
    }

    /** What is told to the node that asked. */
    public sealed interface Answer {}

    /**
     * What became of those writes of one log entry that came from one node; if they are large, of some of them.
     *
     * @param stages where the entry's time went, if that is worth telling; else null
     */
    record Written(long index, List<Outcomes> outcomes, Stages stages) implements Answer, ReplicaWire.Message {
        Written(long index, List<Outcomes> outcomes) {
            this(index, outcomes, null);
        }
    }

    /** Of the operations of a call from position {@code first} on. */
    record Outcomes(long group, int first, List<byte[]> outcomes) {}

    /** These have their place in the log, and are not answered again. */
    record Ordered(long index, List<Range> ranges) implements Answer, ReplicaWire.Message {}

    /**
     * Of the first keys asked for, as many as fit a message.
     *
     * @param index the replica had applied the log at most up to here
     * @param strong read by the primary under its lease
     */
    record ReadValues(long correlation, List<ReadValue> values, long index, boolean strong)
            implements Answer, ReplicaWire.Message {}

    /** @param bytes null: absent */
    record ReadValue(byte[] bytes, long version, long expiresAtMillis) {}

    record Refused(List<Range> ranges, Reason reason, String message) implements Answer, ReplicaWire.Message {}

    record OutcomesUnknown(List<Range> ranges, String message) implements Answer, ReplicaWire.Message {}

    /** Operations of a call that stand one after the other; a request that is no group of writes has one position, 0. */
    record Range(long request, int first, int count) {
        static Range whole(long request) {
            return new Range(request, 0, 1);
        }
    }

    private static final Duration TICK = Duration.ofMillis(20);
    private static final Duration RESTART_MIN = Duration.ofSeconds(1);
    private static final Duration RESTART_MAX = Duration.ofSeconds(10);
    private static final Duration LOOK_AT_THROTTLE = Duration.ofMillis(500);
    /** After so many hops what is passed on pauses everywhere: those who pass it to each other do not know better yet. */
    private static final int SWIFT_HOPS = 3;
    /** So a quarter of a second passes at least before somebody gives up. */
    static final int MAX_HOPS = 16;
    /** How long one that has retired passes on what was sent to it before others knew. */
    private static final Duration LINGER = Duration.ofMillis(200);

    /** How the binlog's actor is made. */
    @FunctionalInterface
    interface LogFactory {
        Behavior<ReplicaLog.Command> create(
                PartitionId id, ReplicaWiring wiring, LocalReplica local, InFlight inFlight);
    }

    private final PartitionId id;
    private final ReplicaWiring wiring;
    private final LogFactory logs;
    private final Consumer<ActorRef<Command>> passivate;
    private final TimerScheduler<Command> timers;
    private final LocalReplica local;
    private final WriteQueue writes;
    private final FrontReads reads;
    private final Throttle throttle = new Throttle();
    /** On its way into the binlog; null: none is. */
    private List<WriteRun> proposing;
    /** How many batches this log was told to propose. */
    private long proposed;
    /** The log told us to wait for commits. */
    private boolean windowFull;

    private InFlight inFlight;
    private Duration restartAfter = RESTART_MIN;
    private boolean stopping;
    private boolean retiring;
    /** The shard waits for the end. */
    private boolean isToEnd;
    /** Nothing is left but to pass on what still comes. */
    private boolean isLogGone;
    /** Whom to pass requests on to while stopping. */
    private Optional<NodeId> heir = Optional.empty();

    private Term reportedTerm = Term.ZERO;

    /** @param passivate has the shard send {@link Stop}, and keep what comes for the entity after it */
    static Behavior<Command> create(PartitionId id, ReplicaWiring wiring, Consumer<ActorRef<Command>> passivate) {
        return create(id, wiring, passivate, ReplicaLog::create);
    }

    static Behavior<Command> create(
            PartitionId id, ReplicaWiring wiring, Consumer<ActorRef<Command>> passivate, LogFactory logs) {
        return Behaviors.setup(
                context -> Behaviors.withTimers(timers -> new Replica(context, timers, id, wiring, passivate, logs)));
    }

    private Replica(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            PartitionId id,
            ReplicaWiring wiring,
            Consumer<ActorRef<Command>> passivate,
            LogFactory logs) {
        super(context);
        this.id = id;
        this.wiring = wiring;
        this.passivate = passivate;
        this.logs = logs;
        this.timers = timers;
        this.writes = new WriteQueue(wiring.limits());
        this.local = new LocalReplica(
                wiring.self(), id, context.getSelf(), wiring.store().replica(id));
        this.reads = new FrontReads(local, wiring.limits());
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
                .onMessage(Displaced.class, this::onDisplaced)
                .onMessage(Tick.class, tick -> onTick())
                .onMessage(Wake.class, wake -> this)
                .onMessage(HandOver.class, handOver -> tellLog(new Input.TransferPrimary(Optional.empty())))
                .onMessage(SlowDown.class, this::onSlowDown)
                .onMessage(GoOn.class, goOn -> onGoOn())
                .onMessage(LookAtThrottle.class, look -> onLookAtThrottle())
                .onMessage(StoreForced.class, forced -> tellLog(new Input.StoreForced(forced.index(), forced.term())))
                .onMessage(RestartLog.class, restart -> onRestartLog())
                .onMessage(Retire.class, retire -> onRetire())
                .onMessage(Stop.class, stop -> onStop())
                .onMessage(Idle.class, idle -> onIdle())
                .onMessage(LogGone.class, gone -> onLogGone())
                .onSignal(Terminated.class, terminated -> onLogTerminated())
                .onSignal(PostStop.class, stop -> onPostStop())
                .build();
    }

    private Behavior<Command> tellLog(Input input) {
        local.log().tell(new ReplicaLog.Decide(input));
        return this;
    }

    // ---- writes -------------------------------------------------------------------------------------------------

    private Behavior<Command> onWrite(Write write) {
        var run = WriteRun.of(write, System.nanoTime());
        if (write.remainingMillis() <= 0) {
            refuse(run, Reason.DEADLINE_EXCEEDED, "the deadline passed before the write was begun");
            return this;
        }
        int fitting = writes.offer(run);
        if (fitting < run.count()) {
            refuse(
                    run.part(fitting, run.count()),
                    Reason.OVERLOADED,
                    "partition " + id + " has " + writes.count() + " writes of " + writes.bytes() + " bytes waiting");
        }
        pump();
        return this;
    }

    private void propose() {
        long now = System.nanoTime();
        var learner = throttle.learner(local.status(), now);
        throttle.look(local.learnerLag(), now);
        if (learner.isPresent() && throttle.nextBatchAtNanos(now) - now > 0) {
            if (!timers.isTimerActive(GoOn.INSTANCE)) {
                timers.startSingleTimer(GoOn.INSTANCE, Duration.ofNanos(throttle.nextBatchAtNanos(now) - now));
            }
            return;
        }
        var batch = writes.takeBatch(
                throttle.mostOperations(writes.count(), wiring.limits().batchOperations()),
                now,
                late -> refuse(late, Reason.DEADLINE_EXCEEDED, "the deadline passed before the write was begun"));
        if (batch.isEmpty()) {
            return;
        }
        var operations = new ArrayList<byte[]>();
        batch.forEach(run -> operations.addAll(run.operations()));
        throttle.batchWent(now);
        proposing = batch;
        proposed++;
        local.log().tell(new ReplicaLog.Propose(Batches.encode(System.currentTimeMillis(), operations), batch));
    }

    private Behavior<Command> onTaken() {
        proposing = null;
        pump();
        return stopLogIfDone();
    }

    private Behavior<Command> onReturned(Returned returned) {
        proposing = null;
        if (returned.reason() == Effect.Reason.NO_QUORUM) {
            returned.writes().forEach(run -> refuse(run, Reason.NO_QUORUM, returned.message()));
        } else {
            windowFull |= returned.reason() == Effect.Reason.WINDOW_FULL;
            writes.putBack(returned.writes());
        }
        pump();
        return stopLogIfDone();
    }

    /** To try them again could bring them behind later ones of the same call that were passed on meanwhile. */
    private Behavior<Command> onDisplaced(Displaced displaced) {
        displaced
                .writes()
                .forEach(run -> refuse(run, Reason.NO_PRIMARY, "another primary took over before they were committed"));
        return this;
    }

    // ---- slow-down ----------------------------------------------------------------------------------------------

    private Behavior<Command> onSlowDown(SlowDown wanted) {
        local.status().ifPresent(status -> throttle.wanted(wanted.learner(), status, System.nanoTime()));
        return onLookAtThrottle();
    }

    private Behavior<Command> onLookAtThrottle() {
        var learner = throttle.learner(local.status(), System.nanoTime());
        local.slowedFor(learner.orElse(null));
        if (learner.isPresent()) {
            timers.startSingleTimer(LookAtThrottle.INSTANCE, LOOK_AT_THROTTLE);
        }
        return this;
    }

    private Behavior<Command> onGoOn() {
        pump();
        return this;
    }

    // ---- reads --------------------------------------------------------------------------------------------------

    private Behavior<Command> onRead(Read read) {
        reads.take(read);
        if (!reads.isEmpty()) {
            pump();
        }
        return this;
    }

    // ---- what waits ---------------------------------------------------------------------------------------------

    /** Does with the waiting writes and reads whatever can be done now. */
    private void pump() {
        pump(false);
    }

    /** @param ticked some time has passed since it was last done with this being true */
    private void pump(boolean ticked) {
        if (stopping) {
            heir.ifPresent(node -> passOn(node, true));
            return;
        }
        reads.serveSessions();
        var status = local.status().orElse(null);
        if (status != null && !(writes.isEmpty() && reads.isEmpty())) {
            pump(status, ticked);
        }
        local.queuedWrites(writes.count());
        boolean waits = !reads.isEmpty() || !writes.isEmpty() && proposing == null;
        local.setFrontWaits(waits);
        if (!(reads.isEmpty() && writes.isEmpty()) && !timers.isTimerActive(Tick.INSTANCE)) {
            timers.startSingleTimer(Tick.INSTANCE, reads.sessionsWait() ? FrontReads.SESSION_PATIENCE : TICK);
        }
    }

    private void pump(Status status, boolean ticked) {
        boolean isPrimary = status.role() == Status.Role.PRIMARY;
        if (!status.quorumReachable() && !status.membership().voters().isEmpty()) {
            refuseAll(minority(status));
        } else if (isPrimary && !status.transferring()) {
            if (!reads.serveAll()) {
                tellLog(new Input.ConfirmLease());
            }
            if (proposing == null && !windowFull && !writes.isEmpty()) {
                propose();
            }
        } else if (!isPrimary) {
            primaryElsewhere(status).or(() -> primaryOfTheOthers(status)).ifPresent(primary -> passOn(primary, ticked));
        }
    }

    /** The group has not taken this replica in yet, and tells it nothing: the topology may know the primary. */
    private Optional<NodeId> primaryOfTheOthers(Status status) {
        return status.membership().contains(wiring.self())
                ? Optional.empty()
                : wiring.placements().primaryOf(id).filter(this::isThere);
    }

    private boolean isThere(NodeId node) {
        return !node.equals(wiring.self()) && wiring.directory().isReachable(node);
    }

    private Optional<NodeId> primaryElsewhere(Status status) {
        return status.primary().filter(node -> !node.equals(wiring.self()));
    }

    private String minority(Status status) {
        var voters = status.membership().voters();
        var missing = voters.stream()
                .filter(node ->
                        !node.equals(wiring.self()) && !wiring.directory().isReachable(node))
                .toList();
        return "of the voters " + voters + " of partition " + id + ", " + missing + " cannot be reached from "
                + wiring.self() + ", and the others are no majority";
    }

    private Behavior<Command> onLogMoved() {
        windowFull = false;
        var status = local.status();
        status.ifPresent(this::reportIfPrimary);
        pump();
        status.ifPresent(this::noteHandOver);
        return this;
    }

    private void noteHandOver(Status status) {
        long since = local.stuckSinceNanos();
        if (since != 0 && primaryElsewhere(status).isPresent()) {
            long waited = System.nanoTime() - since;
            wiring.replicas().handOvers().add(waited);
            wiring.metrics().handedOver(waited);
            local.stuckSince(0);
        } else if (since != 0 && status.role() == Status.Role.PRIMARY && !status.transferring()) {
            // It came to nothing.
            local.stuckSince(0);
        }
    }

    private void reportIfPrimary(Status status) {
        if (status.serving() && status.term().isNewerThan(reportedTerm)) {
            reportedTerm = status.term();
            restartAfter = RESTART_MIN;
            wiring.metrics().elected();
            wiring.onPrimary().elected(id, status.term().value());
        }
    }

    /** Sends everything that waits for a primary to the node that is it. */
    private void passOn(NodeId primary, boolean ticked) {
        if (!ticked && (writes.hopsOfFirst() >= SWIFT_HOPS || reads.hopsOfFirst() >= SWIFT_HOPS)) {
            return;
        }
        var entity = wiring.refs().of(id, primary);
        long now = System.nanoTime();
        // What the log was asked to take may come back, and stands before the others then.
        if (proposing == null) {
            writes.drain(run -> passOn(run, entity, now));
        }
        reads.drainForPrimary(waiting -> passOn(waiting, entity, now));
    }

    private void passOn(WriteRun run, ReplicaRefs.Ref to, long now) {
        if (run.hops() >= MAX_HOPS) {
            refuse(run, Reason.NO_PRIMARY, passedOnTooOften());
        } else {
            run.messages(ReplicaWire.MESSAGE_BYTES, run.hops() + 1, now).forEach(to::tell);
        }
    }

    private void passOn(ReadQueue.Waiting waiting, ReplicaRefs.Ref to, long now) {
        var read = waiting.read();
        if (read.hops() >= MAX_HOPS) {
            reads.refuse(read, Reason.NO_PRIMARY, passedOnTooOften());
        } else {
            to.tell(new Read(
                    read.keys(),
                    read.level(),
                    TimeUnit.NANOSECONDS.toMillis(waiting.deadlineNanos() - now),
                    read.replyTo(),
                    read.correlation(),
                    read.hops() + 1));
        }
    }

    private String passedOnTooOften() {
        return "passed on " + MAX_HOPS + " times without finding the primary of " + id;
    }

    private Behavior<Command> onTick() {
        // The log may have moved just before it was told that we wait.
        windowFull = false;
        long now = System.nanoTime();
        var message = "partition " + id + " had no primary in time";
        writes.expire(now, run -> refuse(run, Reason.NO_PRIMARY, message));
        reads.expire(now, message);
        pump(true);
        return this;
    }

    private void refuseAll(String message) {
        writes.drain(run -> refuse(run, Reason.NO_QUORUM, message));
        reads.refuseAll(Reason.NO_QUORUM, message);
    }

    private void refuse(WriteRun run, Reason reason, String message) {
        run.replyTo().tell(new Refused(List.of(run.range()), reason, message));
    }

    // ---- the log's life -----------------------------------------------------------------------------------------

    private void startLog() {
        inFlight = new InFlight(wiring.limits().answerBytes(), wiring.metrics());
        proposed = 0;
        var log = getContext()
                .spawnAnonymous(
                        logs.create(id, wiring, local, inFlight),
                        Props.empty().withDispatcherFromConfig(ReplicaWiring.DISPATCHER));
        getContext().watch(log);
        local.logStarted(log);
    }

    /** The journal or the store failed: what was under way is unknown, and another replica had better be primary. */
    private Behavior<Command> onLogGone() {
        takeBackProposal();
        if (stopping) {
            return onEnd();
        }
        var status = local.status().orElse(null);
        local.publish(null);
        windowFull = false;
        inFlight.answerAllUnknown("the binlog of " + id + " on " + wiring.self() + " failed");
        if (status != null && status.role() == Status.Role.PRIMARY) {
            for (var peer : status.membership().all()) {
                if (!peer.equals(wiring.self())) {
                    wiring.mail().tell(new PeerMail.Post(id, peer, new PeerMessage.Resigned(status.term())));
                }
            }
        }
        wiring.metrics().binlogFailed();
        getContext().getLog().warn("The binlog of {} stopped; it is opened again in {}", id, restartAfter);
        timers.startSingleTimer(RestartLog.INSTANCE, restartAfter);
        restartAfter =
                restartAfter.multipliedBy(2).compareTo(RESTART_MAX) < 0 ? restartAfter.multipliedBy(2) : RESTART_MAX;
        return this;
    }

    /** What the log never came to take was not begun; of the rest it has told, or it is among what is in flight. */
    private void takeBackProposal() {
        if (proposing != null && inFlight.begun() < proposed) {
            writes.putBack(proposing);
        }
        proposing = null;
    }

    private Behavior<Command> onLogTerminated() {
        getContext().getSelf().tell(LogGone.INSTANCE);
        return this;
    }

    private Behavior<Command> onRestartLog() {
        startLog();
        return this;
    }

    /** Once the shard knows, it holds back what comes until the end: so it is told only when hardly anything comes. */
    private Behavior<Command> onRetire() {
        retiring = true;
        return stopping ? this : beginToStop();
    }

    private Behavior<Command> onIdle() {
        if (retiring) {
            passivate.accept(getContext().getSelf());
        }
        return this;
    }

    private Behavior<Command> onStop() {
        isToEnd = true;
        if (stopping) {
            return isLogGone ? Behaviors.stopped() : this;
        }
        return beginToStop();
    }

    private Behavior<Command> beginToStop() {
        heir = heir();
        stopping = true;
        wiring.replicas().remove(local);
        local.publish(null);
        reads.losePatience();
        pump();
        // A log that failed and was not started again yet is gone already.
        return timers.isTimerActive(RestartLog.INSTANCE) ? onEnd() : stopLogIfDone();
    }

    /** One that retires is hardly ever primary: what the log is asked to take comes back, and can be passed on. */
    private Behavior<Command> stopLogIfDone() {
        if (stopping && !(retiring && proposing != null)) {
            getContext().stop(local.log());
        }
        return this;
    }

    /** The primary, or whoever else may know it. */
    private Optional<NodeId> heir() {
        var candidates = new ArrayList<NodeId>();
        wiring.placements().primaryOf(id).ifPresent(candidates::add);
        candidates.addAll(wiring.placements().holdersOf(id));
        return local.status()
                .flatMap(this::primaryElsewhere)
                .or(() -> candidates.stream().filter(this::isThere).findFirst());
    }

    /** The log has ended. */
    private Behavior<Command> onEnd() {
        isLogGone = true;
        timers.cancelAll();
        pump();
        if (!retiring || isToEnd) {
            return Behaviors.stopped();
        }
        timers.startSingleTimer(Idle.INSTANCE, LINGER);
        return this;
    }

    private Behavior<Command> onPostStop() {
        wiring.replicas().remove(local);
        local.publish(null);
        inFlight.answerAllUnknown("node " + wiring.self() + " stopped");
        var message = retiring
                ? "the replica of " + id + " on " + wiring.self() + " was removed"
                : "node " + wiring.self() + " is stopping";
        writes.drain(run -> refuse(run, Reason.STOPPING, message));
        reads.refuseAll(Reason.STOPPING, message);
        return this;
    }
}
