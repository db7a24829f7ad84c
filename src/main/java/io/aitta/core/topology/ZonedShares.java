package io.aitta.core.topology;

import java.util.Arrays;

/**
 * How much zones and nodes should carry of partitions that all have as many replicas, in fractions: in proportion to the
 * weights, as far as no partition has two replicas on a node, or more in a zone than it must.
 *
 * <p>Each partition takes of a zone as many replicas as the evenest spread allows: of any two zones either takes as many as
 * the other, or one more, or all its nodes.
 */
final class ZonedShares {
    private final int[][] weights;
    private final int replicas;
    private final int partitions;
    // Of each zone, how many replicas of one partition it takes at least and at most; the two differ by one at most.
    private final int[] zoneLeast;
    private final int[] zoneMost;

    /**
     * @param weights of the nodes, zone by zone; all above 0
     * @param replicas of each partition, 1 to the number of nodes
     */
    ZonedShares(int[][] weights, int replicas, int partitions) {
        this.weights = weights;
        this.replicas = replicas;
        this.partitions = partitions;
        int most = 0;
        while (sumOfSmaller(most) < replicas) {
            most++;
        }
        zoneLeast = new int[weights.length];
        zoneMost = new int[weights.length];
        for (int zone = 0; zone < weights.length; zone++) {
            zoneLeast[zone] = Math.min(weights[zone].length, most - 1);
            zoneMost[zone] = Math.min(weights[zone].length, most);
        }
    }

    private int sumOfSmaller(int limit) {
        return Arrays.stream(weights)
                .mapToInt(zone -> Math.min(zone.length, limit))
                .sum();
    }

    int[] zoneLeast() {
        return zoneLeast;
    }

    int[] zoneMost() {
        return zoneMost;
    }

    /** They add up to the partitions' replicas. */
    double[] ofZones() {
        int leastWeight =
                Arrays.stream(weights).flatMapToInt(Arrays::stream).min().orElseThrow();
        double level =
                Shares.level(this::replicasAtLevel, (double) partitions * replicas, (double) partitions / leastWeight);
        double[] shares = new double[weights.length];
        for (int zone = 0; zone < shares.length; zone++) {
            shares[zone] = zoneAtLevel(zone, level);
        }
        return shares;
    }

    /** Of a zone's nodes, with so much for the zone; they add up to that. */
    double[] ofNodes(int zone, double zoneShare) {
        int[] caps = new int[weights[zone].length];
        Arrays.fill(caps, partitions);
        return Shares.proportional(weights[zone], caps, zoneShare);
    }

    private double replicasAtLevel(double level) {
        double sum = 0;
        for (int zone = 0; zone < weights.length; zone++) {
            sum += zoneAtLevel(zone, level);
        }
        return sum;
    }

    /** What a zone's nodes take at so many replicas per weight, within the zone's limits. */
    private double zoneAtLevel(int zone, double level) {
        double sum = 0;
        for (int weight : weights[zone]) {
            sum += Math.min(partitions, level * weight);
        }
        return Math.min((double) partitions * zoneMost[zone], Math.max((double) partitions * zoneLeast[zone], sum));
    }
}
