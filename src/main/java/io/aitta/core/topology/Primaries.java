package io.aitta.core.topology;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which replicas should be preferred as primaries: another at once where the preferred one's node is draining, and where a
 * table is balanced so many of each node as follow the weights, within one, as far as the places of replicas allow. Who is
 * rounded up is decided by the primaries of all tables together: every change lessens how far these are from the weights,
 * so changes come to an end.
 */
final class Primaries {
    private final List<TablePlan> tables;
    private final PlanNodes nodes;
    private final List<Integer> carriers = new ArrayList<>();
    private final int[] carrierAt;
    // Of all tables: how many preferred primaries each node has, and how many it should have.
    private final int[] led;
    private final double[] shares;
    private final Map<PartitionId, NodeId> preferred = new TreeMap<>();

    Primaries(List<TablePlan> tables, PlanNodes nodes) {
        this.tables = tables;
        this.nodes = nodes;
        led = new int[nodes.count()];
        shares = new double[nodes.count()];
        carrierAt = new int[nodes.count()];
        for (int node = 0; node < nodes.count(); node++) {
            carrierAt[node] = nodes.isCarrier(node) ? carriers.size() : -1;
            if (nodes.isCarrier(node)) {
                carriers.add(node);
            }
        }
    }

    List<Planner.Preference> preferences() {
        for (TablePlan table : tables) {
            table.holdings().forEach(holding -> led[holding.voters().get(0)]++);
            table.holdings().forEach(this::giveUpDraining);
        }
        if (tables.stream().anyMatch(TablePlan::isBalanced)) {
            evenOut();
        }
        return preferred.entrySet().stream()
                .map(entry -> new Planner.Preference(entry.getKey(), entry.getValue()))
                .toList();
    }

    private void giveUpDraining(Holding holding) {
        int first = nodes.position(holding.info().preferredPrimary());
        if (!nodes.isDraining(first) || nodes.isLost(first)) {
            return;
        }
        holding.info().voters().stream()
                .map(nodes::position)
                .filter(holding.voters()::contains)
                .filter(node -> nodes.isUp(node) && !nodes.isDraining(node) && !holding.isLeaving(node, nodes))
                .min(Comparator.comparingDouble(node -> (led[node] + 1.0) / nodes.weight(node)))
                .ifPresent(node -> prefer(holding, node));
    }

    private void prefer(Holding holding, int node) {
        preferred.put(holding.id(), nodes.id(node));
        led[holding.voters().get(0)]--;
        led[node]++;
        holding.voters().remove((Integer) node);
        holding.voters().add(0, node);
    }

    private void evenOut() {
        for (TablePlan table : tables) {
            addShares(table);
        }
        for (TablePlan table : tables) {
            if (table.isBalanced()) {
                evenOut(table);
            }
        }
    }

    private void evenOut(TablePlan table) {
        List<Holding> movable = table.holdings().stream()
                .filter(holding -> places(holding).length > 0)
                .toList();
        int[][] places = movable.stream().map(this::places).toArray(int[][]::new);
        boolean[] open = new boolean[places.length];
        double[] own = ownShares(places);
        double[] claims = new double[carriers.size()];
        for (int partition = 0; partition < places.length; partition++) {
            int first = carrierAt[movable.get(partition).voters().get(0)];
            open[partition] = first < 0;
            claims[places[partition][0]] += first < 0 ? 0 : 1;
        }
        for (int carrier = 0; carrier < claims.length; carrier++) {
            int node = carriers.get(carrier);
            claims[carrier] += shares[node] - own[carrier] - led[node];
        }
        new ElectionOrder(own, claims, places).evenOut(open);
        for (int partition = 0; partition < places.length; partition++) {
            int first = carriers.get(places[partition][0]);
            if (movable.get(partition).voters().get(0) != first) {
                prefer(movable.get(partition), first);
            }
        }
    }

    /** Who may be first: who is, if it should have anything, and else voters that are up; empty if nobody may. */
    private int[] places(Holding holding) {
        int first = holding.voters().get(0);
        return holding.voters().stream()
                .filter(node -> carrierAt[node] >= 0)
                .filter(node -> node == first || nodes.isUp(node))
                .mapToInt(node -> carrierAt[node])
                .toArray();
    }

    private void addShares(TablePlan table) {
        if (table.isMeta()) {
            // Let alone, and so right as it is.
            shares[table.holdings().get(0).voters().get(0)]++;
            return;
        }
        double[] own = ownShares(table.holdings().stream().map(this::places).toArray(int[][]::new));
        for (int carrier = 0; carrier < own.length; carrier++) {
            shares[carriers.get(carrier)] += own[carrier];
        }
    }

    private double[] ownShares(int[][] places) {
        int[] weights = carriers.stream().mapToInt(nodes::weight).toArray();
        int[] held = new int[weights.length];
        int led = 0;
        for (int[] place : places) {
            led += place.length > 0 ? 1 : 0;
            for (int carrier : place) {
                held[carrier]++;
            }
        }
        return Shares.proportional(weights, held, led);
    }
}
