package io.aitta.core.topology;

import io.aitta.core.topology.Move.Cause;
import io.aitta.core.topology.ReplicaInfo.Role;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntPredicate;

/**
 * What is to be done about a partition's replicas for their number's and their nodes' sake, whether or not the table is
 * being balanced: lost ones are replaced, missing ones added, those on draining nodes moved, needless ones removed. One
 * move at a time, the most urgent; nothing for a partition whose majority is down, for nothing can be done about it.
 *
 * <p>A node that holds a learner of the partition cannot take a voter of it. If there is no other, the learner goes
 * first, and voters come before learners in everything: else the learner would be put back at once.
 *
 * <p>{@code _meta} should have an odd number of voters: another would have to be heard without helping when one is lost.
 * So two are only added together, as far as nodes are there for both, and of an even number one goes; but for the
 * second: alone, a single disk could lose the topology.
 */
final class Upkeep {
    private final TableInfo table;
    private final PlanNodes nodes;
    private final TableLoad load;

    Upkeep(TableInfo table, PlanNodes nodes, TableLoad load) {
        this.table = table;
        this.nodes = nodes;
        this.load = load;
    }

    /**
     * @param holding of which no move is under way
     * @param target nodes that shall have its voters for the balance's sake, as far as anything must be chosen; may be empty
     */
    Optional<PlannedMove> moveFor(Holding holding, List<Integer> target) {
        if (!holding.hasMajority(nodes)) {
            return Optional.empty();
        }
        Optional<PlannedMove> ofVoters = repair(holding, target)
                .or(() -> fill(holding, target))
                .or(() -> drain(holding, target))
                .or(() -> trim(holding, target));
        if (ofVoters.isPresent()
                || table.learners().isEmpty() && holding.learners().isEmpty()) {
            return ofVoters;
        }
        return repairLearners(holding, target)
                .or(() -> fillLearners(holding, target))
                .or(() -> drainLearners(holding, target))
                .or(() -> trimLearners(holding));
    }

    // ---- voters ---------------------------------------------------------------------------------------------------

    private Optional<PlannedMove> repair(Holding holding, List<Integer> target) {
        for (int voter : holding.voters()) {
            if (!nodes.isLost(voter)) {
                continue;
            }
            boolean needless = holding.voters().size() > holding.wanted();
            Optional<PlannedMove> replaced =
                    needless ? Optional.empty() : replaced(holding, target, voter, Cause.REPAIR);
            if (replaced.isPresent()) {
                return replaced;
            }
            // The seat of a node that may come back is kept.
            if ((needless || nodes.isGoneForGood(voter)) && holding.canSpare(voter, nodes)) {
                return Optional.of(remove(holding, voter, Cause.REPAIR));
            }
        }
        return Optional.empty();
    }

    private Optional<PlannedMove> fill(Holding holding, List<Integer> target) {
        if (holding.voters().size() >= votersToReach(holding)) {
            return Optional.empty();
        }
        int to = nodeForVoter(holding, target, -1);
        return to >= 0
                ? Optional.of(PlannedMove.add(holding.id(), nodes.id(to), Role.VOTER, Cause.FILL))
                : learnerMadeToGo(holding, Cause.FILL);
    }

    private int votersToReach(Holding holding) {
        if (!table.isMeta()) {
            return holding.wanted();
        }
        int have = holding.voters().size();
        for (int node = 0; node < nodes.count(); node++) {
            have += nodes.mayGet(node) && !holding.isHeldBy(node) ? 1 : 0;
        }
        return odd(Math.min(holding.wanted(), have));
    }

    private Optional<PlannedMove> drain(Holding holding, List<Integer> target) {
        if (holding.voters().size() > holding.wanted()) {
            return Optional.empty();
        }
        for (int voter : holding.voters()) {
            if (!nodes.isDraining(voter) || nodes.isLost(voter)) {
                continue;
            }
            Optional<PlannedMove> replaced = replaced(holding, target, voter, Cause.DRAIN);
            if (replaced.isPresent()) {
                return replaced;
            }
            int enough = table.isMeta() ? enoughOfMeta(holding, nodes) : Integer.MAX_VALUE;
            if (enough > 0 && holding.voters().size() > enough && holding.canSpare(voter, nodes)) {
                return Optional.of(remove(holding, voter, Cause.DRAIN));
            }
        }
        return Optional.empty();
    }

    private Optional<PlannedMove> replaced(Holding holding, List<Integer> target, int from, Cause cause) {
        int to = nodeForVoter(holding, target, from);
        return to >= 0
                ? Optional.of(PlannedMove.replace(holding.id(), nodes.id(from), nodes.id(to), cause))
                : learnerMadeToGo(holding, cause);
    }

    private int nodeForVoter(Holding holding, List<Integer> target, int leaving) {
        int ordered = leaving < 0 ? -1 : nodes.replacementOf(leaving);
        int best = load.bestFor(holding, leaving, target::contains);
        if (best >= 0) {
            boolean both = target.contains(ordered) && canGet(holding, ordered);
            return both ? ordered : best;
        }
        best = load.bestFor(holding, leaving, any -> true);
        boolean asGood = ordered >= 0
                && canGet(holding, ordered)
                && holding.votersIn(nodes.zoneOf(ordered), leaving, nodes)
                        <= holding.votersIn(nodes.zoneOf(best), leaving, nodes);
        return asGood ? ordered : best;
    }

    private boolean canGet(Holding holding, int node) {
        return nodes.mayGet(node) && !holding.isHeldBy(node);
    }

    private Optional<PlannedMove> learnerMadeToGo(Holding holding, Cause cause) {
        return holding.learners().stream()
                .filter(nodes::mayGet)
                .findFirst()
                .map(learner -> remove(holding, learner, cause));
    }

    private Optional<PlannedMove> trim(Holding holding, List<Integer> target) {
        int voters = holding.voters().size();
        boolean needlessOfMeta = table.isMeta() && voters % 2 == 0 && voters > 2;
        if (voters <= holding.wanted() && !needlessOfMeta) {
            return Optional.empty();
        }
        // The last in the order goes first, of those that are alike.
        Comparator<Integer> byUse = Comparator.<Integer, Boolean>comparing(node -> !nodes.isDraining(node))
                .thenComparing(node -> nodes.weight(node) > 0)
                .thenComparing(node -> target.isEmpty() || target.contains(node))
                .thenComparing(node -> -holding.votersIn(nodes.zoneOf(node), -1, nodes))
                .thenComparing((one, other) -> load.compareFilled(other, one, 0))
                .thenComparing(node -> -holding.voters().indexOf(node));
        return holding.voters().stream()
                .filter(voter -> holding.canSpare(voter, nodes))
                .min(byUse)
                .map(voter -> remove(holding, voter, Cause.EXCESS));
    }

    /** Voters of {@code _meta} where the nodes are fewer for good: it goes with fewer then. 0 or less: there are none. */
    static int enoughOfMeta(Holding holding, PlanNodes nodes) {
        return odd(Math.min(holding.wanted(), holding.staying(nodes)));
    }

    static int odd(int count) {
        return count % 2 == 0 ? count - 1 : count;
    }

    // ---- learners -------------------------------------------------------------------------------------------------

    private Optional<PlannedMove> repairLearners(Holding holding, List<Integer> target) {
        for (int learner : holding.learners()) {
            if (!nodes.isLost(learner)) {
                continue;
            }
            int to = isNeedless(holding, learner) ? -1 : nodeForLearner(holding, target, nodes.zoneOf(learner));
            if (to >= 0) {
                return Optional.of(replaceLearner(holding, learner, to, Cause.REPAIR));
            }
            if (isNeedless(holding, learner) || nodes.isGoneForGood(learner)) {
                return Optional.of(remove(holding, learner, Cause.REPAIR));
            }
        }
        return Optional.empty();
    }

    private Optional<PlannedMove> fillLearners(Holding holding, List<Integer> target) {
        for (Map.Entry<String, Integer> wanted : table.learners().entrySet()) {
            int zone = nodes.zone(wanted.getKey());
            if (zone >= 0 && learnersIn(holding, zone) < wanted.getValue()) {
                int to = nodeForLearner(holding, target, zone);
                if (to >= 0) {
                    return Optional.of(PlannedMove.add(holding.id(), nodes.id(to), Role.LEARNER, Cause.FILL));
                }
            }
        }
        return Optional.empty();
    }

    private Optional<PlannedMove> drainLearners(Holding holding, List<Integer> target) {
        for (int learner : holding.learners()) {
            if (nodes.isDraining(learner) && !isNeedless(holding, learner)) {
                int to = nodeForLearner(holding, target, nodes.zoneOf(learner));
                if (to >= 0) {
                    return Optional.of(replaceLearner(holding, learner, to, Cause.DRAIN));
                }
            }
        }
        return Optional.empty();
    }

    private Optional<PlannedMove> trimLearners(Holding holding) {
        return holding.learners().stream()
                .filter(learner -> isNeedless(holding, learner))
                .min(Comparator.<Integer, Boolean>comparing(node -> !nodes.isDraining(node))
                        .thenComparing(node -> nodes.weight(node) > 0)
                        .thenComparing((one, other) -> load.compareFilled(other, one, 0)))
                .map(learner -> remove(holding, learner, Cause.EXCESS));
    }

    /** Where the balance wants a voter, a learner would only be in the way. */
    int nodeForLearner(Holding holding, List<Integer> target, int zone) {
        IntPredicate inZone = node -> nodes.zoneOf(node) == zone;
        return load.bestFor(holding, -1, inZone.and(node -> !target.contains(node)));
    }

    PlannedMove replaceLearner(Holding holding, int from, int to, Cause cause) {
        return new PlannedMove(
                holding.id(), Optional.of(nodes.id(to)), Optional.of(nodes.id(from)), Role.LEARNER, cause);
    }

    private boolean isNeedless(Holding holding, int learner) {
        int zone = nodes.zoneOf(learner);
        int wanted = 0;
        for (Map.Entry<String, Integer> ofZone : table.learners().entrySet()) {
            wanted += nodes.zone(ofZone.getKey()) == zone ? ofZone.getValue() : 0;
        }
        return learnersIn(holding, zone) > wanted;
    }

    private int learnersIn(Holding holding, int zone) {
        int count = 0;
        for (int learner : holding.learners()) {
            count += nodes.zoneOf(learner) == zone ? 1 : 0;
        }
        return count;
    }

    private PlannedMove remove(Holding holding, int from, Cause cause) {
        return PlannedMove.remove(holding.id(), nodes.id(from), cause);
    }
}
