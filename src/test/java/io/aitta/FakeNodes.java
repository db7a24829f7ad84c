package io.aitta;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.topology.PartitionReport;
import io.aitta.core.topology.StepOrder;
import io.aitta.orchestrator.NodeStates;
import io.aitta.partition.Stewards;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Nodes that are as a test says, and stewards on them that tell what it says. */
final class FakeNodes implements NodeStates, Stewards {
    final Map<NodeId, NodeState> states = new TreeMap<>();
    final List<ReplicaReport> replicas = new ArrayList<>();
    final Map<ReplicaReport, NodeId> places = new java.util.IdentityHashMap<>();
    final List<PartitionReport> groups = new ArrayList<>();
    /** They answer nothing, when the time is up. */
    final List<NodeId> silent = new ArrayList<>();

    final List<NodeId> asked = new ArrayList<>();
    final Map<NodeId, Vitals> vitals = new TreeMap<>();
    /** What they tell from the second time on. */
    final Map<NodeId, Vitals> later = new TreeMap<>();

    final Map<NodeId, Digest> digests = new TreeMap<>();
    /** They were told to take part in a comparison. */
    final List<NodeId> begun = new ArrayList<>();

    FakeNodes with(String node, NodeState state) {
        states.put(new NodeId(node), state);
        return this;
    }

    void replica(String node, ReplicaReport report) {
        replicas.add(report);
        places.put(report, new NodeId(node));
    }

    @Override
    public Collection<Seen> members() {
        var members = new ArrayList<Seen>();
        states.forEach((node, state) ->
                members.add(new Seen(node, "pekko://aitta@" + node + ":7401", state, members.size(), true)));
        return members;
    }

    @Override
    public AutoCloseable subscribe(Runnable listener) {
        return () -> {};
    }

    @Override
    public CompletionStage<List<PartitionReport>> reports(
            NodeId node, Collection<PartitionId> partitions, Duration limit) {
        return CompletableFuture.completedFuture(groups.stream()
                .filter(report -> report.primary().equals(node) && partitions.contains(report.partition()))
                .toList());
    }

    @Override
    public CompletionStage<List<Declined>> perform(NodeId node, List<StepOrder> orders, Duration limit) {
        throw new UnsupportedOperationException("nobody who only looks gives orders");
    }

    @Override
    public CompletionStage<Optional<NodeReport>> describe(
            NodeId node, Collection<PartitionId> partitions, Duration limit) {
        asked.add(node);
        if (silent.contains(node)) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        var held = replicas.stream()
                .filter(report -> places.get(report).equals(node)
                        && (partitions.isEmpty() || partitions.contains(report.partition())))
                .toList();
        return CompletableFuture.completedFuture(
                Optional.of(new NodeReport(node, held, 1_000, 2_000, 3.5, 4.5, 60_000, List.of())));
    }

    @Override
    public CompletionStage<Optional<Vitals>> vitals(NodeId node, Duration limit) {
        var now = vitals.get(node);
        if (later.containsKey(node)) {
            vitals.put(node, later.remove(node));
        }
        return CompletableFuture.completedFuture(silent.contains(node) ? Optional.empty() : Optional.ofNullable(now));
    }

    @Override
    public CompletionStage<Optional<Digest>> beginDigest(
            NodeId node, PartitionId partition, String comparison, Duration limit) {
        begun.add(node);
        return digest(node, partition, comparison, limit);
    }

    @Override
    public CompletionStage<Optional<Digest>> digest(
            NodeId node, PartitionId partition, String comparison, Duration limit) {
        return CompletableFuture.completedFuture(Optional.ofNullable(digests.get(node)));
    }
}
