package io.aitta.sim;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.replication.Input;
import io.aitta.core.replication.Membership;
import io.aitta.core.topology.MoveSteps;
import io.aitta.core.topology.PartitionInfo;
import io.aitta.core.topology.PartitionReport;
import io.aitta.core.topology.Primary;
import io.aitta.core.topology.StepOrder;
import io.aitta.core.topology.Topology;
import io.aitta.core.topology.TopologyCommand;
import io.aitta.core.topology.TopologyCommand.PrimaryReport;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A node of a simulated cluster: it keeps the replicas that its topology says, which it hears of late, carries out orders
 * for them and reports of them.
 */
final class SimNode {
    enum Life {
        RUNNING,
        PAUSED,
        DOWN,
        /** For good, with its disk. */
        DEAD
    }

    final NodeId id;

    private final ClusterSimulation world;
    private final Map<PartitionId, SimMember> members = new HashMap<>();
    private final ArrayDeque<Runnable> frozen = new ArrayDeque<>();
    private final Set<NodeId> suspected = new HashSet<>();
    private Topology topology = Topology.EMPTY;
    private Life life = Life.RUNNING;
    private long changedAt;
    private int crashes;

    SimNode(ClusterSimulation world, NodeId id) {
        this.world = world;
        this.id = id;
    }

    Life life() {
        return life;
    }

    /** How often it has ended so far. */
    int crashes() {
        return crashes;
    }

    boolean isRunning() {
        return life == Life.RUNNING;
    }

    /** Running, or not any more for so short a time that nobody can know. */
    boolean seemsToRun(long graceNanos) {
        return isRunning() || world.now() - changedAt < graceNanos;
    }

    Map<PartitionId, SimMember> members() {
        return members;
    }

    Set<NodeId> suspected() {
        return suspected;
    }

    Topology topology() {
        return topology;
    }

    // ---- life ---------------------------------------------------------------------------------------------------

    void pause() {
        if (life == Life.RUNNING) {
            become(Life.PAUSED);
        }
    }

    void resume() {
        if (life == Life.PAUSED) {
            become(Life.RUNNING);
            while (isRunning() && !frozen.isEmpty()) {
                frozen.poll().run();
            }
        }
    }

    void crash() {
        if (life == Life.RUNNING || life == Life.PAUSED) {
            become(Life.DOWN);
            crashes++;
            frozen.clear();
            suspected.clear();
            members.values().forEach(SimMember::stop);
        }
    }

    void die() {
        crash();
        become(Life.DEAD);
    }

    void restart() {
        if (life == Life.DOWN) {
            become(Life.RUNNING);
            List.copyOf(members.values()).forEach(SimMember::start);
        }
    }

    private void become(Life next) {
        life = next;
        changedAt = world.now();
        world.trace("%s is %s", id, next);
    }

    /** At once, or when it is resumed; never if it ends before. */
    void whenAwake(Runnable action) {
        if (life == Life.RUNNING) {
            action.run();
        } else if (life == Life.PAUSED) {
            frozen.add(action);
        }
    }

    // ---- the failure detector -----------------------------------------------------------------------------------

    void observe(NodeId peer, boolean isReachable) {
        if (isReachable == suspected.contains(peer)) {
            if (isReachable) {
                suspected.remove(peer);
            } else {
                suspected.add(peer);
            }
            for (SimMember member : List.copyOf(members.values())) {
                member.tell(isReachable ? new Input.PeerReachable(peer) : new Input.PeerUnreachable(peer));
            }
        }
    }

    // ---- the topology -------------------------------------------------------------------------------------------

    void hear(Topology news) {
        if (!isRunning() || !news.epoch().isNewerThan(topology.epoch())) {
            return;
        }
        topology = news;
        var listed = new HashSet<PartitionId>();
        for (PartitionInfo partition : news.partitionsOn(id)) {
            listed.add(partition.id());
            if (!members.containsKey(partition.id())) {
                begin(partition);
            }
        }
        for (PartitionId held : List.copyOf(members.keySet())) {
            if (!listed.contains(held)) {
                world.checks.dropped(id, held);
                members.remove(held).stop();
            }
        }
    }

    private void begin(PartitionInfo partition) {
        var member = new SimMember(world, this, world.group(partition));
        members.put(partition.id(), member);
        member.start();
        List<NodeId> founders =
                world.bug == ClusterBug.FOUND_AGAIN && partition.founders().isEmpty()
                        ? List.of(id)
                        : partition.founders();
        if (founders.contains(id)) {
            member.tell(new Input.Found(new Membership(founders, List.of())));
        } else {
            member.tell(new Input.Join(partition.term()));
        }
    }

    void isPrimary(SimMember member) {
        world.later(() -> whenAwake(() -> tell(List.of(member))));
    }

    /** Tells of primaries that the topology does not know. */
    void reportPrimaries() {
        if (isRunning()) {
            tell(members.values().stream().filter(SimMember::isPrimary).toList());
        }
    }

    private void tell(List<SimMember> primaries) {
        var reports = new ArrayList<PrimaryReport>();
        for (SimMember member : primaries) {
            if (member.isPrimary()) {
                var now = new Primary(member.durable().term(), id);
                boolean isKnown = topology.partition(member.group.id)
                        .filter(known -> !now.term().isNewerThan(known.term()))
                        .isPresent();
                if (!isKnown) {
                    reports.add(new PrimaryReport(member.group.id, now));
                }
            }
        }
        if (!reports.isEmpty()) {
            world.submit(new TopologyCommand.ReportPrimaries(reports));
        }
    }

    // ---- the steward --------------------------------------------------------------------------------------------

    void perform(StepOrder order) {
        boolean isWanted = world.bug == ClusterBug.TAKE_ANY_ORDER || MoveSteps.allows(topology, order);
        SimMember member = members.get(order.partition());
        if (isWanted && member != null) {
            member.perform(order);
        }
    }

    void report(PartitionId partition, Consumer<PartitionReport> to) {
        SimMember member = members.get(partition);
        if (member != null) {
            var epoch = topology.epoch();
            member.report(report -> to.accept(report.withEpoch(epoch)));
        }
    }
}
