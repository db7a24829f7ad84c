package io.aitta.core.topology;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;

/**
 * How many voters of a table each node should have: in proportion to the weights, as far as zones allow. Only nodes that
 * are meant to carry replicas count, the carriers; those that are down for a while are among them, for they are expected
 * back.
 *
 * <p>For {@code _meta}, weights do not count: it is small, and a node that carries no tables may go on keeping it.
 */
final class TableShares {
    private final TableInfo table;
    private final List<Holding> holdings;
    private final PlanNodes nodes;
    // Zone by zone; their zones are numbered anew, for some may have none of them.
    private final List<Integer> carriers = new ArrayList<>();
    private final int[] zoneOfCarrier;
    private final int[] carrierAt;
    private final int[] replicas;
    private final TreeMap<Integer, ZonedShares> byReplicas = new TreeMap<>();
    private final double[] shares;

    TableShares(TableInfo table, List<Holding> holdings, PlanNodes nodes) {
        this.table = table;
        this.holdings = holdings;
        this.nodes = nodes;
        for (int node = 0; node < nodes.count(); node++) {
            if (nodes.isCarrier(node) || keepsMeta(node)) {
                carriers.add(node);
            }
        }
        // Who carries little for its weight gets what comes first.
        carriers.sort(Comparator.<Integer>comparingInt(nodes::zoneOf)
                .thenComparingDouble(node -> (double) nodes.carried(node) / weight(node))
                .thenComparing(node -> node));
        zoneOfCarrier = new int[carriers.size()];
        carrierAt = new int[nodes.count()];
        Arrays.fill(carrierAt, -1);
        for (int i = 0; i < zoneOfCarrier.length; i++) {
            carrierAt[carriers.get(i)] = i;
            boolean another = i > 0 && nodes.zoneOf(carriers.get(i)) != nodes.zoneOf(carriers.get(i - 1));
            zoneOfCarrier[i] = i == 0 ? 0 : zoneOfCarrier[i - 1] + (another ? 1 : 0);
        }
        replicas = holdings.stream().mapToInt(this::replicasOf).toArray();
        shares = new double[carriers.size()];
        if (!carriers.isEmpty()) {
            findShares();
        }
    }

    private boolean keepsMeta(int node) {
        return table.isMeta()
                && !nodes.isLost(node)
                && !nodes.isDraining(node)
                && holdings.get(0).voters().contains(node);
    }

    private int weight(int node) {
        return table.isMeta() ? 1 : nodes.weight(node);
    }

    private int replicasOf(Holding holding) {
        int possible = Math.min(holding.wanted(), carriers.size());
        boolean oneTooMany = table.isMeta() && possible % 2 == 0 && carried(holding) < possible;
        return oneTooMany ? possible - 1 : possible;
    }

    private int carried(Holding holding) {
        return (int) holding.voters().stream().filter(carriers::contains).count();
    }

    private void findShares() {
        var partitionsByReplicas = new TreeMap<Integer, Integer>();
        for (int count : replicas) {
            partitionsByReplicas.merge(count, 1, Integer::sum);
        }
        int[][] weights = new int[zoneOfCarrier[zoneOfCarrier.length - 1] + 1][];
        for (int zone = 0; zone < weights.length; zone++) {
            int number = zone;
            weights[zone] = carriers.stream()
                    .filter(node -> zoneOfCarrier[carrierAt[node]] == number)
                    .mapToInt(this::weight)
                    .toArray();
        }
        partitionsByReplicas.forEach((count, partitions) -> {
            var ofThese = new ZonedShares(weights, count, partitions);
            byReplicas.put(count, ofThese);
            double[] ofZones = ofThese.ofZones();
            int carrier = 0;
            for (int zone = 0; zone < ofZones.length; zone++) {
                for (double share : ofThese.ofNodes(zone, ofZones[zone])) {
                    shares[carrier++] += share;
                }
            }
        });
    }

    /** The carriers' nodes; the numbers of carriers are positions in this. */
    List<Integer> carriers() {
        return carriers;
    }

    /** -1: the node is none. */
    int carrier(int node) {
        return carrierAt[node];
    }

    /** By carrier, rising from 0 without a gap. */
    int[] zoneOfCarrier() {
        return zoneOfCarrier;
    }

    /** By carrier; they add up to what all partitions should have. */
    double[] shares() {
        return shares;
    }

    /** By partition: how many voters it should have on carriers. */
    int[] replicas() {
        return replicas;
    }

    /** By zone: how many voters the partition should have there at least. */
    int[] zoneLeast(int partition) {
        return byReplicas.get(replicas[partition]).zoneLeast();
    }

    /** By zone: how many voters the partition should have there at most. */
    int[] zoneMost(int partition) {
        return byReplicas.get(replicas[partition]).zoneMost();
    }

    /** By zone: how many voters the partition has there. */
    int[] inZones(int partition) {
        int[] inZone = new int[zoneMost(partition).length];
        for (int voter : holdings.get(partition).voters()) {
            if (carrierAt[voter] >= 0) {
                inZone[zoneOfCarrier[carrierAt[voter]]]++;
            }
        }
        return inZone;
    }

    boolean hasZonesRight(int partition) {
        int[] inZone = inZones(partition);
        for (int zone = 0; zone < inZone.length; zone++) {
            if (inZone[zone] > zoneMost(partition)[zone] || inZone[zone] < zoneLeast(partition)[zone]) {
                return false;
            }
        }
        return true;
    }
}
