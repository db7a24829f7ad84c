package io.aitta.sim;

import io.aitta.core.NodeId;
import io.aitta.core.replication.BinlogEvent;
import io.aitta.core.replication.Durable;
import io.aitta.core.replication.Effect;
import io.aitta.core.replication.Entry;
import io.aitta.core.replication.Input;
import io.aitta.core.replication.LogIndex;
import io.aitta.core.replication.Membership;
import io.aitta.core.replication.PeerMessage;
import io.aitta.core.replication.ReplicaCore;
import io.aitta.core.replication.Status;
import io.aitta.core.replication.Step;
import io.aitta.core.replication.Term;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A replica's process as the core's shell must be: one input at a time, events durable before anything that needs them
 * is said or done. What survives a crash is the binlog and what of the store was forced to disk.
 *
 * <pre>
 *   DOWN --start--> RUNNING --pause--> PAUSED --resume--> RUNNING;  any --crash--> DOWN;  any --leave--> GONE;
 *   any --wipe--> DOWN
 * </pre>
 */
final class SimReplica {
    enum Life {
        DOWN,
        RUNNING,
        /** Frozen, while its clock goes on. */
        PAUSED,
        /** Stopped for good, with its disk. */
        GONE
    }

    /** An input and who waits for what comes of it. */
    private record Queued(Input input, Requests.Write write) {}

    /** @param term in which the entry was given its index */
    private record Proposed(Term term, Requests.Write write) {}

    /** A copy of another replica's store on its way. */
    private static final class Fetch {
        final NodeId from;
        int chunksLeft;
        int sourceIncarnation;
        SimStore picture;

        Fetch(NodeId from, int chunks) {
            this.from = from;
            this.chunksLeft = chunks;
        }
    }

    final NodeId id;
    /** What the failure detector of this process has said. */
    final Set<NodeId> suspected = new HashSet<>();

    private final Simulation world;
    private Binlog binlog = new Binlog();
    private SimStore store = new SimStore();
    private SimStore forced = new SimStore();

    private Life life = Life.DOWN;
    private int incarnation;
    private LocalClock clock;
    private Durable durable = new Durable();
    private ReplicaCore core;
    private final ArrayDeque<Queued> inbox = new ArrayDeque<>();
    /** What happened to the process while it was paused. */
    private final ArrayDeque<Runnable> frozen = new ArrayDeque<>();
    /** The step whose events are on their way to the disk. */
    private Step persisting;

    private long lastInputAt;
    private long wakeScheduledFor;
    private final TreeMap<LogIndex, Proposed> proposals = new TreeMap<>();
    private final List<Requests.Read> readsWaiting = new ArrayList<>();
    private Fetch fetch;

    SimReplica(Simulation world, NodeId id) {
        this.world = world;
        this.id = id;
    }

    // ---- life ---------------------------------------------------------------------------------------------------

    Life life() {
        return life;
    }

    int incarnation() {
        return incarnation;
    }

    long now() {
        return clock.at(world.scheduler.now());
    }

    SimStore store() {
        return store;
    }

    Durable durable() {
        return durable;
    }

    Status status() {
        return core.status(now());
    }

    long wakeAtNanos() {
        return core.wakeAtNanos();
    }

    boolean isPrimary() {
        return life != Life.DOWN && life != Life.GONE && status().role() == Status.Role.PRIMARY;
    }

    void start() {
        if (life != Life.DOWN) {
            return;
        }
        life = Life.RUNNING;
        wakeScheduledFor = Long.MIN_VALUE;
        clock = new LocalClock(
                world.random.nextLong(-1L << 40, 1L << 40),
                world.random.nextLong(-Plan.MAX_DRIFT_PPM, Plan.MAX_DRIFT_PPM + 1));
        durable = recovered();
        core = new ReplicaCore(world.plan.config(), id, durable, world.random::nextLong, world.bug.rules());
        long startAt = now();
        if (world.bug == PlantedBug.FORGET_THE_PROMISE_AT_RESTART) {
            startAt -= world.plan.config().leaseNanos() + world.plan.config().driftNanos();
        }
        world.trace("%s starts: %s, applied %s", id, durable.term(), store.applied());
        carryOut(core.start(startAt, store.applied(), store.term(), store.membership()), null);
        settle();
    }

    private Durable recovered() {
        var replayed = binlog.replayAll();
        var restored = binlog.replayFromCheckpoint();
        if (world.bug == PlantedBug.NONE) {
            world.safety.restarted(id, replayed, restored);
        }
        var chosen = world.random.nextBoolean() ? replayed : restored;
        if (world.bug == PlantedBug.FORGET_THE_VOTE_AT_RESTART) {
            chosen = withBallot(chosen, chosen.term());
        } else if (world.bug == PlantedBug.FORGET_THE_TERM_AT_RESTART) {
            chosen = withBallot(chosen, chosen.log().lastTerm());
        }
        var log = chosen.log();
        log.fill(binlog.entries(LogIndex.max(store.applied(), log.base()).next(), log.evictedTo()));
        return chosen;
    }

    private static Durable withBallot(Durable durable, Term term) {
        var log = durable.log();
        return Durable.restored(
                term,
                Optional.empty(),
                durable.checkpoint(),
                log.base(),
                log.baseTerm(),
                log.baseMembership(),
                log.runs(),
                log.memberships());
    }

    /** Ends the process; of what was being persisted all or nothing is on disk. */
    void crash(boolean loseUnforced) {
        if (life != Life.RUNNING && life != Life.PAUSED) {
            return;
        }
        world.trace("%s crashes", id);
        life = Life.DOWN;
        incarnation++;
        if (persisting != null && world.random.nextBoolean()) {
            binlog.append(persisting.events());
        }
        persisting = null;
        inbox.clear();
        frozen.clear();
        proposals.clear();
        readsWaiting.clear();
        suspected.clear();
        fetch = null;
        if (!loseUnforced) {
            forced = store.copy();
        } else if (world.bug == PlantedBug.APPLY_TWICE_AFTER_RESTART) {
            store = store.withMarkOf(forced);
        } else {
            store = forced.copy();
        }
    }

    /** Says that it is primary no more, if it was, and ends. */
    void resign() {
        if (life == Life.RUNNING && isPrimary() && persisting == null) {
            var resigned = new PeerMessage.Resigned(durable.term());
            durable.membership().all().stream().filter(node -> !node.equals(id)).forEach(node -> send(node, resigned));
        }
        crash(world.random.nextBoolean());
    }

    void leave() {
        crash(true);
        world.trace("%s is gone", id);
        life = Life.GONE;
    }

    /** Ends the process and removes its data, as a node does whose replica was moved away. */
    void wipe() {
        crash(true);
        world.trace("%s loses its data", id);
        incarnation++;
        binlog = new Binlog();
        store = new SimStore();
        forced = new SimStore();
        durable = new Durable();
    }

    void pause() {
        if (life == Life.RUNNING) {
            world.trace("%s is paused", id);
            life = Life.PAUSED;
        }
    }

    void resume() {
        if (life == Life.PAUSED) {
            world.trace("%s goes on", id);
            life = Life.RUNNING;
            while (life == Life.RUNNING && !frozen.isEmpty()) {
                frozen.poll().run();
            }
            drain();
        }
    }

    /** Runs in this process after a time: later if it is paused then, never if it has ended. */
    private void later(long delayNanos, Runnable action) {
        int born = incarnation;
        world.scheduler.after(delayNanos, () -> {
            if (born != incarnation) {
                return;
            }
            if (life == Life.PAUSED) {
                frozen.add(action);
            } else {
                action.run();
            }
        });
    }

    // ---- inputs, one at a time ----------------------------------------------------------------------------------

    void tell(Input input) {
        tell(new Queued(input, null));
    }

    void write(Requests.Write write) {
        tell(new Queued(new Input.Propose(write.batch()), write));
    }

    private void tell(Queued queued) {
        if (life == Life.RUNNING || life == Life.PAUSED) {
            inbox.add(queued);
            drain();
        }
    }

    private void drain() {
        while (life == Life.RUNNING && persisting == null && !inbox.isEmpty()) {
            var next = inbox.poll();
            if (next.input instanceof Input.SnapshotReady ready && !isStaged(ready)) {
                continue;
            }
            world.trace("%s decides %s", id, next.input);
            lastInputAt = now();
            carryOut(core.decide(next.input, now()), next.write);
            settle();
        }
    }

    private void carryOut(Step step, Requests.Write write) {
        for (var effect : step.before()) {
            install((Effect.InstallSnapshot) effect);
        }
        step.early().forEach(out -> send(out.to(), out.message()));
        if (world.bug == PlantedBug.ACKNOWLEDGE_BEFORE_PERSIST) {
            step.late().forEach(out -> send(out.to(), out.message()));
        }
        if (step.events().isEmpty()) {
            speak(step, write);
        } else {
            persist(step, write);
        }
    }

    private void persist(Step step, Requests.Write write) {
        persisting = step;
        boolean fails = world.troubled() && world.random.nextDouble() < world.plan.persistFailure;
        long most = world.random.nextInt(8) == 0 ? world.plan.maxPersistNanos : Plan.MS;
        later(world.random.nextLong(most), () -> {
            if (fails) {
                world.trace("%s cannot persist", id);
                crash(false);
                world.restartLater(this);
            } else {
                persisted(step, write);
                settle();
                drain();
            }
        });
    }

    private void persisted(Step step, Requests.Write write) {
        persisting = null;
        binlog.append(step.events());
        for (var event : step.events()) {
            world.trace("%s persisted %s", id, event);
            durable.evolve(event);
            world.safety.evolved(event, durable.log());
            if (event instanceof BinlogEvent.Appended appended && world.bug == PlantedBug.APPLY_BEFORE_COMMIT) {
                appended.entries().stream()
                        .filter(entry -> entry.index().equals(store.applied().next()))
                        .forEach(this::apply);
            }
        }
        boolean checkpoint = step.events().stream().anyMatch(event -> event instanceof BinlogEvent.CheckpointTaken);
        if (checkpoint && world.random.nextBoolean()) {
            binlog.keep(durable);
        }
        speak(step, write);
        carryOut(core.persisted(now()), null);
        boolean ballot = step.events().stream().anyMatch(event -> event instanceof BinlogEvent.BallotCast);
        if (ballot && world.troubled() && world.random.nextDouble() < world.plan.crashAfterBallot) {
            crash(true);
            world.restartSoon(this);
        }
    }

    private void speak(Step step, Requests.Write write) {
        if (world.bug != PlantedBug.ACKNOWLEDGE_BEFORE_PERSIST) {
            step.late().forEach(out -> send(out.to(), out.message()));
        }
        step.effects().forEach(effect -> carryOut(effect, write));
    }

    private void send(NodeId to, PeerMessage message) {
        world.safety.sent(id, to, message);
        world.network.send(id, to, message);
    }

    /** After each step: is it primary, when does it want to be woken, and may reads go on. */
    private void settle() {
        if (life != Life.RUNNING || persisting != null) {
            return;
        }
        var status = status();
        if (status.role() == Status.Role.PRIMARY) {
            world.isPrimary(this);
            if (status.mayRead(now())) {
                world.safety.serves(this, world.everybody());
            }
        }
        scheduleWake();
        if (!readsWaiting.isEmpty()) {
            var reads = List.copyOf(readsWaiting);
            readsWaiting.clear();
            reads.forEach(this::read);
        }
    }

    private void scheduleWake() {
        long wakeAt = core.wakeAtNanos();
        boolean isScheduled = wakeScheduledFor <= wakeAt && wakeScheduledFor > now();
        if (wakeAt != Long.MAX_VALUE && !isScheduled) {
            wakeScheduledFor = wakeAt;
            later(clock.trueNanosUntil(wakeAt, world.scheduler.now()), () -> {
                if (core.wakeAtNanos() <= now()) {
                    tell(new Input.WakeUp());
                }
                wakeScheduledFor = Long.MIN_VALUE;
                settle();
            });
        }
    }

    // ---- effects ------------------------------------------------------------------------------------------------

    private void carryOut(Effect effect, Requests.Write write) {
        if (effect instanceof Effect.Apply apply) {
            for (var i = apply.from(); !i.isAfter(apply.to()); i = i.next()) {
                var entry = durable.log().entry(i);
                world.safety.committed(id, entry, durable.term());
                if (world.bug != PlantedBug.APPLY_BEFORE_COMMIT || entry.index().isAfter(store.applied())) {
                    apply(entry);
                }
            }
        } else if (effect instanceof Effect.Accepted accepted) {
            if (write != null) {
                proposals.put(accepted.index(), new Proposed(accepted.term(), write));
            }
        } else if (effect instanceof Effect.Declined declined) {
            world.trace("%s declines: %s", id, declined);
            if (write != null) {
                write.refused();
            }
        } else if (effect instanceof Effect.ReadLog read) {
            readLog(read);
        } else if (effect instanceof Effect.FetchSnapshot wanted) {
            fetch(wanted.from());
        } else if (effect instanceof Effect.DiscardSnapshot) {
            fetch = null;
        }
    }

    private void apply(Entry entry) {
        var answer = store.apply(entry, durable.log().membershipAt(entry.index()), world.operations);
        world.safety.applied(id, store);
        var proposed = proposals.remove(entry.index());
        if (proposed != null) {
            if (proposed.term.equals(entry.term())) {
                proposed.write.done(answer, entry.index());
            } else {
                proposed.write.refused();
            }
        }
    }

    private void readLog(Effect.ReadLog read) {
        later(world.random.nextLong(5 * Plan.MS), () -> {
            var entries = world.troubled() && world.random.nextInt(5) == 0
                    ? binlog.cutEntries(read.from(), read.to())
                    : binlog.entries(read.from(), read.to());
            int count = 0;
            for (int bytes = 0; count < entries.size() && (count == 0 || bytes <= read.maxBytes()); count++) {
                bytes += entries.get(count).command().size();
            }
            count = count > 0 && world.troubled() && world.random.nextInt(4) == 0 ? world.random.nextInt(count) : count;
            tell(new Input.LogRead(read.peer(), List.copyOf(entries.subList(0, count))));
        });
    }

    private void fetch(NodeId from) {
        if (fetch == null || !fetch.from.equals(from)) {
            fetch = new Fetch(from, world.random.nextInt(1, 6));
            fetchChunk(fetch);
        }
    }

    private void fetchChunk(Fetch current) {
        later(world.network.delay() + world.network.delay(), () -> {
            if (fetch != current) {
                return;
            }
            var source = world.replica(current.from);
            boolean broken = source.life != Life.RUNNING
                    || !world.network.isConnected(id, source.id)
                    || current.picture != null && current.sourceIncarnation != source.incarnation
                    || world.network.losesClientMessage();
            if (broken) {
                fetch = null;
                tell(new Input.SnapshotFailed());
                return;
            }
            if (current.picture == null) {
                current.picture = source.store.copy();
                current.sourceIncarnation = source.incarnation;
            }
            if (--current.chunksLeft > 0) {
                fetchChunk(current);
            } else {
                tell(new Input.SnapshotReady(
                        current.picture.applied(), current.picture.term(), current.picture.membership()));
            }
        });
    }

    private boolean isStaged(Input.SnapshotReady ready) {
        return fetch != null && fetch.chunksLeft == 0 && fetch.picture.applied().equals(ready.index());
    }

    private void install(Effect.InstallSnapshot wanted) {
        var picture = fetch.picture;
        fetch = null;
        store = world.bug == PlantedBug.SNAPSHOT_WITHOUT_ITS_MARK ? picture.withMarkOf(store) : picture.copy();
        forced = store.copy();
        proposals.headMap(wanted.index(), true).clear();
        world.trace("%s installs the copy of %s", id, wanted.index());
        world.safety.applied(id, store);
    }

    /** Forces to disk what is applied, and tells the core a little later. */
    void flush() {
        if (life == Life.RUNNING) {
            forced = store.copy();
            var done = new Input.StoreForced(forced.applied(), forced.term());
            later(world.random.nextLong(3 * Plan.MS), () -> tell(done));
        }
    }

    // ---- strong reads -------------------------------------------------------------------------------------------

    /**
     * Answers from the store: first looks at the value, then at the lease, between which anything may happen to the
     * process. Reads do not wait for what is being persisted.
     */
    void read(Requests.Read read) {
        if (life == Life.PAUSED) {
            frozen.add(() -> read(read));
        }
        if (life != Life.RUNNING) {
            return;
        }
        var status = status();
        if (status.role() != Status.Role.PRIMARY || !status.serving()) {
            read.refused();
        } else if (world.bug == PlantedBug.READ_WITHOUT_LEASE) {
            read.done(store.get(read.key()), id, store.applied());
        } else if (!status.mayRead(world.bug == PlantedBug.READ_BY_THE_TIME_OF_THE_LAST_INPUT ? lastInputAt : now())) {
            if (readsWaiting.isEmpty()) {
                tell(new Input.ConfirmLease());
            }
            readsWaiting.add(read);
        } else {
            var value = store.get(read.key());
            var applied = store.applied();
            later(world.random.nextBoolean() ? 0 : world.random.nextLong(world.plan.maxReadNanos), () -> {
                if (world.bug == PlantedBug.READ_BY_THE_TIME_OF_THE_LAST_INPUT) {
                    read.done(value, id, applied);
                } else if (status().term().equals(status.term()) && status().mayRead(now())) {
                    read.done(value, id, applied);
                } else {
                    read(read);
                }
            });
        }
    }

    /** Whether an input would be decided at once. */
    boolean isFree() {
        return life == Life.RUNNING && persisting == null && inbox.isEmpty();
    }

    /** Whether this replica has nothing to do, now and later, unless something happens. */
    boolean isIdle() {
        return persisting == null && inbox.isEmpty() && fetch == null && core.wakeAtNanos() == Long.MAX_VALUE;
    }

    Membership membership() {
        return durable.membership();
    }
}
