package io.aitta.orchestrator;

import io.aitta.core.NodeId;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A cluster whose members a test names. */
final class FakeStates implements NodeStates {
    private final List<Seen> members = new CopyOnWriteArrayList<>();

    /** Named later is younger. */
    FakeStates with(String node, NodeState state) {
        return with(node, addressOf(node), state);
    }

    FakeStates with(String node, String address, NodeState state) {
        members.removeIf(member -> member.address().equals(address));
        members.add(new Seen(new NodeId(node), address, state, members.size(), true));
        return this;
    }

    FakeStates without(String address) {
        members.removeIf(member -> member.address().equals(address));
        return this;
    }

    static String addressOf(String node) {
        return "pekko://aitta@" + node + ":7401";
    }

    @Override
    public Collection<Seen> members() {
        return members;
    }

    @Override
    public AutoCloseable subscribe(Runnable listener) {
        return () -> {};
    }
}
