package io.aitta.partition;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.partition.PartitionAccess.Reason;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.StashBuffer;

/**
 * Stands where a replica was, or will be. Requests are sent here by nodes whose topology is older or newer than this
 * node's: they are passed on to a node that holds the partition; if this one is to, they wait until the {@link ReplicaHost}
 * wakes the replica. What can be neither passed on nor kept is refused: nothing happened, and the asker may try elsewhere.
 */
final class AbsentReplica extends AbstractBehavior<Replica.Command> {
    /** Requests that wait for the replica to be started. */
    static final int WAITING = 1_000;

    private static final Duration IDLE = Duration.ofSeconds(5);

    private final PartitionId id;
    private final ReplicaWiring wiring;
    private final Consumer<ActorRef<Replica.Command>> passivate;
    private final StashBuffer<Replica.Command> waiting;

    static Behavior<Replica.Command> create(
            PartitionId id, ReplicaWiring wiring, Consumer<ActorRef<Replica.Command>> passivate) {
        return Behaviors.withStash(
                WAITING,
                waiting -> Behaviors.setup(context -> new AbsentReplica(context, id, wiring, passivate, waiting)));
    }

    private AbsentReplica(
            ActorContext<Replica.Command> context,
            PartitionId id,
            ReplicaWiring wiring,
            Consumer<ActorRef<Replica.Command>> passivate,
            StashBuffer<Replica.Command> waiting) {
        super(context);
        this.id = id;
        this.wiring = wiring;
        this.passivate = passivate;
        this.waiting = waiting;
        context.setReceiveTimeout(IDLE, Replica.Idle.INSTANCE);
    }

    @Override
    public Receive<Replica.Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Replica.Wake.class, wake -> onWake())
                .onMessage(Replica.Write.class, this::onWrite)
                .onMessage(Replica.Read.class, this::onRead)
                .onMessage(Replica.Idle.class, idle -> onIdle())
                .onMessage(Replica.Stop.class, stop -> onStop())
                // For a replica that was here, and of no use any more.
                .onAnyMessage(other -> this)
                .build();
    }

    /** Whether the node may run the replica: not before what is left of an earlier one is gone. */
    static boolean mayBegin(PartitionId id, ReplicaWiring wiring) {
        return wiring.placements().isHeldBy(wiring.self(), id)
                && !wiring.replicas().isLeaving(id);
    }

    private Behavior<Replica.Command> onWake() {
        if (!mayBegin(id, wiring)) {
            return this;
        }
        getContext().cancelReceiveTimeout();
        return waiting.unstashAll(Replica.create(id, wiring, passivate));
    }

    private Behavior<Replica.Command> onWrite(Replica.Write write) {
        var target = target();
        if (write.hops() < Replica.MAX_HOPS && target.isPresent()) {
            refs(target.get())
                    .tell(new Replica.Write(
                            write.group(),
                            write.first(),
                            write.operations(),
                            write.fast(),
                            write.remainingMillis(),
                            write.replyTo(),
                            write.hops() + 1));
        } else {
            keepOrRefuse(write);
        }
        return this;
    }

    private Behavior<Replica.Command> onRead(Replica.Read read) {
        var target = target();
        if (read.hops() < Replica.MAX_HOPS && target.isPresent()) {
            refs(target.get())
                    .tell(new Replica.Read(
                            read.keys(),
                            read.level(),
                            read.remainingMillis(),
                            read.replyTo(),
                            read.correlation(),
                            read.hops() + 1));
        } else {
            keepOrRefuse(read);
        }
        return this;
    }

    private ReplicaRefs.Ref refs(NodeId node) {
        return wiring.refs().of(id, node);
    }

    /** The primary; if none is known, and this node is not to hold the partition itself, another that does. */
    private Optional<NodeId> target() {
        var primary = wiring.placements().primaryOf(id).filter(this::isThere);
        return primary.isPresent() || isToCome()
                ? primary
                : wiring.placements().holdersOf(id).stream()
                        .filter(this::isThere)
                        .findFirst();
    }

    private boolean isThere(NodeId node) {
        return !node.equals(wiring.self()) && wiring.directory().isReachable(node);
    }

    /** By the newest topology, of which this node may not have begun to act. */
    private boolean isToCome() {
        return wiring.placements().holdersOf(id).contains(wiring.self());
    }

    private void keepOrRefuse(Replica.Command request) {
        if (!isToCome()) {
            var reason = wiring.placements().isGone(id) ? Reason.PARTITION_NOT_FOUND : Reason.NO_PRIMARY;
            refuse(request, reason, "node " + wiring.self() + " holds no replica of " + id);
        } else if (waiting.isFull()) {
            refuse(request, Reason.OVERLOADED, WAITING + " requests wait for the replica of " + id + " to be started");
        } else {
            waiting.stash(request);
        }
    }

    private static void refuse(Replica.Command request, Reason reason, String message) {
        if (request instanceof Replica.Write write) {
            var all = new Replica.Range(
                    write.group(), write.first(), write.operations().size());
            write.replyTo().tell(new Replica.Refused(List.of(all), reason, message));
        } else if (request instanceof Replica.Read read) {
            var whole = Replica.Range.whole(read.correlation());
            read.replyTo().tell(new Replica.Refused(List.of(whole), reason, message));
        }
    }

    private Behavior<Replica.Command> onIdle() {
        refuseAll();
        passivate.accept(getContext().getSelf());
        return this;
    }

    private Behavior<Replica.Command> onStop() {
        refuseAll();
        return Behaviors.stopped();
    }

    private void refuseAll() {
        waiting.forEach(request -> refuse(
                request, Reason.NO_PRIMARY, "the replica of " + id + " on " + wiring.self() + " was not started"));
        waiting.clear();
    }
}
