package io.aitta.sim;

import io.aitta.core.NodeId;
import io.aitta.core.replication.Input;
import io.aitta.core.replication.PeerMessage;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What lies between the nodes: it loses, doubles, delays and reorders, and links are cut in one direction or both. */
final class Network {
    private record Link(NodeId from, NodeId to) {}

    private final Simulation world;
    private final Set<Link> cut = new HashSet<>();
    private boolean faultless;
    private long sent;

    Network(Simulation world) {
        this.world = world;
    }

    void send(NodeId from, NodeId to, PeerMessage message) {
        sent++;
        world.trace("%s -> %s %s", from, to, message);
        if (!happens(world.plan.loss())) {
            deliver(from, to, message);
        }
        if (happens(world.plan.duplicate())) {
            deliver(from, to, message);
        }
    }

    private void deliver(NodeId from, NodeId to, PeerMessage message) {
        world.scheduler.after(delay(), () -> {
            if (!isCut(from, to)) {
                world.replica(to).tell(new Input.Receive(from, message));
            }
        });
    }

    /** Of one message, be it a peer's or a client's. */
    long delay() {
        long usual = world.random.nextLong(Plan.MS / 20, Plan.MS);
        return happens(world.plan.lateness()) ? usual + world.random.nextLong(world.plan.maxLateNanos()) : usual;
    }

    boolean losesClientMessage() {
        return happens(world.plan.loss());
    }

    private boolean happens(double chance) {
        return !faultless && chance > 0 && world.random.nextDouble() < chance;
    }

    boolean isCut(NodeId from, NodeId to) {
        return !cut.isEmpty() && cut.contains(new Link(from, to));
    }

    /** Whether both can hear each other. */
    boolean isConnected(NodeId a, NodeId b) {
        return !isCut(a, b) && !isCut(b, a);
    }

    void cut(NodeId from, NodeId to) {
        cut.add(new Link(from, to));
    }

    void split(List<NodeId> side, List<NodeId> otherSide) {
        for (var a : side) {
            for (var b : otherSide) {
                cut(a, b);
                cut(b, a);
            }
        }
    }

    void heal() {
        cut.clear();
    }

    /** From now on nothing is lost, doubled or late. */
    void becomeFaultless() {
        heal();
        faultless = true;
    }

    /** How many messages were sent so far. */
    long sent() {
        return sent;
    }
}
