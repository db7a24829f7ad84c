package io.aitta;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.topology.PartitionInfo;
import io.aitta.core.topology.PartitionReport;
import io.aitta.core.topology.ReplicaInfo;
import io.aitta.orchestrator.NodeStates;
import io.aitta.partition.Stewards;
import io.aitta.partition.Stewards.NodeReport;
import io.aitta.partition.Stewards.ReplicaReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How replicas stand now, by the word of their nodes, all of which are asked at the same time. Nodes that do not answer
 * in time are left out. Thread-safe.
 */
final class LiveState {
    /** Whoever does not answer for so long is left out, however much time there is. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final Stewards stewards;
    private final NodeStates states;

    LiveState(Stewards stewards, NodeStates states) {
        this.stewards = stewards;
        this.states = states;
    }

    /** What the nodes told. */
    static final class Told {
        private final Map<NodeId, NodeReport> nodes;
        private final Map<NodeId, Map<PartitionId, ReplicaReport>> replicas = new HashMap<>();
        private final Map<PartitionId, PartitionReport> primaries;
        private final Set<NodeId> up;

        private Told(Map<NodeId, NodeReport> nodes, Map<PartitionId, PartitionReport> primaries, Set<NodeId> up) {
            this.nodes = Map.copyOf(nodes);
            this.primaries = Map.copyOf(primaries);
            this.up = Set.copyOf(up);
            nodes.forEach((node, report) -> {
                var held = new HashMap<PartitionId, ReplicaReport>();
                report.replicas().forEach(replica -> held.put(replica.partition(), replica));
                replicas.put(node, held);
            });
        }

        /** Empty if it did not answer. */
        Optional<NodeReport> node(NodeId node) {
            return Optional.ofNullable(nodes.get(node));
        }

        /** Empty if the node did not answer, or has no such replica. */
        Optional<ReplicaReport> replica(PartitionId partition, NodeId node) {
            return Optional.ofNullable(replicas.getOrDefault(node, Map.of()).get(partition));
        }

        /** What the primary says of the group; empty if none has answered, or groups were not asked for. */
        Optional<PartitionReport> group(PartitionId partition) {
            return Optional.ofNullable(primaries.get(partition));
        }

        /** It is up by this node's view, and has said nothing. */
        boolean isSilent(NodeId node) {
            return up.contains(node) && !nodes.containsKey(node);
        }
    }

    /** Of all their replicas. */
    CompletionStage<Told> of(Collection<PartitionInfo> partitions, long deadlineNanos) {
        return ask(holders(partitions), false, deadlineNanos);
    }

    /** Of all their replicas, and what their primaries say of the groups. */
    CompletionStage<Told> ofGroups(Collection<PartitionInfo> partitions, long deadlineNanos) {
        return ask(holders(partitions), true, deadlineNanos);
    }

    /** Of all replicas of one node. */
    CompletionStage<Told> of(NodeId node, long deadlineNanos) {
        return ask(Map.of(node, List.of()), false, deadlineNanos);
    }

    /** Of all replicas of these nodes. */
    CompletionStage<Told> ofAll(Collection<NodeId> nodes, long deadlineNanos) {
        var wanted = new HashMap<NodeId, List<PartitionId>>();
        nodes.forEach(node -> wanted.put(node, List.of()));
        return ask(wanted, false, deadlineNanos);
    }

    private static Map<NodeId, List<PartitionId>> holders(Collection<PartitionInfo> partitions) {
        var holders = new HashMap<NodeId, List<PartitionId>>();
        for (PartitionInfo partition : partitions) {
            for (ReplicaInfo replica : partition.replicas()) {
                holders.computeIfAbsent(replica.node(), node -> new ArrayList<>())
                        .add(partition.id());
            }
        }
        return holders;
    }

    private CompletionStage<Told> ask(Map<NodeId, List<PartitionId>> wanted, boolean groups, long deadlineNanos) {
        long nanosLeft = Math.max(1, (deadlineNanos - System.nanoTime()) / 4 * 3);
        var limit = Duration.ofNanos(Math.min(nanosLeft, PATIENCE.toNanos()));
        var nodes = new ConcurrentHashMap<NodeId, NodeReport>();
        var primaries = new ConcurrentHashMap<PartitionId, PartitionReport>();
        var asked = new ArrayList<CompletableFuture<?>>();
        wanted.forEach((node, partitions) -> {
            if (states.of(node) == NodeStates.NodeState.DOWN) {
                return;
            }
            asked.add(stewards.describe(node, partitions, limit)
                    .thenAccept(told -> told.ifPresent(report -> nodes.put(node, report)))
                    .toCompletableFuture());
            if (groups) {
                asked.add(stewards.reports(node, partitions, limit)
                        .thenAccept(told -> told.forEach(report -> primaries.merge(
                                report.partition(),
                                report,
                                (one, other) -> one.term().isNewerThan(other.term()) ? one : other)))
                        .toCompletableFuture());
            }
        });
        return CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new))
                .thenApply(all -> new Told(nodes, primaries, states.up()));
    }
}
