package io.aitta.core.topology;

import io.aitta.core.PartitionId;
import io.aitta.core.topology.Move.Cause;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Where the voters of a table should be, by weights and zones, with the fewest moves from where they are; and the moves
 * that lead there. Replicas that must stay on nodes that should have none, because no other may take them, do not count.
 *
 * <p>Nodes that are down for a while keep their shares, for they are expected back; moves to them wait.
 *
 * <p>For {@code _meta}, weights do not count: it is small, and a node that carries no tables may go on keeping it.
 */
final class Balance {
    private final TableInfo table;
    private final List<Holding> holdings;
    private final PlanNodes nodes;
    // Nodes that should have replicas, zone by zone; their zones are numbered anew, for some may have none of them.
    private final List<Integer> carriers = new ArrayList<>();
    private final int[] zoneOfCarrier;
    private final int[] carrierAt;
    private final TreeMap<Integer, ZonedShares> sharesByReplicas = new TreeMap<>();
    private final int[] replicas;
    private final List<List<Integer>> targets = new ArrayList<>();

    Balance(TableInfo table, List<Holding> holdings, PlanNodes nodes) {
        this.table = table;
        this.holdings = holdings;
        this.nodes = nodes;
        for (int node = 0; node < nodes.count(); node++) {
            if (nodes.isCarrier(node) || keepsMeta(node)) {
                carriers.add(node);
            }
        }
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
        findTargets();
    }

    private boolean isMeta() {
        return table.name().equals(PartitionId.META.table());
    }

    private boolean keepsMeta(int node) {
        return isMeta()
                && !nodes.isLost(node)
                && !nodes.isDraining(node)
                && holdings.get(0).voters().contains(node);
    }

    private int weight(int node) {
        return isMeta() ? 1 : nodes.weight(node);
    }

    private int replicasOf(Holding holding) {
        int possible = Math.min(holding.wanted(), carriers.size());
        boolean oneTooMany = isMeta() && possible % 2 == 0 && carried(holding) < possible;
        return oneTooMany ? possible - 1 : possible;
    }

    private int carried(Holding holding) {
        return (int) holding.voters().stream().filter(carriers::contains).count();
    }

    private void findTargets() {
        if (carriers.isEmpty()) {
            holdings.forEach(holding -> targets.add(List.of()));
            return;
        }
        double[] shares = shares();
        int count = holdings.size();
        boolean[][] placed = new boolean[count][carriers.size()];
        boolean[][] free = new boolean[count][carriers.size()];
        int[][] least = new int[count][];
        int[][] most = new int[count][];
        for (int partition = 0; partition < count; partition++) {
            for (int voter : holdings.get(partition).voters()) {
                int replacement = nodes.replacementOf(voter);
                if (carrierAt[voter] >= 0) {
                    placed[partition][carrierAt[voter]] = true;
                } else if (replacement >= 0 && carrierAt[replacement] >= 0) {
                    free[partition][carrierAt[replacement]] = true;
                }
            }
            least[partition] = sharesByReplicas.get(replicas[partition]).zoneLeast();
            most[partition] = sharesByReplicas.get(replicas[partition]).zoneMost();
        }
        var moves = new FewestMoves(zoneOfCarrier, placed, free, least, most, replicas, shares);
        for (int[] target : moves.targets()) {
            var chosen = new ArrayList<Integer>(target.length);
            for (int carrier : target) {
                chosen.add(carriers.get(carrier));
            }
            targets.add(chosen);
        }
    }

    /** Of each carrier: what it should have of the partitions with as many replicas, for each such number. */
    private double[] shares() {
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
        double[] shares = new double[carriers.size()];
        partitionsByReplicas.forEach((count, partitions) -> {
            var ofThese = new ZonedShares(weights, count, partitions);
            sharesByReplicas.put(count, ofThese);
            double[] ofZones = ofThese.ofZones();
            int carrier = 0;
            for (int zone = 0; zone < ofZones.length; zone++) {
                for (double share : ofThese.ofNodes(zone, ofZones[zone])) {
                    shares[carrier++] += share;
                }
            }
        });
        return shares;
    }

    /** The nodes that should have the partition's voters. */
    List<Integer> target(int partition) {
        return targets.get(partition);
    }

    /** Not all that should have the partition's voters have one. */
    boolean isOpen(int partition) {
        return !holdings.get(partition).voters().containsAll(targets.get(partition));
    }

    /**
     * One that brings the partition nearer to its target, within its own zone if possible, so that zones are respected
     * between the moves, too. It waits while a voter is down: then it could do harm.
     */
    Optional<PlannedMove> moveFor(int partition) {
        Holding holding = holdings.get(partition);
        List<Integer> target = targets.get(partition);
        if (!holding.voters().stream().allMatch(nodes::isUp)) {
            return Optional.empty();
        }
        List<Integer> leaving = holding.voters().stream()
                .filter(node -> !target.contains(node) && !nodes.isDraining(node))
                .toList();
        List<Integer> coming = target.stream()
                .filter(node -> !holding.voters().contains(node) && nodes.mayGet(node))
                .toList();
        PlannedMove first = null;
        for (int to : coming) {
            for (int from : leaving) {
                boolean sameZone = nodes.zoneOf(to) == nodes.zoneOf(from);
                if (first == null || sameZone) {
                    first = move(holding, partition, from, to);
                }
                if (sameZone) {
                    return Optional.of(first);
                }
            }
        }
        return Optional.ofNullable(first);
    }

    private PlannedMove move(Holding holding, int partition, int from, int to) {
        Cause cause = hasZonesRight(holding, replicas[partition]) ? Cause.BALANCE : Cause.ZONE;
        return holding.learners().contains(to)
                ? PlannedMove.remove(holding.id(), nodes.id(to), cause)
                : PlannedMove.replace(holding.id(), nodes.id(from), nodes.id(to), cause);
    }

    private boolean hasZonesRight(Holding holding, int count) {
        ZonedShares shares = sharesByReplicas.get(count);
        int[] inZone = new int[shares.zoneMost().length];
        for (int voter : holding.voters()) {
            if (carrierAt[voter] >= 0) {
                inZone[zoneOfCarrier[carrierAt[voter]]]++;
            }
        }
        for (int zone = 0; zone < inZone.length; zone++) {
            if (inZone[zone] > shares.zoneMost()[zone] || inZone[zone] < shares.zoneLeast()[zone]) {
                return false;
            }
        }
        return true;
    }
}
