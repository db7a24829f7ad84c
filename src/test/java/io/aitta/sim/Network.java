package io.aitta.sim;

import io.aitta.core.NodeId;
import io.aitta.core.replication.Input;
import io.aitta.core.replication.PeerMessage;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What lies between the nodes: it loses, doubles, delays and reorders, and links are cut in one direction or both. */
final class Network {
    private record Link(NodeId from, NodeId to) {}

    private final Simulation world;
    /** Cut links, and until when. */
    private final Map<Link, Long> cuts = new HashMap<>();

    private boolean faultless;
    private long sent;

    Network(Simulation world) {
        this.world = world;
    }

    void send(NodeId from, NodeId to, PeerMessage message) {
        sent++;
        world.trace("%s -> %s %s", from, to, message);
        if (!happens(world.plan.loss)) {
            deliver(from, to, message, delay());
        }
        if (happens(world.plan.duplicate)) {
            deliver(from, to, message, delay() + world.random.nextLong(world.plan.maxLateNanos));
        }
    }

    /** What is under way when its sender crashes arrives or not. */
    private void deliver(NodeId from, NodeId to, PeerMessage message, long delayNanos) {
        int incarnation = world.replica(from).incarnation();
        boolean outlivesSender = world.random.nextInt(3) == 0;
        world.scheduler.after(delayNanos, () -> {
            boolean arrives =
                    outlivesSender || incarnation == world.replica(from).incarnation();
            if (arrives && !isCut(from, to)) {
                world.replica(to).tell(new Input.Receive(from, message));
            }
        });
    }

    /** Of one message, be it a peer's or a client's. */
    long delay() {
        long usual = world.random.nextLong(Plan.MS / 20, world.plan.usualDelayNanos);
        return happens(world.plan.lateness) ? usual + world.random.nextLong(world.plan.maxLateNanos) : usual;
    }

    boolean losesClientMessage() {
        return happens(world.plan.loss);
    }

    private boolean happens(double chance) {
        return !faultless && chance > 0 && world.random.nextDouble() < chance;
    }

    boolean isCut(NodeId from, NodeId to) {
        return !cuts.isEmpty() && cuts.getOrDefault(new Link(from, to), 0L) > world.scheduler.now();
    }

    /** Whether both can hear each other. */
    boolean isConnected(NodeId a, NodeId b) {
        return !isCut(a, b) && !isCut(b, a);
    }

    void cut(NodeId from, NodeId to, long nanos) {
        cuts.merge(new Link(from, to), world.scheduler.now() + nanos, Math::max);
    }

    void split(List<NodeId> side, List<NodeId> otherSide, long nanos) {
        for (var a : side) {
            for (var b : otherSide) {
                cut(a, b, nanos);
                cut(b, a, nanos);
            }
        }
    }

    /** From now on nothing is lost, doubled or late. */
    void becomeFaultless() {
        cuts.clear();
        faultless = true;
    }

    /** How many messages were sent so far. */
    long sent() {
        return sent;
    }
}
