package io.aitta.core.topology;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.replication.Membership;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Sees to it that groups are what the topology says, where nothing is under way: an orchestrator that was lost, or one
 * that did not know that it was none any more, may have left something. All partitions are looked at when an orchestrator
 * begins, and each one again when a move of it has ended. Not thread-safe.
 */
final class Audit {
    /** How many partitions are looked at at a time. */
    static final int AT_ONCE = 200;
    /** One that is silent for so long is looked at again when the others were. */
    private static final long PATIENCE_NANOS = 5_000_000_000L;

    /** @param replicas as they were at {@code epoch}; a report is judged only if they still are so */
    private record Look(List<ReplicaInfo> replicas, Epoch epoch, long sinceNanos) {}

    /** What is found wrong. */
    interface Findings {
        void promoted(PartitionId partition, NodeId learner);

        void missing(PartitionId partition, NodeId replica);
    }

    private final ArrayDeque<PartitionId> waiting = new ArrayDeque<>();
    private final Set<PartitionId> isWaiting = new HashSet<>();
    private final Map<PartitionId, Look> underWay = new LinkedHashMap<>();
    private Set<PartitionId> moving = Set.of();
    private boolean hasBegun;

    Set<PartitionId> watched() {
        return underWay.keySet();
    }

    void decide(Situation now, Findings findings) {
        Topology topology = now.topology();
        Set<PartitionId> nowMoving = topology.moves().byPartition().keySet();
        if (!hasBegun) {
            hasBegun = true;
            topology.partitions().forEach(partition -> add(partition.id()));
        }
        moving.stream().filter(partition -> !nowMoving.contains(partition)).forEach(this::add);
        moving = Set.copyOf(nowMoving);
        rotate(now.nowNanos());
        while (underWay.size() < AT_ONCE && !waiting.isEmpty()) {
            PartitionId next = waiting.poll();
            isWaiting.remove(next);
            topology.partition(next)
                    .ifPresent(partition ->
                            underWay.put(next, new Look(partition.replicas(), topology.epoch(), now.nowNanos())));
        }
        for (PartitionId id : new ArrayList<>(underWay.keySet())) {
            look(id, now, findings);
        }
    }

    private void add(PartitionId partition) {
        if (isWaiting.add(partition)) {
            waiting.add(partition);
        }
    }

    private void rotate(long now) {
        var silent = new ArrayList<PartitionId>();
        underWay.forEach((partition, look) -> {
            if (now - look.sinceNanos >= PATIENCE_NANOS) {
                silent.add(partition);
            }
        });
        silent.forEach(underWay::remove);
        silent.forEach(this::add);
    }

    private void look(PartitionId id, Situation now, Findings findings) {
        PartitionInfo partition = now.topology().partition(id).orElse(null);
        PartitionReport report = now.report(id);
        if (partition == null || moving.contains(id)) {
            // It is looked at again when the move has ended.
            underWay.remove(id);
            return;
        }
        Look look = underWay.get(id);
        if (!sameMembers(look.replicas, partition.replicas()) || partition.recovering()) {
            underWay.put(id, new Look(partition.replicas(), now.topology().epoch(), look.sinceNanos));
        } else if (report != null
                && !look.epoch.isNewerThan(report.epoch())
                && report.serving()
                && !report.transferring()
                && report.settled()
                && isRight(partition, report, now, findings)) {
            underWay.remove(id);
        }
    }

    /** The order of preference does not matter. */
    private static boolean sameMembers(List<ReplicaInfo> a, List<ReplicaInfo> b) {
        return a.size() == b.size() && a.containsAll(b);
    }

    private static boolean isRight(PartitionInfo partition, PartitionReport report, Situation now, Findings findings) {
        Membership members = report.membership();
        Optional<NodeId> stranger =
                members.all().stream().filter(node -> !partition.isHeldBy(node)).findFirst();
        if (stranger.isPresent()) {
            expel(stranger.get(), partition, report, now);
            return false;
        }
        boolean isRight = true;
        for (ReplicaInfo replica : partition.replicas()) {
            if (!members.contains(replica.node())) {
                findings.missing(partition.id(), replica.node());
                isRight = false;
            } else if (members.isVoter(replica.node()) && replica.role() == ReplicaInfo.Role.LEARNER) {
                findings.promoted(partition.id(), replica.node());
                isRight = false;
            }
        }
        return isRight;
    }

    /** A member that holds nothing by the topology. */
    private static void expel(NodeId stranger, PartitionInfo partition, PartitionReport report, Situation now) {
        if (!stranger.equals(report.primary())) {
            if (MoveSteps.remove(stranger, report) instanceof MoveSteps.Next.Tell tell) {
                now.order(tell.order());
            }
            return;
        }
        partition.voters().stream()
                .filter(voter -> MoveSteps.canTakeOver(voter, report))
                .findFirst()
                .ifPresent(voter ->
                        now.order(new StepOrder.Transfer(partition.id(), report.primary(), report.term(), voter)));
    }
}
