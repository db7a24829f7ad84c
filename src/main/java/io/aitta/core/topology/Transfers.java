package io.aitta.core.topology;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Brings primaries to the replicas that are preferred: a few at a time, and only when the preferred one has been up for
 * long enough; at once where the primary's node is being drained. What does not help is tried again later and later.
 * Not thread-safe.
 */
final class Transfers {
    /** A try that shows no success for so long has failed. */
    static final long TRY_NANOS = 10_000_000_000L;

    private static final long FIRST_PAUSE_NANOS = 5_000_000_000L;
    private static final int MOST_DOUBLINGS = 6;

    /** @param isUrgent the present primary is to go */
    private record Wanted(PartitionInfo partition, NodeId target, boolean isUrgent) {}

    private record Try(NodeId target, long sinceNanos) {}

    private record Pause(NodeId target, int failures, long untilNanos) {}

    private final Conductor.Settings settings;
    private final Map<PartitionId, Try> underWay = new LinkedHashMap<>();
    private final Map<PartitionId, Pause> paused = new HashMap<>();
    private long nextAt;

    Transfers(Conductor.Settings settings) {
        this.settings = settings;
    }

    /** Partitions to be watched for their sake. */
    Set<PartitionId> watched() {
        return underWay.keySet();
    }

    /** When to look again though nothing happens. */
    long nextAt() {
        return nextAt;
    }

    void decide(Situation now) {
        nextAt = Long.MAX_VALUE;
        Map<PartitionId, Wanted> wanted = wanted(now);
        underWay.keySet().removeIf(partition -> !wanted.containsKey(partition) || isDone(wanted.get(partition), now));
        paused.keySet().removeIf(partition -> !wanted.containsKey(partition));
        giveUp(wanted, now.nowNanos());
        begin(wanted, now.nowNanos());
        underWay.forEach((partition, one) -> {
            PartitionReport report = now.report(partition);
            if (report != null && isReady(report, one.target, now.times())) {
                now.order(new StepOrder.Transfer(partition, report.primary(), report.term(), one.target));
            }
        });
    }

    private static boolean isDone(Wanted wanted, Situation now) {
        PartitionReport report = now.report(wanted.partition.id());
        return report != null && report.primary().equals(wanted.target);
    }

    private static boolean isReady(PartitionReport report, NodeId target, NodeTimes times) {
        return report.serving()
                && !report.transferring()
                && report.settled()
                && times.isUp(report.primary())
                && !report.primary().equals(target)
                && MoveSteps.canTakeOver(target, report);
    }

    private void giveUp(Map<PartitionId, Wanted> wanted, long now) {
        underWay.entrySet().removeIf(entry -> {
            Try one = entry.getValue();
            boolean isOther = !one.target.equals(wanted.get(entry.getKey()).target);
            boolean hasFailed = now - one.sinceNanos >= TRY_NANOS;
            if (hasFailed && !isOther) {
                Pause last = paused.get(entry.getKey());
                int failures = last != null && last.target.equals(one.target) ? last.failures + 1 : 1;
                long pause = FIRST_PAUSE_NANOS << Math.min(failures - 1, MOST_DOUBLINGS);
                paused.put(entry.getKey(), new Pause(one.target, failures, now + pause));
            }
            return isOther || hasFailed;
        });
    }

    private void begin(Map<PartitionId, Wanted> wanted, long now) {
        var ready = new ArrayList<Wanted>();
        for (Wanted one : wanted.values()) {
            Pause pause = paused.get(one.partition.id());
            boolean isPaused = pause != null && pause.target.equals(one.target) && now < pause.untilNanos;
            if (isPaused) {
                nextAt = Math.min(nextAt, pause.untilNanos);
            } else if (!underWay.containsKey(one.partition.id())) {
                ready.add(one);
            }
        }
        ready.sort((a, b) -> Boolean.compare(b.isUrgent, a.isUrgent));
        int room = Math.max(0, settings.transfersAtOnce() - underWay.size());
        for (Wanted one : ready.subList(0, Math.min(room, ready.size()))) {
            underWay.put(one.partition.id(), new Try(one.target, now));
        }
    }

    private Map<PartitionId, Wanted> wanted(Situation now) {
        Map<PartitionId, Move> moves = now.topology().moves().byPartition();
        var all = new LinkedHashMap<PartitionId, Wanted>();
        for (PartitionInfo partition : now.topology().partitions()) {
            Optional<NodeId> primary = partition.primary().map(Primary::node).filter(now.times()::isUp);
            if (primary.isPresent() && !partition.recovering()) {
                Move move = moves.get(partition.id());
                target(partition, primary.get(), move, now).ifPresent(one -> all.put(partition.id(), one));
            }
        }
        return all;
    }

    private Optional<Wanted> target(PartitionInfo partition, NodeId primary, Move move, Situation now) {
        boolean isUrgent = isLeaving(now.topology(), primary);
        if (move != null && !isUrgent || primary.equals(partition.preferredPrimary()) && !isUrgent) {
            return Optional.empty();
        }
        Optional<NodeId> best = best(partition, move, now);
        if (best.isEmpty() || best.get().equals(primary)) {
            return Optional.empty();
        }
        long left = settings.returnAfterNanos() - now.times().upFor(best.get());
        if (!isUrgent && left > 0) {
            nextAt = Math.min(nextAt, now.nowNanos() + left);
            return Optional.empty();
        }
        return best.map(target -> new Wanted(partition, target, isUrgent));
    }

    /** The first voter in the order of preference that is there, and is to stay. */
    private static Optional<NodeId> best(PartitionInfo partition, Move move, Situation now) {
        return partition.replicas().stream()
                .filter(replica -> replica.role() == ReplicaInfo.Role.VOTER)
                .map(ReplicaInfo::node)
                .filter(now.times()::isUp)
                .filter(node -> !isLeaving(now.topology(), node))
                .filter(node -> move == null || !move.from().equals(Optional.of(node)))
                .findFirst();
    }

    private static boolean isLeaving(Topology topology, NodeId node) {
        return topology.node(node).filter(info -> info.orders().draining()).isPresent();
    }
}
