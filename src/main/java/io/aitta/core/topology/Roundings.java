package io.aitta.core.topology;

import io.aitta.core.topology.Move.Cause;
import java.util.List;
import java.util.Optional;

/**
 * Evens out what is left of unevenness when every table is balanced by itself. In each, a node has its share rounded up or
 * down; over many small tables that may add up, so that a new node gets nothing of a hundred tables with one partition.
 * So between two nodes of which one carries more than its share of all tables by one or more, and the other less, replicas
 * are moved that leave their table balanced.
 *
 * <p>Each move lessens the sum of the squares of what nodes carry beyond or below their shares, so the moves come to an
 * end. Within a single table there is never such a move.
 */
final class Roundings {
    // Differences that are no more than errors of floating point do not count.
    private static final double ONE = 1 - 1e-6;

    private final List<TablePlan> tables;
    private final PlanNodes nodes;
    // Of all tables: how many voters each node has beyond what it should have.
    private final double[] beyond;

    /** @param tables for which nothing is planned yet */
    Roundings(List<TablePlan> tables, PlanNodes nodes) {
        this.tables = tables;
        this.nodes = nodes;
        beyond = new double[nodes.count()];
        for (TablePlan table : tables) {
            if (!table.isMeta()) {
                table.holdings().forEach(holding -> holding.voters().forEach(node -> beyond[node]++));
                TableShares shares = table.shares();
                for (int carrier = 0; carrier < shares.carriers().size(); carrier++) {
                    beyond[shares.carriers().get(carrier)] -= shares.shares()[carrier];
                }
            }
        }
    }

    /** Adds moves to tables whose balance is due. */
    void plan() {
        for (TablePlan table : tables) {
            if (table.isBalanced()) {
                plan(table);
            }
        }
    }

    private void plan(TablePlan table) {
        int[] held = new int[nodes.count()];
        table.holdings().forEach(holding -> holding.voters().forEach(node -> held[node]++));
        for (int partition = 0; partition < table.holdings().size() && isUneven(); partition++) {
            Holding holding = table.holdings().get(partition);
            if (!holding.isMoving() && holding.voters().stream().allMatch(nodes::isUp)) {
                moveOf(table, partition, held).ifPresent(table.moves()::add);
            }
        }
    }

    private boolean isUneven() {
        boolean above = false;
        boolean below = false;
        for (int node = 0; node < beyond.length; node++) {
            above |= isAbove(node);
            below |= isBelow(node);
        }
        return above && below;
    }

    private boolean isAbove(int node) {
        return nodes.isCarrier(node) && beyond[node] >= ONE;
    }

    private boolean isBelow(int node) {
        return nodes.mayGet(node) && beyond[node] <= -ONE;
    }

    private Optional<PlannedMove> moveOf(TablePlan table, int partition, int[] held) {
        Holding holding = table.holdings().get(partition);
        int bestFrom = -1;
        int bestTo = -1;
        double gain = 0;
        for (int from : holding.voters()) {
            for (int to = 0; to < beyond.length && isAbove(from); to++) {
                if (isBelow(to)
                        && beyond[from] - beyond[to] > gain
                        && !holding.isHeldBy(to)
                        && staysBalanced(table.shares(), partition, held, from, to)) {
                    bestFrom = from;
                    bestTo = to;
                    gain = beyond[from] - beyond[to];
                }
            }
        }
        if (bestTo < 0) {
            return Optional.empty();
        }
        held[bestFrom]--;
        held[bestTo]++;
        beyond[bestFrom]--;
        beyond[bestTo]++;
        return Optional.of(PlannedMove.replace(holding.id(), nodes.id(bestFrom), nodes.id(bestTo), Cause.BALANCE));
    }

    private static boolean staysBalanced(TableShares shares, int partition, int[] held, int from, int to) {
        int giver = shares.carrier(from);
        int taker = shares.carrier(to);
        if (held[from] <= Shares.floor(shares.shares()[giver]) || held[to] >= Shares.ceiling(shares.shares()[taker])) {
            return false;
        }
        int fromZone = shares.zoneOfCarrier()[giver];
        int toZone = shares.zoneOfCarrier()[taker];
        int[] inZones = shares.inZones(partition);
        return fromZone == toZone
                || inZones[fromZone] > shares.zoneLeast(partition)[fromZone]
                        && inZones[toZone] < shares.zoneMost(partition)[toZone];
    }
}
