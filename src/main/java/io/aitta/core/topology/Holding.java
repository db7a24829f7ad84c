package io.aitta.core.topology;

import io.aitta.core.PartitionId;
import java.util.ArrayList;
import java.util.List;

/** A partition as it will be when the move of it that is under way, if any, is done; nodes by their positions. */
final class Holding {
    private final PartitionInfo info;
    private final Move move;
    private final int wanted;
    private final List<Integer> voters = new ArrayList<>();
    private final List<Integer> learners = new ArrayList<>();

    /**
     * @param move of this partition, under way; null if there is none
     * @param wanted voters, at least 1
     */
    Holding(PartitionInfo info, Move move, int wanted, PlanNodes nodes) {
        this.info = info;
        this.move = move;
        this.wanted = wanted;
        for (ReplicaInfo replica : info.replicas()) {
            (replica.role() == ReplicaInfo.Role.VOTER ? voters : learners).add(nodes.position(replica.node()));
        }
        if (move != null) {
            finish(nodes);
        }
    }

    private void finish(PlanNodes nodes) {
        int to = move.to().map(nodes::position).orElse(-1);
        int from = move.from().map(nodes::position).orElse(-1);
        voters.remove((Integer) to);
        learners.remove((Integer) to);
        if (move.cancelling()) {
            return;
        }
        List<Integer> joined = move.role() == ReplicaInfo.Role.VOTER ? voters : learners;
        int place = joined.indexOf(from);
        voters.remove((Integer) from);
        learners.remove((Integer) from);
        if (to >= 0) {
            joined.add(place < 0 ? joined.size() : place, to);
        }
    }

    PartitionId id() {
        return info.id();
    }

    PartitionInfo info() {
        return info;
    }

    boolean isMoving() {
        return move != null;
    }

    /** Its replica is being taken away. */
    boolean isLeaving(int node, PlanNodes nodes) {
        return isMoving()
                && !move.cancelling()
                && move.from().filter(nodes.id(node)::equals).isPresent();
    }

    int wanted() {
        return wanted;
    }

    /** In order of preference. */
    List<Integer> voters() {
        return voters;
    }

    List<Integer> learners() {
        return learners;
    }

    boolean isHeldBy(int node) {
        return voters.contains(node) || learners.contains(node);
    }

    /** A majority of the voters is up: without it nothing about the group can be changed. */
    boolean hasMajority(PlanNodes nodes) {
        return 2 * upWithout(-1, nodes) > voters.size();
    }

    /** Without the voter, a majority of the others is up. */
    boolean canSpare(int voter, PlanNodes nodes) {
        return 2 * upWithout(voter, nodes) > voters.size() - 1;
    }

    private int upWithout(int without, PlanNodes nodes) {
        int up = 0;
        for (int voter : voters) {
            up += voter != without && nodes.isUp(voter) ? 1 : 0;
        }
        return up;
    }

    /** Nodes that can hold the partition for good, be they up or down now. */
    int staying(PlanNodes nodes) {
        int count = 0;
        for (int node = 0; node < nodes.count(); node++) {
            boolean stays = !nodes.isLost(node) && !nodes.isDraining(node);
            count += stays && (nodes.weight(node) > 0 || isHeldBy(node)) ? 1 : 0;
        }
        return count;
    }

    /** How many voters stand in the zone, not counting one. */
    int votersIn(int zone, int without, PlanNodes nodes) {
        int count = 0;
        for (int voter : voters) {
            if (voter != without && nodes.zoneOf(voter) == zone) {
                count++;
            }
        }
        return count;
    }
}
