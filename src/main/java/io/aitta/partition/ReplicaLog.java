package io.aitta.partition;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.replication.BinlogEvent;
import io.aitta.core.replication.Effect;
import io.aitta.core.replication.Entry;
import io.aitta.core.replication.Input;
import io.aitta.core.replication.LogIndex;
import io.aitta.core.replication.PeerMessage;
import io.aitta.core.replication.ReplicaCore;
import io.aitta.core.replication.Rules;
import io.aitta.core.replication.Status;
import io.aitta.core.replication.Step;
import io.aitta.core.replication.Term;
import io.aitta.core.topology.PartitionReport;
import io.aitta.core.topology.StepOrder;
import io.aitta.journal.BinlogCodec;
import io.aitta.journal.BinlogReader;
import io.aitta.journal.BinlogState;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.persistence.typed.EventAdapter;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.RecoveryCompleted;
import org.apache.pekko.persistence.typed.SnapshotAdapter;
import org.apache.pekko.persistence.typed.SnapshotCompleted;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;
import org.apache.pekko.persistence.typed.javadsl.SignalHandler;

/**
 * One replica's binlog and its part in the protocol: an event-sourced shell around {@link ReplicaCore}. The command
 * handler is the core's {@code decide}, the event handler is {@code evolve}; messages that promise something leave after
 * the events are forced to disk. What it decides is found in the core, not here.
 *
 * <p>It stops when the journal or the store fails; its parent {@link Replica} sees to what follows.
 */
final class ReplicaLog extends EventSourcedBehavior<ReplicaLog.Command, BinlogEvent, BinlogState> {
    sealed interface Command {}

    /** From a replica of the same partition on another node. */
    record Deliver(NodeId from, PeerMessage message) implements Command {}

    /** Whether the node can be reached may have changed: the {@link NodeDirectory} tells. */
    record Reachability(NodeId node) implements Command {}

    /** Any input that needs no more than the core. */
    record Decide(Input input) implements Command {}

    /** From the parent, answered by {@link Replica.Taken} or {@link Replica.Returned}. */
    record Propose(byte[] batch, List<WriteRun> writes) implements Command {}

    /** Tells how the group stands; empty unless this is its primary. */
    record Inspect(CompletableFuture<Optional<PartitionReport>> answer) implements Command {}

    /** Answered with why it was declined, or empty once it has been begun. */
    record Perform(StepOrder order, CompletableFuture<Optional<Stewards.Declined>> answer) implements Command {}

    private enum WakeUp implements Command {
        INSTANCE
    }

    /** What the store lacks has been read back from the journal: begin. */
    private record Begin(List<BinlogReader.Row> rows) implements Command {}

    /** Whether the replica founds its group or joins it. */
    private record Placed(Input input) implements Command {}

    private record ReadFailed(String what, Throwable cause) implements Command {}

    private record EntriesRead(Effect.ReadLog request, List<BinlogReader.Row> rows) implements Command {}

    /** A copy of another replica's store was fetched, or not. */
    record Fetched(ActorRef<SnapshotFetch.Command> by, Optional<SnapshotFetch.Copy> copy) implements Command {}

    private final ActorContext<Command> context;
    private final TimerScheduler<Command> timers;
    private final PartitionId id;
    private final ReplicaWiring wiring;
    private final LocalReplica local;
    private final InFlight inFlight;
    private final ActorRef<Replica.Command> parent;
    private final StoreCopy copy;

    /** Null until the binlog was replayed. */
    private ReplicaCore core;

    /** Whether the core was told where the replica comes from: nothing else may reach it before. */
    private boolean placed;

    private long timerAt = Long.MAX_VALUE;
    /** Of the batch that the core is asked to put into the log. */
    private int proposedBytes;

    static Behavior<Command> create(PartitionId id, ReplicaWiring wiring, LocalReplica local, InFlight inFlight) {
        return Behaviors.setup(context ->
                Behaviors.withTimers(timers -> new ReplicaLog(context, timers, id, wiring, local, inFlight)));
    }

    /** In a database that several nodes share, the node is part of the name. */
    static String persistenceId(NodeId node, PartitionId partition) {
        return persistenceIdPrefix(node) + partition;
    }

    static String persistenceIdPrefix(NodeId node) {
        return node + "|";
    }

    private ReplicaLog(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            PartitionId id,
            ReplicaWiring wiring,
            LocalReplica local,
            InFlight inFlight) {
        super(PersistenceId.ofUniqueId(persistenceId(wiring.self(), id)));
        this.context = context;
        this.timers = timers;
        this.id = id;
        this.wiring = wiring;
        this.local = local;
        this.inFlight = inFlight;
        this.parent = local.front();
        this.copy = new StoreCopy(context, id, wiring, local);
    }

    @Override
    public BinlogState emptyState() {
        return new BinlogState();
    }

    @Override
    public EventHandler<BinlogState, BinlogEvent> eventHandler() {
        return BinlogState::evolve;
    }

    @Override
    public CommandHandler<Command, BinlogEvent, BinlogState> commandHandler() {
        return (state, command) -> {
            if (core == null) {
                return beforeBegin(state, command);
            }
            if (!placed) {
                return beforePlaced(state, command);
            }
            long now = System.nanoTime();
            if (command instanceof Propose propose) {
                inFlight.propose(propose.writes());
                proposedBytes = propose.batch().length;
                return carryOut(core.decide(new Input.Propose(propose.batch()), now), state);
            }
            if (command instanceof EntriesRead read) {
                var entries = state.entriesOf(
                        decode(read.rows()),
                        read.request().from(),
                        read.request().to());
                return decide(new Input.LogRead(read.request().peer(), entries), state);
            }
            if (command instanceof Fetched fetched) {
                var input = copy.fetched(fetched);
                return input.isPresent() ? decide(input.get(), state) : Effect().none();
            }
            if (command instanceof Inspect inspect) {
                inspect.answer().complete(report());
                return Effect().none();
            }
            if (command instanceof Perform perform) {
                return perform(perform, state);
            }
            return decide(inputOf(command), state);
        };
    }

    private Input inputOf(Command command) {
        if (command instanceof Deliver deliver) {
            return new Input.Receive(deliver.from(), deliver.message());
        }
        if (command instanceof Decide decide) {
            return decide.input();
        }
        if (command instanceof Reachability change) {
            // It knows at least what the sender knew. Our own question may have been overtaken by an answer.
            return wiring.directory().isReachable(change.node())
                    ? new Input.PeerReachable(change.node())
                    : new Input.PeerUnreachable(change.node());
        }
        if (command instanceof WakeUp) {
            timerAt = Long.MAX_VALUE;
            return new Input.WakeUp();
        }
        if (command instanceof ReadFailed failed) {
            context.getLog().warn("Reading the binlog of {} {} failed", id, failed.what(), failed.cause());
            return new Input.WakeUp();
        }
        throw new IllegalArgumentException("no input: " + command);
    }

    // ---- beginning ----------------------------------------------------------------------------------------------

    @Override
    public SignalHandler<BinlogState> signalHandler() {
        return newSignalHandlerBuilder()
                .onSignal(RecoveryCompleted.instance(), this::onRecovered)
                .onSignal(SnapshotCompleted.class, (state, completed) -> purge(state))
                .build();
    }

    /** Entries that the store has not applied must be in memory; those from before the last checkpoint are not yet. */
    private void onRecovered(BinlogState state) {
        var log = state.durable().log();
        var first = LogIndex.max(new LogIndex(local.store().mark().getAppliedIndex()), log.base())
                .next();
        if (log.isResident(first) || first.isAfter(log.lastIndex())) {
            context.getSelf().tell(new Begin(List.of()));
        } else {
            context.pipeToSelf(
                    wiring.binlogs()
                            .read(persistenceId().id(), state.rowOf(first), state.sequenceNumber(), Long.MAX_VALUE),
                    (rows, failure) ->
                            failure == null ? new Begin(rows) : new ReadFailed("from entry " + first, failure));
        }
    }

    private org.apache.pekko.persistence.typed.javadsl.Effect<BinlogEvent, BinlogState> beforeBegin(
            BinlogState state, Command command) {
        if (command instanceof ReadFailed failed) {
            throw new IllegalStateException("the binlog of " + id + " cannot be read " + failed.what(), failed.cause());
        }
        if (!(command instanceof Begin begin)) {
            return Effect().stash();
        }
        var durable = state.durable();
        var mark = local.store().mark();
        var applied = new LogIndex(mark.getAppliedIndex());
        if (!begin.rows().isEmpty()) {
            durable.log()
                    .fill(state.entriesOf(
                            decode(begin.rows()),
                            LogIndex.max(applied, durable.log().base()).next(),
                            durable.log().lastIndex()));
        }
        core = new ReplicaCore(
                wiring.replication(),
                wiring.self(),
                durable,
                bound -> ThreadLocalRandom.current().nextLong(bound),
                Rules.RAFT);
        var membership = BinlogCodec.decode(mark.getMembership());
        var step = core.start(System.nanoTime(), applied, new Term(mark.getAppliedTerm()), membership);
        var founders = wiring.placements().foundersOf(id, wiring.self());
        context.getSelf()
                .tell(new Placed(
                        founders.isPresent()
                                ? new Input.Found(founders.get())
                                : new Input.Join(wiring.placements().termOf(id))));
        for (var peer : knownPeers(state)) {
            if (!peer.equals(wiring.self()) && !wiring.directory().isReachable(peer)) {
                context.getSelf().tell(new Reachability(peer));
            }
        }
        context.getLog()
                .info(
                        "Replica {} begins in term {} with a log {}..{}, applied up to {}",
                        id,
                        durable.term(),
                        durable.log().base(),
                        durable.log().lastIndex(),
                        applied);
        return carryOutThen(step, state, false, () -> {});
    }

    private org.apache.pekko.persistence.typed.javadsl.Effect<BinlogEvent, BinlogState> beforePlaced(
            BinlogState state, Command command) {
        if (!(command instanceof Placed whence)) {
            return Effect().stash();
        }
        placed = true;
        return carryOutThen(core.decide(whence.input(), System.nanoTime()), state, true, () -> {});
    }

    private List<NodeId> knownPeers(BinlogState state) {
        var members = state.durable().membership().all();
        return members.isEmpty()
                ? wiring.placements()
                        .foundersOf(id, wiring.self())
                        .map(founders -> founders.all())
                        .orElse(List.of())
                : members;
    }

    // ---- steps --------------------------------------------------------------------------------------------------

    private org.apache.pekko.persistence.typed.javadsl.Effect<BinlogEvent, BinlogState> decide(
            Input input, BinlogState state) {
        return carryOut(core.decide(input, System.nanoTime()), state);
    }

    private org.apache.pekko.persistence.typed.javadsl.Effect<BinlogEvent, BinlogState> carryOut(
            Step step, BinlogState state) {
        return carryOutThen(step, state, false, () -> {});
    }

    /** @param after when the events are durable, and all has been done */
    private org.apache.pekko.persistence.typed.javadsl.Effect<BinlogEvent, BinlogState> carryOutThen(
            Step step, BinlogState state, boolean unstash, Runnable after) {
        step.before().forEach(effect -> perform(effect, state));
        send(step.early());
        if (step.events().isEmpty()) {
            finish(step, state);
            publish();
            after.run();
            return unstash ? Effect().unstashAll() : Effect().none();
        }
        tellOfNewPrimary();
        var persisted = Effect().persist(step.events()).thenRun((BinlogState evolved) -> {
            finish(step, evolved);
            finish(core.persisted(System.nanoTime()), evolved);
            publish();
            after.run();
        });
        return unstash ? persisted.thenUnstashAll() : persisted;
    }

    private void finish(Step step, BinlogState state) {
        send(step.late());
        step.effects().forEach(effect -> perform(effect, state));
    }

    private void send(List<Step.Outgoing> messages) {
        for (var outgoing : messages) {
            wiring.mail().tell(new PeerMail.Post(id, outgoing.to(), outgoing.message()));
        }
    }

    private void perform(Effect effect, BinlogState state) {
        if (effect instanceof Effect.Apply apply) {
            apply(apply, state);
        } else if (effect instanceof Effect.Accepted accepted) {
            int writes = inFlight.accepted(accepted.index(), accepted.term());
            if (writes > 0) {
                local.ordered(writes);
                wiring.metrics().ordered(writes, proposedBytes);
                parent.tell(new Replica.Taken());
            }
        } else if (effect instanceof Effect.Declined declined) {
            onDeclined(declined);
        } else if (effect instanceof Effect.ReadLog read) {
            readLog(read, state);
        } else if (effect instanceof Effect.FetchSnapshot fetchFrom) {
            copy.fetch(fetchFrom.from());
        } else if (effect instanceof Effect.InstallSnapshot) {
            var index = copy.install();
            inFlight.skippedTo(index);
            local.moved();
            wiring.metrics().copied();
            context.getLog().info("Replica {} took over a full copy up to {}", id, index);
        } else if (effect instanceof Effect.DiscardSnapshot) {
            copy.discard();
        }
    }

    private void onDeclined(Effect.Declined declined) {
        var writes = inFlight.declined();
        if (writes.isEmpty()) {
            context.getLog().debug("Replica {} declined: {}", id, declined.message());
            return;
        }
        // The parent must see the status that led to this.
        publish();
        parent.tell(new Replica.Returned(writes, declined.reason(), declined.message()));
    }

    private void apply(Effect.Apply apply, BinlogState state) {
        for (var index = apply.from(); !index.isAfter(apply.to()); index = index.next()) {
            var entry = state.durable().log().entry(index);
            local.applying(index.value());
            inFlight.applying(index);
            var displaced = inFlight.applied(index, entry.term(), applyToStore(entry, state));
            local.applied(entry);
            if (!displaced.isEmpty()) {
                parent.tell(new Replica.Displaced(displaced));
            }
        }
        local.moved();
    }

    /** Every term begins with an entry without data: thus a mark always tells the group, and so does a copy with it. */
    private List<byte[]> applyToStore(Entry entry, BinlogState state) {
        long index = entry.index().value();
        long term = entry.term().value();
        if (entry.command() instanceof io.aitta.core.replication.Command.Data data) {
            return local.store().apply(index, term, data.batch());
        }
        local.store().skip(index, term, state.durable().log().membershipAt(entry.index()));
        return List.of();
    }

    /** What waits in front goes on to a new primary at once, and not only when its first entry is forced to disk here. */
    private void tellOfNewPrimary() {
        var before = local.status().orElse(null);
        var now = core.status(System.nanoTime());
        boolean isNew = before != null
                && now.role() == Status.Role.FOLLOWER
                && now.primary().isPresent()
                && !now.primary().equals(before.primary());
        if (isNew) {
            local.publish(now);
            parent.tell(new Replica.LogMoved());
        }
    }

    /** Makes the status known, and wakes the parent if it waits or if something changed that others route by. */
    private void publish() {
        var before = local.status().orElse(null);
        var now = core.status(System.nanoTime());
        if (now.transferring() && (before == null || !before.transferring())) {
            local.stuckSince(System.nanoTime());
        }
        local.learnerLacks(local.slowedFor().map(core::lagOf).orElse(OptionalLong.empty()));
        local.publish(now);
        if (local.frontWaits() || before == null || changes(before, now)) {
            parent.tell(new Replica.LogMoved());
        }
        if (before == null || !before.membership().equals(now.membership())) {
            for (var peer : now.membership().all()) {
                if (!peer.equals(wiring.self()) && !wiring.directory().isReachable(peer)) {
                    context.getSelf().tell(new Reachability(peer));
                }
            }
        }
        arm();
    }

    private static boolean changes(Status before, Status now) {
        return before.role() != now.role()
                || !before.term().equals(now.term())
                || !before.primary().equals(now.primary())
                || before.serving() != now.serving()
                || before.quorumReachable() != now.quorumReachable()
                || before.transferring() != now.transferring();
    }

    /** One timer, and only while the core waits for something; one that rings early is cheaper than many that are moved. */
    private void arm() {
        long at = core.wakeAtNanos();
        if (at < timerAt) {
            timerAt = at;
            long delay = Math.max(1_000_000, at - System.nanoTime());
            timers.startSingleTimer(WakeUp.INSTANCE, WakeUp.INSTANCE, Duration.ofNanos(delay));
        }
    }

    // ---- orders -------------------------------------------------------------------------------------------------

    private Optional<PartitionReport> report() {
        var status = core.status(System.nanoTime());
        return core.group().map(group -> {
            var peers = new HashMap<NodeId, PartitionReport.Peer>();
            group.peers()
                    .forEach((node, peer) -> peers.put(
                            node,
                            new PartitionReport.Peer(peer.match(), peer.reachable(), peer.copying(), peer.caughtUp())));
            return new PartitionReport(
                    id,
                    wiring.self(),
                    status.term(),
                    status.serving(),
                    status.transferring(),
                    group.settled(),
                    local.slowedFor().orElse(null),
                    status.commitIndex(),
                    status.lastIndex(),
                    status.membership(),
                    peers);
        });
    }

    private org.apache.pekko.persistence.typed.javadsl.Effect<BinlogEvent, BinlogState> perform(
            Perform perform, BinlogState state) {
        var order = perform.order();
        var status = core.status(System.nanoTime());
        boolean isForSurvivors = order instanceof StepOrder.Recover;
        if (!isForSurvivors
                && (status.role() != Status.Role.PRIMARY || !status.term().equals(order.term()))) {
            perform.answer()
                    .complete(Optional.of(new Stewards.Declined(
                            order,
                            "OTHER_TERM",
                            wiring.self() + " is not primary in term " + order.term() + " but " + status.role()
                                    + " in term " + status.term())));
            return Effect().none();
        }
        if (order instanceof StepOrder.SlowDown slowDown) {
            parent.tell(new Replica.SlowDown(slowDown.learner()));
            perform.answer().complete(Optional.empty());
            return Effect().none();
        }
        var step = core.decide(inputOf(order), System.nanoTime());
        // It is the order that was declined, not what a writer proposed.
        var declined = step.effects().stream()
                .filter(Effect.Declined.class::isInstance)
                .map(Effect.Declined.class::cast)
                .findFirst();
        declined.ifPresent(step.effects()::remove);
        return carryOutThen(step, state, false, () -> perform.answer()
                .complete(declined.map(
                        why -> new Stewards.Declined(order, why.reason().name(), why.message()))));
    }

    private static Input inputOf(StepOrder order) {
        if (order instanceof StepOrder.AddLearner add) {
            return new Input.ChangeMembership(new Input.Change.AddLearner(add.learner()));
        }
        if (order instanceof StepOrder.Promote promote) {
            return new Input.ChangeMembership(new Input.Change.Promote(promote.learner()));
        }
        if (order instanceof StepOrder.Remove remove) {
            return new Input.ChangeMembership(new Input.Change.Remove(remove.member()));
        }
        if (order instanceof StepOrder.Transfer transfer) {
            return new Input.TransferPrimary(Optional.of(transfer.target()));
        }
        if (order instanceof StepOrder.Recover recover) {
            return new Input.Recover(recover.survivors());
        }
        throw new IllegalArgumentException("no input: " + order);
    }

    // ---- laggards -----------------------------------------------------------------------------------------------

    private void readLog(Effect.ReadLog read, BinlogState state) {
        context.pipeToSelf(
                wiring.binlogs()
                        .read(persistenceId().id(), state.rowOf(read.from()), state.sequenceNumber(), read.maxBytes()),
                (rows, failure) -> failure == null
                        ? new EntriesRead(read, rows)
                        : new ReadFailed("from entry " + read.from() + " for " + read.peer(), failure));
    }

    private static List<BinlogEvent> decode(List<BinlogReader.Row> rows) {
        return rows.stream()
                .map(row -> BinlogCodec.decodeEvent((byte[]) row.event()))
                .toList();
    }

    // ---- checkpoints --------------------------------------------------------------------------------------------

    @Override
    public boolean shouldSnapshot(BinlogState state, BinlogEvent event, long sequenceNumber) {
        return event instanceof BinlogEvent.CheckpointTaken || event instanceof BinlogEvent.SnapshotInstalled;
    }

    /** A checkpoint is durable: the rows before it are needed no more. */
    private void purge(BinlogState state) {
        long to = state.purgeableTo();
        if (to > 0) {
            wiring.purge().purge(persistenceId().id(), to).whenComplete((done, failure) -> {
                if (failure != null) {
                    context.getSystem().log().warn("Purging the binlog of {} up to row {} failed", id, to, failure);
                }
            });
        }
    }

    @Override
    public EventAdapter<BinlogEvent, byte[]> eventAdapter() {
        return BinlogAdapters.EVENTS;
    }

    @Override
    public SnapshotAdapter<BinlogState> snapshotAdapter() {
        return BinlogAdapters.CHECKPOINTS;
    }
}
