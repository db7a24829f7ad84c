package io.aitta.core.topology;

import io.aitta.core.NodeId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The nodes as a plan sees them, named by their position in the order of their ids, and what each carries of all tables.
 */
final class PlanNodes {
    private final List<NodeInfo> infos;
    private final Map<NodeId, Integer> positions = new HashMap<>();
    private final Map<String, Integer> zones = new TreeMap<>();
    private final int[] zoneOf;
    private final int[] weights;
    private final boolean[] up;
    private final boolean[] lost;
    private final int[] replacements;
    // Voters of all tables, as they will be when the moves under way are done.
    private final int[] carried;

    PlanNodes(Topology topology, Planner.Conditions conditions) {
        infos = List.copyOf(topology.nodes());
        int count = infos.size();
        zoneOf = new int[count];
        weights = new int[count];
        up = new boolean[count];
        lost = new boolean[count];
        carried = new int[count];
        replacements = new int[count];
        infos.forEach(node -> zones.putIfAbsent(node.zone(), 0));
        int number = 0;
        for (Map.Entry<String, Integer> zone : zones.entrySet()) {
            zone.setValue(number++);
        }
        for (int node = 0; node < count; node++) {
            NodeInfo info = infos.get(node);
            positions.put(info.id(), node);
            zoneOf[node] = zones.get(info.zone());
            weights[node] = info.weight();
            lost[node] = info.orders().lost() || conditions.lost().contains(info.id());
            up[node] = !lost[node] && conditions.up().contains(info.id());
        }
        for (int node = 0; node < count; node++) {
            Optional<NodeId> replacement = infos.get(node).orders().replacedBy();
            replacements[node] = replacement.map(positions::get).orElse(-1);
        }
    }

    int count() {
        return infos.size();
    }

    int position(NodeId id) {
        return positions.get(id);
    }

    NodeId id(int node) {
        return infos.get(node).id();
    }

    int zoneCount() {
        return zones.size();
    }

    int zoneOf(int node) {
        return zoneOf[node];
    }

    /** -1 if no node stands in it. */
    int zone(String name) {
        return zones.getOrDefault(name, -1);
    }

    int weight(int node) {
        return weights[node];
    }

    boolean isUp(int node) {
        return up[node];
    }

    boolean isLost(int node) {
        return lost[node];
    }

    /** It was said that it never comes back, so its seat is worth nothing. */
    boolean isGoneForGood(int node) {
        return infos.get(node).orders().lost();
    }

    boolean isDraining(int node) {
        return infos.get(node).orders().draining();
    }

    /** It is meant to carry replicas, though it may be down for a while. */
    boolean isCarrier(int node) {
        return weights[node] > 0 && !lost[node] && !isDraining(node);
    }

    /** It may get replicas now. */
    boolean mayGet(int node) {
        return up[node] && isCarrier(node);
    }

    /** Who is to get what a draining node holds; -1: whoever is best. */
    int replacementOf(int node) {
        return replacements[node];
    }

    int carried(int node) {
        return carried[node];
    }

    void carryMore(int node, int more) {
        carried[node] += more;
    }
}
