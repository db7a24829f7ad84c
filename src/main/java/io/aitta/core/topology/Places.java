package io.aitta.core.topology;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Counts where replicas can be that nodes should give away: {@link Upkeep} moves a replica off a draining node only to
 * another, so with too few of them it stays, and the drain never ends.
 */
final class Places {
    private final Topology topology;
    private final PlanNodes nodes;
    private final Map<PartitionId, Move> underWay;

    /** @param up nodes that can be reached now; of the others only those that were given up count as lost */
    Places(Topology topology, Set<NodeId> up) {
        this.topology = topology;
        nodes = new PlanNodes(topology, new Planner.Conditions(up, Set.of()));
        underWay = topology.moves().byPartition();
    }

    /**
     * How one partition's replicas of one kind stand.
     *
     * @param zone of learners, which stay in it; empty: voters
     * @param wanted how many there should be
     * @param places on how many nodes they can be, or stay if nobody moves them
     * @param missing how many of those there are have no place
     */
    record Room(String table, Optional<String> zone, int wanted, int places, int missing) {}

    /** What draining the node would leave without a place that has one now; the worst of the first table. */
    static Optional<Room> takenByDraining(Topology topology, NodeId node, Set<NodeId> up) {
        NodeOrders orders = topology.node(node).orElseThrow().orders();
        var drained = new TopologyEvent.NodeOrdered(node, orders.drained(Optional.empty()));
        var before = new Places(topology, up);
        var after = new Places(TopologyState.evolve(topology, List.of(drained)), up);
        for (TableInfo table : topology.tables()) {
            Room worst = null;
            for (PartitionInfo partition : topology.partitionsOf(table.name())) {
                List<Room> was = before.rooms(table, partition);
                List<Room> is = after.rooms(table, partition);
                for (int i = 0; i < is.size(); i++) {
                    boolean isTaken = is.get(i).missing() > was.get(i).missing();
                    boolean isWorse = worst == null || is.get(i).missing() > worst.missing();
                    worst = isTaken && isWorse ? is.get(i) : worst;
                }
            }
            if (worst != null) {
                return Optional.of(worst);
            }
        }
        return Optional.empty();
    }

    /**
     * Of the replicas on a draining node those that may have to stay there: one for each. Where a majority is down, that is
     * what the partition waits for.
     */
    List<Room> missingFor(NodeId node) {
        int position = nodes.position(node);
        String zone = topology.node(node).orElseThrow().zone();
        var missing = new ArrayList<Room>();
        for (PartitionInfo partition : topology.partitionsOn(node)) {
            TableInfo table = topology.table(partition.id().table()).orElseThrow();
            Holding holding = holding(table, partition);
            if (!holding.hasMajority(nodes)) {
                continue;
            }
            if (holding.voters().contains(position)) {
                missing.add(ofVoters(table, holding));
            } else if (holding.learners().contains(position) && table.learners().containsKey(zone)) {
                missing.add(ofLearners(table, holding, zone));
            }
        }
        missing.removeIf(room -> room.missing() == 0);
        return missing;
    }

    private List<Room> rooms(TableInfo table, PartitionInfo partition) {
        Holding holding = holding(table, partition);
        var rooms = new ArrayList<Room>(List.of(ofVoters(table, holding)));
        table.learners().keySet().forEach(zone -> rooms.add(ofLearners(table, holding, zone)));
        return rooms;
    }

    private Holding holding(TableInfo table, PartitionInfo partition) {
        return new Holding(partition, underWay.get(partition.id()), table.replicasWantedOf(partition), nodes);
    }

    private Room ofVoters(TableInfo table, Holding holding) {
        int present = 0;
        int places = 0;
        for (int node = 0; node < nodes.count(); node++) {
            boolean isVoter = holding.voters().contains(node);
            present += isVoter && !nodes.isLost(node) ? 1 : 0;
            places += canHave(node, isVoter) ? 1 : 0;
        }
        int needed = Math.min(holding.wanted(), present);
        if (table.isMeta()) {
            int enough = Upkeep.enoughOfMeta(holding, nodes);
            needed = enough > 0 ? Math.min(needed, enough) : needed;
        }
        return new Room(table.name(), Optional.empty(), holding.wanted(), places, Math.max(0, needed - places));
    }

    private Room ofLearners(TableInfo table, Holding holding, String zone) {
        int present = 0;
        int places = 0;
        for (int node = 0; node < nodes.count(); node++) {
            if (nodes.zoneOf(node) == nodes.zone(zone) && !holding.voters().contains(node)) {
                boolean isLearner = holding.learners().contains(node);
                present += isLearner && !nodes.isLost(node) ? 1 : 0;
                places += canHave(node, isLearner) ? 1 : 0;
            }
        }
        int wanted = table.learners().get(zone);
        int missing = Math.max(0, Math.min(wanted, present) - places);
        return new Room(table.name(), Optional.of(zone), wanted, places, missing);
    }

    /** What a node has that is down for a while, or of weight 0, may stay there. */
    private boolean canHave(int node, boolean hasIt) {
        return hasIt ? !nodes.isDraining(node) && !nodes.isLost(node) : nodes.mayGet(node);
    }
}
