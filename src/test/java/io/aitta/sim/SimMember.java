package io.aitta.sim;

import io.aitta.core.NodeId;
import io.aitta.core.replication.BinlogEvent;
import io.aitta.core.replication.Durable;
import io.aitta.core.replication.Effect;
import io.aitta.core.replication.Entry;
import io.aitta.core.replication.Input;
import io.aitta.core.replication.Membership;
import io.aitta.core.replication.ReplicaCore;
import io.aitta.core.replication.Rules;
import io.aitta.core.replication.Status;
import io.aitta.core.replication.Step;
import io.aitta.core.topology.PartitionReport;
import io.aitta.core.topology.StepOrder;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One node's replica of one partition in a simulated cluster: the core in a plain shell. What is persisted survives a
 * crash, and so does what is applied; how a shell may fail is the matter of {@link Simulation}.
 */
final class SimMember {
    private static final long MOST_PERSIST_NANOS = Plan.MS;
    /** Applied entries between two checkpoints, so that newcomers need a whole copy. */
    private static final int CHECKPOINT_EVERY = 8;

    final SimGroup group;
    final SimNode node;

    private final ClusterSimulation world;
    private final Durable durable = new Durable();
    private SimStore store = new SimStore();
    private ReplicaCore core;
    private int incarnation;
    private boolean isRunning;
    private boolean persisting;
    private long wakeScheduledFor = Long.MAX_VALUE;
    private SimStore picture;
    private NodeId fetchingFrom;
    private final ArrayDeque<Runnable> inbox = new ArrayDeque<>();

    SimMember(ClusterSimulation world, SimNode node, SimGroup group) {
        this.world = world;
        this.node = node;
        this.group = group;
    }

    NodeId id() {
        return node.id;
    }

    SimStore store() {
        return store;
    }

    Durable durable() {
        return durable;
    }

    Membership membership() {
        return durable.membership();
    }

    boolean isPrimary() {
        return isRunning && core.status(world.now()).role() == Status.Role.PRIMARY;
    }

    Status status() {
        return core.status(world.now());
    }

    /** Whether it is primary and has a whole copy be fetched by {@code peer}. */
    boolean givesCopyTo(NodeId peer) {
        return isPrimary()
                && core.group()
                        .map(group -> group.peers().get(peer))
                        .filter(seen -> seen.copying())
                        .isPresent();
    }

    void start() {
        isRunning = true;
        core = new ReplicaCore(world.config, node.id, durable, world.random::nextLong, Rules.RAFT);
        carryOut(core.start(world.now(), store.applied(), store.term(), store.membership()));
        node.suspected().forEach(peer -> tell(new Input.PeerUnreachable(peer)));
        settle();
    }

    void stop() {
        isRunning = false;
        incarnation++;
        persisting = false;
        inbox.clear();
        fetchingFrom = null;
        picture = null;
        wakeScheduledFor = Long.MAX_VALUE;
    }

    // ---- one at a time ------------------------------------------------------------------------------------------

    void tell(Input input) {
        run(() -> decide(input));
    }

    private void run(Runnable task) {
        if (isRunning) {
            inbox.add(task);
            drain();
        }
    }

    private void drain() {
        while (isRunning && !persisting && !inbox.isEmpty()) {
            inbox.poll().run();
        }
    }

    private void decide(Input input) {
        Step step = core.decide(input, world.now());
        carryOut(step);
        settle();
    }

    private void carryOut(Step step) {
        for (Effect effect : step.before()) {
            if (effect instanceof Effect.InstallSnapshot) {
                store = picture.copy();
                group.safety.applied(node.id, store);
                picture = null;
            }
        }
        step.early().forEach(this::send);
        if (step.events().isEmpty()) {
            speak(step);
            return;
        }
        persisting = true;
        later(world.random.nextLong(MOST_PERSIST_NANOS), () -> {
            persisting = false;
            for (BinlogEvent event : step.events()) {
                durable.evolve(event);
                group.safety.evolved(event, durable.log());
            }
            speak(step);
            carryOut(core.persisted(world.now()));
            settle();
            drain();
        });
    }

    private void speak(Step step) {
        step.late().forEach(this::send);
        step.effects().forEach(this::carryOut);
    }

    private void send(Step.Outgoing out) {
        group.safety.sent(node.id, out.to(), out.message());
        world.send(this, out.to(), out.message());
    }

    private void carryOut(Effect effect) {
        if (effect instanceof Effect.Apply apply) {
            for (var i = apply.from(); !i.isAfter(apply.to()); i = i.next()) {
                Entry entry = durable.log().entry(i);
                group.safety.committed(node.id, entry, durable.term());
                store.apply(entry, durable.log().membershipAt(i), world.operations);
                group.safety.applied(node.id, store);
                if (i.value() % CHECKPOINT_EVERY == 0) {
                    var forced = new Input.StoreForced(i, entry.term());
                    later(0, () -> tell(forced));
                }
            }
        } else if (effect instanceof Effect.FetchSnapshot fetch) {
            fetch(fetch.from());
        } else if (effect instanceof Effect.DiscardSnapshot) {
            picture = null;
        } else if (effect instanceof Effect.ReadLog read) {
            throw new IllegalStateException("nothing was let go, but " + read);
        }
    }

    private void fetch(NodeId from) {
        if (from.equals(fetchingFrom)) {
            return;
        }
        fetchingFrom = from;
        later(world.random.nextLong(world.maxCopyNanos), () -> {
            fetchingFrom = null;
            Optional<SimMember> source = world.member(from, group.id)
                    .filter(member -> member.isRunning && world.areConnected(node.id, from));
            if (source.isEmpty()) {
                tell(new Input.SnapshotFailed());
                return;
            }
            picture = source.get().store.copy();
            SimStore taken = picture;
            run(() -> {
                if (picture == taken) {
                    decide(new Input.SnapshotReady(taken.applied(), taken.term(), taken.membership()));
                }
            });
        });
    }

    private void settle() {
        if (!isRunning || persisting) {
            return;
        }
        if (isPrimary()) {
            group.safety.becamePrimary(node.id, incarnation, durable.term(), durable.log());
            node.isPrimary(this);
        }
        long wakeAt = core.wakeAtNanos();
        if (wakeAt < wakeScheduledFor) {
            wakeScheduledFor = wakeAt;
            later(wakeAt - world.now(), () -> {
                if (wakeScheduledFor == wakeAt) {
                    wakeScheduledFor = Long.MAX_VALUE;
                }
                tell(new Input.WakeUp());
                run(this::settle);
            });
        }
    }

    /** Runs unless the process ends before; when the node is paused then, later. */
    private void later(long delayNanos, Runnable action) {
        int born = incarnation;
        world.scheduler.after(
                delayNanos,
                () -> node.whenAwake(() -> {
                    if (born == incarnation && isRunning) {
                        action.run();
                    }
                }));
    }

    // ---- the steward's part -------------------------------------------------------------------------------------

    void perform(StepOrder order) {
        run(() -> {
            boolean isMine = isPrimary() && durable.term().equals(order.term());
            if (!isMine) {
                return;
            }
            Input input = input(order);
            if (input == null) {
                return;
            }
            Membership before = membership();
            Step step = core.decide(input, world.now());
            boolean isBegun = step.effects().stream().anyMatch(Effect.Accepted.class::isInstance);
            if (isBegun) {
                world.checks.begun(order, before, this);
            }
            carryOut(step);
            settle();
        });
    }

    private static Input input(StepOrder order) {
        if (order instanceof StepOrder.AddLearner add) {
            return new Input.ChangeMembership(new Input.Change.AddLearner(add.learner()));
        } else if (order instanceof StepOrder.Promote promote) {
            return new Input.ChangeMembership(new Input.Change.Promote(promote.learner()));
        } else if (order instanceof StepOrder.Remove remove) {
            return new Input.ChangeMembership(new Input.Change.Remove(remove.member()));
        } else if (order instanceof StepOrder.Transfer transfer) {
            return new Input.TransferPrimary(Optional.of(transfer.target()));
        }
        return null;
    }

    /** Told as soon as all that came before is done; nothing if it is not primary then. */
    void report(Consumer<PartitionReport> to) {
        run(() -> core.group().ifPresent(seen -> {
            var peers = new HashMap<NodeId, PartitionReport.Peer>();
            seen.peers()
                    .forEach((peer, at) -> peers.put(
                            peer, new PartitionReport.Peer(at.match(), at.reachable(), at.copying(), at.caughtUp())));
            Status status = status();
            to.accept(new PartitionReport(
                    group.id,
                    node.id,
                    status.term(),
                    status.serving(),
                    status.transferring(),
                    seen.settled(),
                    null,
                    status.commitIndex(),
                    status.lastIndex(),
                    status.membership(),
                    peers));
        }));
    }
}
