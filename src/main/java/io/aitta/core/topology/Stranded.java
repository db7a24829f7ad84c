package io.aitta.core.topology;

import io.aitta.core.NodeId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Replicas of one table that stay on a draining node for want of another that could hold them. Such a drain is refused; but
 * nodes may go down afterwards, and then it must be told why it does not end.
 *
 * @param zone of learners, which stay in it; empty: voters
 * @param replicas how many there are
 * @param wanted of each partition
 * @param places the least number of nodes that can hold the replicas of one of the partitions
 */
public record Stranded(String table, Optional<String> zone, int replicas, int wanted, int places) {
    /** By table; empty if the node is not being drained, or all of it can go. @param up nodes that can be reached now */
    public static List<Stranded> on(Topology topology, NodeId node, Set<NodeId> up) {
        boolean isDraining = topology.node(node)
                .filter(info -> info.orders().draining() && !info.orders().lost())
                .isPresent();
        if (!isDraining) {
            return List.of();
        }
        var found = new LinkedHashMap<List<Object>, Stranded>();
        for (Places.Room room : new Places(topology, up).missingFor(node)) {
            var one = new Stranded(room.table(), room.zone(), 1, room.wanted(), room.places());
            found.merge(List.of(room.table(), room.zone()), one, Stranded::and);
        }
        return new ArrayList<>(found.values());
    }

    private Stranded and(Stranded other) {
        return new Stranded(
                table, zone, replicas + other.replicas, Math.max(wanted, other.wanted), Math.min(places, other.places));
    }

    /** As a person is told: how many, why, and what helps. */
    public String sentence() {
        String what = zone.isPresent() ? "learner" : "replica";
        String nowhere = replicas + " " + what + (replicas == 1 ? " has" : "s have") + " nowhere to go: table '" + table
                + "' wants " + wanted + " of each partition";
        String nodes = places + (places == 1 ? " node" : " nodes");
        return zone.map(name -> nowhere + " in zone '" + name + "', and " + nodes + " there can hold them; add a node"
                        + " there or lower the learners of table '" + table + "'")
                .orElseGet(() -> nowhere + ", and " + nodes
                        + " can hold them; add a node or lower the replicas of table '" + table + "'");
    }
}
