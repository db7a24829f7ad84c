package io.aitta.core.topology;

import io.aitta.core.NodeId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * For how long nodes have been up or away, as far as this orchestrator has seen: it counts from its own beginning, so a
 * new one is patient again. Not thread-safe.
 */
final class NodeTimes {
    private final Map<NodeId, Long> upSince = new HashMap<>();
    private final Map<NodeId, Long> awaySince = new HashMap<>();
    private Set<NodeId> up = Set.of();
    private Set<NodeId> lost = Set.of();
    private long nowNanos;

    /** @return those that count as lost no more because they are back */
    Set<NodeId> update(Topology topology, Conductor.Nodes nodes, long now, long lostAfterNanos) {
        nowNanos = now;
        var present = new HashSet<NodeId>();
        var gone = new HashSet<NodeId>();
        var known = new HashSet<NodeId>();
        for (NodeInfo node : topology.nodes()) {
            NodeId id = node.id();
            known.add(id);
            boolean isUp = nodes.up().contains(id) && !nodes.unreachable().contains(id);
            if (isUp) {
                awaySince.remove(id);
                upSince.putIfAbsent(id, now);
            } else {
                upSince.remove(id);
                awaySince.putIfAbsent(id, now);
            }
            if (node.orders().lost() || awayFor(id) >= lostAfterNanos) {
                gone.add(id);
            } else if (isUp) {
                present.add(id);
            }
        }
        upSince.keySet().retainAll(known);
        awaySince.keySet().retainAll(known);
        var back = new HashSet<>(lost);
        back.retainAll(present);
        up = Set.copyOf(present);
        lost = Set.copyOf(gone);
        return back;
    }

    /** Those that can be reached and were not given up. */
    Set<NodeId> up() {
        return up;
    }

    /** Those that were given up, or are away for too long. */
    Set<NodeId> lost() {
        return lost;
    }

    boolean isUp(NodeId node) {
        return up.contains(node);
    }

    /** 0 if it is away. */
    long upFor(NodeId node) {
        Long since = upSince.get(node);
        return since == null ? 0 : nowNanos - since;
    }

    /** 0 if it is up. */
    long awayFor(NodeId node) {
        Long since = awaySince.get(node);
        return since == null ? 0 : nowNanos - since;
    }

    /** When the next of those that are away will be lost; {@link Long#MAX_VALUE}: none. */
    long nextLossAt(long lostAfterNanos) {
        return awaySince.entrySet().stream()
                .filter(away -> !lost.contains(away.getKey()))
                .mapToLong(away -> away.getValue() + lostAfterNanos)
                .min()
                .orElse(Long.MAX_VALUE);
    }

    boolean isMajorityUp(PartitionInfo partition) {
        int voters = 0;
        int there = 0;
        for (ReplicaInfo replica : partition.replicas()) {
            if (replica.role() == ReplicaInfo.Role.VOTER) {
                voters++;
                there += isUp(replica.node()) ? 1 : 0;
            }
        }
        return there > voters / 2;
    }
}
