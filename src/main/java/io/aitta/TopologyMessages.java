package io.aitta;

import io.aitta.core.topology.NodeInfo;
import io.aitta.core.topology.RemovedNode;
import io.aitta.core.topology.Topology;
import io.aitta.gateway.TopologySource;
import io.aitta.orchestrator.NodeStates;
import io.aitta.orchestrator.TopologyView;
import io.aitta.proto.v1.Node;
import io.aitta.proto.v1.NodeState;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * The topology in the API's words, renewed when the topology or the state of a node changes. Thread-safe.
 */
final class TopologyMessages implements TopologySource, AutoCloseable {
    /** How many nodes that were removed are shown. */
    private static final int REMOVED_SHOWN = 10;

    private final TopologyView view;
    private final NodeStates states;
    private final List<AutoCloseable> subscriptions = new ArrayList<>();
    private final CopyOnWriteArrayList<Consumer<io.aitta.proto.v1.Topology>> listeners = new CopyOnWriteArrayList<>();
    // Guarded by this.
    private final TopologyEncoder encoder = new TopologyEncoder();
    private volatile io.aitta.proto.v1.Topology current = io.aitta.proto.v1.Topology.getDefaultInstance();

    TopologyMessages(TopologyView view, NodeStates states) {
        this.view = view;
        this.states = states;
        subscriptions.add(view.subscribe(topology -> renew(topology)));
        subscriptions.add(states.subscribe(() -> renew(view.current())));
    }

    @Override
    public io.aitta.proto.v1.Topology current() {
        return current;
    }

    @Override
    public List<Node> removedNodes(io.aitta.proto.v1.Topology now) {
        // The topology remembers data directories, of which several may have had one id, and a node that is here now
        // too.
        var removed = new LinkedHashSet<String>();
        for (RemovedNode node : view.current().removed()) {
            removed.remove(node.id().value());
            removed.add(node.id().value());
        }
        now.getNodesList().forEach(node -> removed.remove(node.getId()));
        return removed.stream()
                .skip(Math.max(0, removed.size() - REMOVED_SHOWN))
                .map(id -> Node.newBuilder()
                        .setId(id)
                        .setState(NodeState.NODE_REMOVED)
                        .build())
                .toList();
    }

    @Override
    public Subscription subscribe(Consumer<io.aitta.proto.v1.Topology> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    private synchronized void renew(Topology topology) {
        if (topology.epoch().value() < current.getEpoch()) {
            return;
        }
        var orchestrator = states.oldest().map(node -> node.value()).orElse("");
        var renewed = encoder.encode(topology, this::state, joining(topology), orchestrator);
        if (!renewed.equals(current)) {
            current = renewed;
            listeners.forEach(listener -> listener.accept(renewed));
        }
    }

    private NodeState state(NodeInfo node) {
        return switch (states.of(node.id())) {
            case UP -> node.orders().draining() ? NodeState.NODE_DRAINING : NodeState.NODE_UP;
            case UNREACHABLE -> NodeState.NODE_UNREACHABLE;
            case DOWN -> NodeState.NODE_DOWN;
        };
    }

    /** Members of the cluster that the topology does not know yet, and never knew. */
    private List<Node> joining(Topology topology) {
        if (topology.clusterId().isEmpty()) {
            return List.of();
        }
        var removed = new HashSet<>();
        topology.removed().forEach(node -> removed.add(node.id()));
        var joining = new LinkedHashMap<String, Node>();
        for (var member : states.members()) {
            boolean isNew = topology.node(member.node()).isEmpty() && !removed.contains(member.node());
            if (isNew && member.state() == NodeStates.NodeState.UP) {
                String address = member.address();
                joining.put(
                        member.node().value(),
                        Node.newBuilder()
                                .setId(member.node().value())
                                .setClusterEndpoint(address.substring(address.indexOf('@') + 1))
                                .setState(NodeState.NODE_JOINING)
                                .build());
            }
        }
        return List.copyOf(joining.values());
    }

    @Override
    public void close() throws Exception {
        for (var subscription : subscriptions) {
            subscription.close();
        }
    }
}
