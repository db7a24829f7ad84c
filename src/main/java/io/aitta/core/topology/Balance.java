package io.aitta.core.topology;

import io.aitta.core.topology.Move.Cause;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where the voters of a table should be, by weights and zones, with the fewest moves from where they are; and the moves
 * that lead there. Replicas that must stay on nodes that should have none, because no other may take them, do not count.
 * Moves to nodes that are down for a while wait.
 */
final class Balance {
    private final TableShares shares;
    private final List<Holding> holdings;
    private final PlanNodes nodes;
    private final List<List<Integer>> targets = new ArrayList<>();

    Balance(TableShares shares, List<Holding> holdings, PlanNodes nodes) {
        this.shares = shares;
        this.holdings = holdings;
        this.nodes = nodes;
        if (shares.carriers().isEmpty()) {
            holdings.forEach(holding -> targets.add(List.of()));
        } else {
            findTargets();
        }
    }

    private void findTargets() {
        int count = holdings.size();
        boolean[][] placed = new boolean[count][shares.carriers().size()];
        boolean[][] free = new boolean[count][shares.carriers().size()];
        int[][] least = new int[count][];
        int[][] most = new int[count][];
        for (int partition = 0; partition < count; partition++) {
            for (int voter : holdings.get(partition).voters()) {
                int replacement = nodes.replacementOf(voter);
                if (shares.carrier(voter) >= 0) {
                    placed[partition][shares.carrier(voter)] = true;
                } else if (replacement >= 0 && shares.carrier(replacement) >= 0) {
                    free[partition][shares.carrier(replacement)] = true;
                }
            }
            least[partition] = shares.zoneLeast(partition);
            most[partition] = shares.zoneMost(partition);
        }
        var moves =
                new FewestMoves(shares.zoneOfCarrier(), placed, free, least, most, shares.replicas(), shares.shares());
        for (int[] target : moves.targets()) {
            var chosen = new ArrayList<Integer>(target.length);
            for (int carrier : target) {
                chosen.add(shares.carriers().get(carrier));
            }
            targets.add(chosen);
        }
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
        Cause cause = shares.hasZonesRight(partition) ? Cause.BALANCE : Cause.ZONE;
        return holding.learners().contains(to)
                ? PlannedMove.remove(holding.id(), nodes.id(to), cause)
                : PlannedMove.replace(holding.id(), nodes.id(from), nodes.id(to), cause);
    }
}
