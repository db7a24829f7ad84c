package io.aitta.core.topology;

import java.util.function.IntPredicate;

/** How many replicas of a table each node holds, as it will be, and which node is best for another. */
final class TableLoad {
    private final PlanNodes nodes;
    private final int[] replicas;

    TableLoad(PlanNodes nodes, Iterable<Holding> holdings) {
        this.nodes = nodes;
        replicas = new int[nodes.count()];
        for (Holding holding : holdings) {
            holding.voters().forEach(node -> replicas[node]++);
            holding.learners().forEach(node -> replicas[node]++);
        }
    }

    void apply(PlannedMove move) {
        move.to().ifPresent(id -> replicas[nodes.position(id)]++);
        move.from().ifPresent(id -> replicas[nodes.position(id)]--);
    }

    /**
     * The node in whose zone there are the fewest voters of the partition; of these the one with the least of the table
     * for its weight, then with the least of all tables.
     *
     * @param leaving a voter that does not count; -1: all count
     * @param allowed of nodes that may get replicas and do not hold the partition
     * @return -1: none
     */
    int bestFor(Holding holding, int leaving, IntPredicate allowed) {
        int best = -1;
        int bestInZone = 0;
        for (int node = 0; node < replicas.length; node++) {
            if (!nodes.mayGet(node) || holding.isHeldBy(node) || !allowed.test(node)) {
                continue;
            }
            int inZone = holding.votersIn(nodes.zoneOf(node), leaving, nodes);
            if (best < 0 || inZone < bestInZone || inZone == bestInZone && compareFilled(node, best, 1) < 0) {
                best = node;
                bestInZone = inZone;
            }
        }
        return best;
    }

    /** Below 0: {@code node} would hold less for its weight than {@code other} if both were given {@code more}. */
    int compareFilled(int node, int other, int more) {
        int ofTable = Long.compare(
                (long) (replicas[node] + more) * nodes.weight(other),
                (long) (replicas[other] + more) * nodes.weight(node));
        return ofTable != 0
                ? ofTable
                : Long.compare(
                        (long) (nodes.carried(node) + more) * nodes.weight(other),
                        (long) (nodes.carried(other) + more) * nodes.weight(node));
    }

    /** A replica moved from {@code from} to {@code to} would make the two more even for their weights. */
    boolean isEvenerAt(int to, int from) {
        return (2L * replicas[to] + 1) * nodes.weight(from) < (2L * replicas[from] - 1) * nodes.weight(to);
    }
}
