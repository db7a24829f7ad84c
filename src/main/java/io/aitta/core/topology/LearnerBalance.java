package io.aitta.core.topology;

import io.aitta.core.topology.Move.Cause;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Moves learners within their zones, from the nodes that hold most of the table for their weight to those that hold least,
 * as long as that makes the zone more even. Each move lessens the sum of the squares of what nodes hold, divided by their
 * weights, so the moves come to an end; they are few, not provably the fewest.
 */
final class LearnerBalance {
    private final List<Holding> holdings;
    private final PlanNodes nodes;
    private final Upkeep upkeep;
    private final TableLoad load;
    private final Set<Holding> taken = new HashSet<>();

    LearnerBalance(List<Holding> holdings, PlanNodes nodes, Upkeep upkeep, TableLoad load) {
        this.holdings = holdings;
        this.nodes = nodes;
        this.upkeep = upkeep;
        this.load = load;
    }

    List<PlannedMove> moves() {
        var moves = new ArrayList<PlannedMove>();
        if (holdings.stream().allMatch(holding -> holding.learners().isEmpty())) {
            return moves;
        }
        for (Optional<PlannedMove> next = next(); next.isPresent(); next = next()) {
            moves.add(next.get());
            load.apply(next.get());
        }
        return moves;
    }

    private Optional<PlannedMove> next() {
        return IntStream.range(0, nodes.count())
                .boxed()
                .sorted(Comparator.<Integer, Boolean>comparing(node -> nodes.weight(node) > 0)
                        .thenComparing((one, other) -> load.compareFilled(other, one, 0)))
                .flatMap(from -> moveFrom(from).stream())
                .findFirst();
    }

    private Optional<PlannedMove> moveFrom(int from) {
        for (Holding holding : holdings) {
            boolean fits = holding.learners().contains(from)
                    && !holding.isMoving()
                    && nodes.isUp(from)
                    && holding.hasMajority(nodes)
                    && !taken.contains(holding);
            int to = fits ? upkeep.nodeForLearner(holding, List.of(), nodes.zoneOf(from)) : -1;
            if (to >= 0 && load.isEvenerAt(to, from)) {
                taken.add(holding);
                return Optional.of(upkeep.replaceLearner(holding, from, to, Cause.BALANCE));
            }
        }
        return Optional.empty();
    }
}
