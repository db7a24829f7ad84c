package io.aitta.core.topology;

import io.aitta.core.NodeId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Chooses the nodes of a new table's partitions. A pure function: the same input gives the same places.
 *
 * <ul>
 *   <li>Never two replicas of a partition on one node, nor in one zone while there are zones enough; with fewer zones
 *       than replicas, the replicas of a partition are spread over the zones as evenly as the zones' nodes allow.
 *   <li>Each node's share of the table's replicas is in proportion to its weight as far as the rule above allows, and
 *       its whole number is that share rounded up or down. What nodes carry already decides who is rounded up, so that
 *       many small tables come out in proportion too, and a new node is used first.
 *   <li>Preferred primaries are in proportion to the weights within one, as far as the places of replicas allow.
 * </ul>
 *
 * <p>Shares are kept within each table and not over all tables together: a table made after a node has joined would
 * otherwise have all its traffic on that node.
 *
 * <p>How it is done: zones and nodes get whole quotas first (by filling up to a common level of replicas per weight);
 * then partition after partition takes its nodes, always such that what is left can still be dealt out: a node whose
 * quota equals the number of partitions left must be taken by each of them, and likewise for zones.
 */
public final class Placement {
    /**
     * A node that may be used.
     *
     * @param replicas how many it carries already, of all tables
     * @param primaries how many of these are preferred primaries
     */
    public record Candidate(NodeId id, String zone, int weight, int replicas, int primaries) {}

    private final List<List<Candidate>> zones;
    private final List<Candidate> nodes = new ArrayList<>();
    private final int replicas;
    private final int partitions;
    private final ZonedShares shares;

    private Placement(List<List<Candidate>> zones, int replicas, int partitions) {
        this.zones = zones;
        this.replicas = replicas;
        this.partitions = partitions;
        zones.forEach(nodes::addAll);
        int[][] weights = zones.stream()
                .map(zone -> zone.stream().mapToInt(Candidate::weight).toArray())
                .toArray(int[][]::new);
        shares = new ZonedShares(weights, replicas, partitions);
    }

    /**
     * @param candidates no node twice; those of weight 0 get nothing
     * @param replicas of each partition, at least 1
     * @param partitions at least 1
     * @return for each partition its nodes in order of election preference; empty if there are fewer nodes than replicas
     */
    public static Optional<List<List<NodeId>>> place(List<Candidate> candidates, int replicas, int partitions) {
        if (replicas < 1 || partitions < 1) {
            throw new IllegalArgumentException(partitions + " partitions of " + replicas + " replicas");
        }
        var byZone = new TreeMap<String, List<Candidate>>();
        candidates.stream()
                .filter(node -> node.weight() > 0)
                .sorted(Comparator.comparing(Candidate::id))
                .forEach(node -> byZone.computeIfAbsent(node.zone(), zone -> new ArrayList<>())
                        .add(node));
        List<List<Candidate>> zones = List.copyOf(byZone.values());
        if (zones.stream().mapToInt(List::size).sum() < replicas) {
            return Optional.empty();
        }
        return Optional.of(new Placement(zones, replicas, partitions).places());
    }

    private List<List<NodeId>> places() {
        int[] quotas = quotas();
        int[][] places = new Deal(zones, quotas, shares.zoneLeast(), shares.zoneMost(), replicas, partitions).deal();
        new ElectionOrder(nodes, quotas, places).sort();
        var result = new ArrayList<List<NodeId>>(partitions);
        for (int[] place : places) {
            var ids = new ArrayList<NodeId>(replicas);
            for (int node : place) {
                ids.add(nodes.get(node).id());
            }
            result.add(List.copyOf(ids));
        }
        return List.copyOf(result);
    }

    /** How many replicas each node gets; by the position in {@link #nodes}. */
    private int[] quotas() {
        double[] fractions = shares.ofZones();
        double[] claims = new double[zones.size()];
        for (int zone = 0; zone < claims.length; zone++) {
            claims[zone] = zones.get(zone).stream().mapToDouble(this::claim).sum();
        }
        int[] zoneQuotas = Shares.rounded(fractions, claims, partitions * replicas);
        int[] quotas = new int[nodes.size()];
        int position = 0;
        for (int zone = 0; zone < fractions.length; zone++) {
            List<Candidate> members = zones.get(zone);
            double[] ofMembers = members.stream().mapToDouble(this::claim).toArray();
            for (int quota : Shares.rounded(shares.ofNodes(zone, fractions[zone]), ofMembers, zoneQuotas[zone])) {
                quotas[position++] = quota;
            }
        }
        return quotas;
    }

    /** How many replicas a node lacks beside the others, of those placed before. */
    private double claim(Candidate node) {
        long weights = 0;
        long placed = 0;
        for (Candidate other : nodes) {
            weights += other.weight();
            placed += other.replicas();
        }
        return (double) placed * node.weight() / weights - node.replicas();
    }
}
