package io.aitta.core.topology;

import io.aitta.core.PartitionId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What should be moved in one table. */
final class TablePlan {
    private final TableInfo table;
    private final PlanNodes nodes;
    private final boolean balancing;
    private final List<Holding> holdings = new ArrayList<>();
    private final List<PlannedMove> moves = new ArrayList<>();
    private TableShares shares;
    private boolean settled;

    /** Adds what the table's voters are to what the nodes carry. */
    TablePlan(Topology topology, TableInfo table, Map<PartitionId, Move> underWay, PlanNodes nodes) {
        this.table = table;
        this.nodes = nodes;
        balancing = table.balanceDue() && !topology.moves().balancingPaused();
        for (PartitionInfo partition : topology.partitionsOf(table.name())) {
            int wanted = table.replicasWantedOf(partition);
            var holding = new Holding(partition, underWay.get(partition.id()), wanted, nodes);
            holding.voters().forEach(node -> nodes.carryMore(node, 1));
            holdings.add(holding);
        }
    }

    TableInfo table() {
        return table;
    }

    List<Holding> holdings() {
        return holdings;
    }

    List<PlannedMove> moves() {
        return moves;
    }

    TableShares shares() {
        if (shares == null) {
            shares = new TableShares(table, holdings, nodes);
        }
        return shares;
    }

    /** Nothing is planned, nor waiting for a node. */
    boolean isQuiet() {
        return settled && moves.isEmpty();
    }

    /** Its balance is due, and its replicas, as they are and will be by moves begun already, need nothing more. */
    boolean isBalanced() {
        return balancing && isQuiet() && !isMeta();
    }

    /** To be called once. */
    void planMoves() {
        var load = new TableLoad(nodes, holdings);
        var upkeep = new Upkeep(table, nodes, load);
        Optional<Balance> balance = balancing ? Optional.of(new Balance(shares(), holdings, nodes)) : Optional.empty();
        settled = true;
        for (int number = 0; number < holdings.size(); number++) {
            int partition = number;
            Holding holding = holdings.get(partition);
            settled &= balance.map(all -> !all.isOpen(partition)).orElse(true);
            if (holding.isMoving()) {
                continue;
            }
            List<Integer> target = balance.map(all -> all.target(partition)).orElse(List.of());
            upkeep.moveFor(holding, target)
                    .or(() -> balance.flatMap(all -> all.moveFor(partition)))
                    .ifPresent(move -> {
                        moves.add(move);
                        load.apply(move);
                        carry(holding, move);
                    });
        }
        if (balancing && isQuiet()) {
            moves.addAll(new LearnerBalance(holdings, nodes, upkeep, load).moves());
        }
    }

    private void carry(Holding holding, PlannedMove move) {
        if (move.role() == ReplicaInfo.Role.VOTER) {
            move.to().map(nodes::position).ifPresent(node -> nodes.carryMore(node, 1));
            move.from()
                    .map(nodes::position)
                    .filter(holding.voters()::contains)
                    .ifPresent(node -> nodes.carryMore(node, -1));
        }
    }

    boolean isMeta() {
        return table.isMeta();
    }

    /** Its balance is due and has not come about: something is planned, under way, waiting for a node, or paused. */
    boolean isUnbalanced() {
        return table.balanceDue()
                && (!balancing || !isQuiet() || holdings.stream().anyMatch(Holding::isMoving));
    }
}
