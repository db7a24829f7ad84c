package io.aitta.sim;

import io.aitta.core.NodeId;
import io.aitta.core.replication.Membership;
import io.aitta.core.topology.Epoch;
import io.aitta.core.topology.Move;
import io.aitta.core.topology.PartitionInfo;
import io.aitta.core.topology.PlannedMove;
import io.aitta.core.topology.Planner;
import io.aitta.core.topology.ReplicaInfo;
import io.aitta.core.topology.TopologyCommand;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What befalls a simulated cluster, and what people order meanwhile. */
final class ClusterTrouble {
    private static final long TICK_NANOS = 200 * Plan.MS;
    private static final int MOST_NODES = 10;

    private final ClusterSimulation world;

    ClusterTrouble(ClusterSimulation world) {
        this.world = world;
    }

    void begin() {
        world.scheduler.after(TICK_NANOS, () -> {
            if (world.troubled()) {
                tick();
                begin();
            }
        });
    }

    private void tick() {
        switch (world.random.nextInt(30)) {
            case 0, 1 -> crash(any(world.nodes().stream().toList()));
            case 2 ->
                crash(
                        world.orchestrator() == null
                                ? any(List.copyOf(world.nodes()))
                                : world.orchestrator().host());
            case 3 -> pause(any(List.copyOf(world.nodes())));
            case 4 -> cutOff();
            case 5 -> kill(any(List.copyOf(world.nodes())));
            case 6 -> join();
            case 7, 8 -> world.nextOrchestrator(world.random.nextBoolean());
            case 9, 10, 11, 12, 13, 14, 15 -> order();
            default -> {}
        }
    }

    // ---- faults -------------------------------------------------------------------------------------------------

    private void crash(SimNode victim) {
        victim.crash();
        world.scheduler.after(world.random.nextLong(5_000 * Plan.MS), victim::restart);
    }

    private void pause(SimNode victim) {
        victim.pause();
        world.scheduler.after(world.random.nextLong(3_000 * Plan.MS), victim::resume);
    }

    private void cutOff() {
        int few = world.random.nextInt(1, Math.max(2, world.nodes().size() / 2));
        Set<NodeId> some = world.nodes().stream()
                .map(node -> node.id)
                .filter(any -> world.random.nextInt(3) == 0)
                .limit(few)
                .collect(Collectors.toSet());
        world.cutOff(some);
        world.scheduler.after(world.random.nextLong(4_000 * Plan.MS), () -> world.cutOff(Set.of()));
    }

    /** For good; only if every group keeps a majority without it and without those that died before. */
    private void kill(SimNode victim) {
        var gone = new HashSet<NodeId>();
        gone.add(victim.id);
        world.nodes().stream().filter(node -> node.life() == SimNode.Life.DEAD).forEach(node -> gone.add(node.id));
        boolean survives = world.nodes().stream().filter(SimNode::isRunning).count() > 4
                && world.groups().stream().allMatch(group -> survives(group, gone));
        if (survives) {
            victim.die();
        }
    }

    private boolean survives(SimGroup group, Set<NodeId> gone) {
        boolean all = keepsMajority(group.membership(), gone);
        for (SimNode node : world.nodes()) {
            SimMember member = node.members().get(group.id);
            all &= member == null || keepsMajority(member.membership(), gone);
        }
        return all;
    }

    private static boolean keepsMajority(Membership members, Set<NodeId> gone) {
        return members.voters().stream().filter(voter -> !gone.contains(voter)).count() >= members.majority()
                || members.voters().isEmpty();
    }

    private void join() {
        if (world.nodes().stream()
                        .filter(node -> node.life() != SimNode.Life.DEAD)
                        .count()
                < MOST_NODES) {
            world.join();
        }
    }

    // ---- orders -------------------------------------------------------------------------------------------------

    private void order() {
        SimNode node = any(List.copyOf(world.nodes()));
        Set<NodeId> up = world.nodes().stream()
                .filter(SimNode::isRunning)
                .map(one -> one.id)
                .collect(Collectors.toSet());
        switch (world.random.nextInt(12)) {
            case 0 -> world.submit(new TopologyCommand.DrainNode(node.id, Optional.empty(), up));
            case 1 -> world.nodes().forEach(any -> world.submit(new TopologyCommand.UndrainNode(any.id)));
            case 2 -> world.submit(new TopologyCommand.SetNodeWeight(node.id, world.random.nextInt(4)));
            case 3 -> world.submit(new TopologyCommand.SetReplicas("t", world.random.nextInt(3) == 0 ? 5 : 3, up));
            case 4 ->
                world.submit(
                        new TopologyCommand.SetLearners("t", "z" + world.random.nextInt(2), world.random.nextInt(2)));
            case 5, 6, 7 -> migrate(up);
            case 8 -> cancel();
            case 9 -> world.submit(new TopologyCommand.Rebalance(Optional.empty()));
            case 10 -> world.submit(new TopologyCommand.PauseBalancing(world.random.nextInt(4) == 0));
            default -> remove(node, up);
        }
    }

    private void migrate(Set<NodeId> up) {
        PartitionInfo partition = any(world.topology().partitionsOf("t"));
        SimNode to = any(List.copyOf(world.nodes()));
        NodeId from = any(partition.replicas()).node();
        world.submit(new TopologyCommand.PreferPrimaries(
                List.of(new Planner.Preference(partition.id(), any(partition.voters())))));
        world.submit(new TopologyCommand.OrderMove(
                Epoch.ZERO,
                new PlannedMove(
                        partition.id(),
                        Optional.of(to.id),
                        Optional.of(from),
                        ReplicaInfo.Role.VOTER,
                        Move.Cause.ORDERED),
                up,
                0));
    }

    private void cancel() {
        List<Move> moves = world.topology().moves().underWay();
        if (!moves.isEmpty()) {
            world.submit(new TopologyCommand.CancelMove(any(moves).id()));
        }
    }

    private void remove(SimNode node, Set<NodeId> up) {
        boolean isDead = node.life() == SimNode.Life.DEAD;
        if (isDead) {
            world.submit(new TopologyCommand.RemoveNode(node.id, true, up));
        }
    }

    private <T> T any(List<T> some) {
        return some.get(world.random.nextInt(some.size()));
    }
}
