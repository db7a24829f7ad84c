package io.aitta.sim;

import static io.aitta.sim.SimulationFailure.unless;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.replication.Membership;
import io.aitta.core.topology.Move;
import io.aitta.core.topology.PartitionInfo;
import io.aitta.core.topology.ReplicaInfo;
import io.aitta.core.topology.StepOrder;
import io.aitta.core.topology.Topology;
import java.util.HashSet;
import java.util.List;

/** Sees every step of every move, and fails at once when a step takes what it must not. */
final class ClusterChecks {
    /** What has happened to a node since an order was given, nobody could know. */
    private static final long GRACE_NANOS = 5_000 * Plan.MS;

    private final ClusterSimulation world;

    ClusterChecks(ClusterSimulation world) {
        this.world = world;
    }

    /** A change of membership was put into the log. */
    void begun(StepOrder order, Membership before, SimMember primary) {
        if (order instanceof StepOrder.Remove remove && before.isVoter(remove.member())) {
            removed(remove, before, primary);
        } else if (order instanceof StepOrder.Promote promote) {
            var last = world.member(promote.learner(), promote.partition())
                    .map(member -> member.durable().log().lastIndex().value())
                    .orElse(0L);
            long needed = primary.durable().log().lastIndex().value() - world.config.maxUncommitted();
            unless(
                    last >= needed && last > 0,
                    "%s of %s is promoted with %s entries of %s",
                    promote.learner(),
                    promote.partition(),
                    last,
                    primary.durable().log().lastIndex());
        }
    }

    /** No voter goes but the one that a move or nothing at all in the topology keeps, and its successor is there. */
    private void removed(StepOrder.Remove remove, Membership before, SimMember primary) {
        Topology topology = world.topology();
        PartitionId id = remove.partition();
        PartitionInfo partition = topology.partition(id).orElseThrow();
        Move move = topology.moves().byPartition().get(id);
        NodeId leaving = remove.member();
        Membership after = before.without(leaving);
        boolean isFrom = move != null && move.from().filter(leaving::equals).isPresent();
        boolean isTo = move != null && move.to().filter(leaving::equals).isPresent();
        unless(
                isFrom || isTo && move.cancelling() || !partition.isHeldBy(leaving),
                "%s is removed from %s, but %s and there is %s",
                leaving,
                id,
                partition,
                move);
        boolean isThere =
                world.node(leaving).isRunning() && !primary.node.suspected().contains(leaving);
        if (isFrom && isThere && move.to().isPresent() && move.role() == ReplicaInfo.Role.VOTER) {
            NodeId successor = move.to().get();
            unless(
                    after.isVoter(successor) && seemsLive(successor, id),
                    "a copy is lost: %s goes from %s, but %s is not in its place; %s",
                    leaving,
                    before,
                    successor,
                    describe(partition));
        }
        long live =
                after.voters().stream().filter(voter -> seemsLive(voter, id)).count();
        unless(live >= after.majority(), "%s goes from %s, and of %s only %s live", leaving, id, after, live);
    }

    private boolean seemsLive(NodeId node, PartitionId id) {
        return world.node(node).seemsToRun(GRACE_NANOS)
                && world.member(node, id)
                        .filter(member -> member.store().applied().value() > 0)
                        .isPresent();
    }

    /** A node throws a replica away. */
    void dropped(NodeId node, PartitionId id) {
        Membership members = world.groupOf(id).membership();
        unless(!members.contains(node), "%s throws its replica of %s away, but belongs to %s", node, id, members);
        world.groupOf(id).safety.thrownAway(node);
    }

    /** What is not yet as the topology says it; empty: all is. */
    String unfinished() {
        Topology topology = world.topology();
        if (!topology.moves().underWay().isEmpty()) {
            Move move = topology.moves().underWay().get(0);
            return "under way: " + move
                    + describe(topology.partition(move.partition()).orElseThrow());
        }
        for (PartitionInfo partition : topology.partitions()) {
            String wrong = unfinished(partition);
            if (!wrong.isEmpty()) {
                return wrong;
            }
        }
        for (SimNode node : world.nodes()) {
            for (PartitionId held : node.members().keySet()) {
                boolean isListed = topology.partition(held)
                        .filter(one -> one.isHeldBy(node.id))
                        .isPresent();
                if (!isListed && node.life() != SimNode.Life.DEAD) {
                    return "an orphan: " + held + " on " + node.id;
                }
            }
        }
        return "";
    }

    private String describe(PartitionInfo partition) {
        var text = new StringBuilder("\n  " + partition);
        for (SimNode node : world.nodes()) {
            world.member(node.id, partition.id()).ifPresent(member -> text.append("\n  ")
                    .append(node.id)
                    .append(' ')
                    .append(node.life())
                    .append(" suspects ")
                    .append(node.suspected())
                    .append(' ')
                    .append(node.isRunning() ? member.status() : ""));
        }
        return text.toString();
    }

    private String unfinished(PartitionInfo partition) {
        Membership members = world.groupOf(partition.id()).membership();
        boolean isSame = new HashSet<>(members.voters()).equals(new HashSet<>(partition.voters()))
                && new HashSet<>(members.learners()).equals(new HashSet<>(partition.learners()));
        if (!isSame) {
            return partition + " has the members " + members;
        }
        List<SimMember> present = partition.replicas().stream()
                .filter(replica -> world.node(replica.node()).isRunning())
                .flatMap(replica -> world.member(replica.node(), partition.id()).stream())
                .toList();
        if (present.stream()
                .noneMatch(member -> member.isPrimary() && member.status().serving())) {
            return partition.id() + " has no primary";
        }
        long furthest = present.stream()
                .mapToLong(member -> member.store().applied().value())
                .max()
                .orElse(0);
        return present.stream().allMatch(member -> member.store().applied().value() == furthest)
                ? ""
                : partition.id() + " is not the same everywhere";
    }
}
