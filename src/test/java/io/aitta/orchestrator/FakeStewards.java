package io.aitta.orchestrator;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.replication.Membership;
import io.aitta.core.topology.Epoch;
import io.aitta.core.topology.PartitionReport;
import io.aitta.core.topology.StepOrder;
import io.aitta.partition.Stewards;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;

/** Stewards that report what a test says, and remember what they were told and asked. Thread-safe. */
final class FakeStewards implements Stewards {
    final List<StepOrder> performed = new CopyOnWriteArrayList<>();
    final List<NodeId> asked = new CopyOnWriteArrayList<>();
    private final Map<PartitionId, PartitionReport> reports = new HashMap<>();
    private volatile boolean following;
    private final Map<NodeId, CompletableFuture<List<PartitionReport>>> held = new HashMap<>();

    synchronized void reports(PartitionReport report) {
        reports.put(report.partition(), report);
    }

    /** A group that does at once what is ordered, and in which everybody has everything. */
    synchronized void follow(PartitionReport first) {
        reports(first);
        following = true;
    }

    private synchronized void follow(StepOrder order) {
        PartitionReport now = reports.get(order.partition());
        if (now == null || !now.primary().equals(order.primary())) {
            return;
        }
        Membership members = now.membership();
        if (order instanceof StepOrder.AddLearner add && !members.contains(add.learner())) {
            members = members.withLearner(add.learner());
        } else if (order instanceof StepOrder.Promote promote && members.isLearner(promote.learner())) {
            members = members.promoted(promote.learner());
        } else if (order instanceof StepOrder.Remove remove) {
            members = members.without(remove.member());
        }
        var peers = new HashMap<NodeId, PartitionReport.Peer>();
        members.all().stream()
                .filter(member -> !member.equals(now.primary()))
                .forEach(member -> peers.put(member, new PartitionReport.Peer(now.last(), true, false, true)));
        reports(new PartitionReport(
                now.partition(),
                now.primary(),
                now.term(),
                true,
                false,
                true,
                null,
                now.commit(),
                now.last(),
                members,
                peers));
    }

    /** The next question to the node is not answered before the stage is done. */
    synchronized CompletableFuture<List<PartitionReport>> hold(NodeId node) {
        var answer = new CompletableFuture<List<PartitionReport>>();
        held.put(node, answer);
        return answer;
    }

    @Override
    public synchronized CompletionStage<List<PartitionReport>> reports(
            NodeId node, Collection<PartitionId> partitions, Duration limit) {
        asked.add(node);
        var answer = held.remove(node);
        return answer != null
                ? answer
                : CompletableFuture.completedFuture(reports.values().stream()
                        .filter(report -> report.primary().equals(node) && partitions.contains(report.partition()))
                        .map(report -> following ? report.withEpoch(new Epoch(Long.MAX_VALUE)) : report)
                        .toList());
    }

    @Override
    public CompletionStage<List<Declined>> perform(NodeId node, List<StepOrder> orders, Duration limit) {
        performed.addAll(orders);
        if (following) {
            orders.forEach(this::follow);
        }
        return CompletableFuture.completedFuture(List.of());
    }

    @Override
    public CompletionStage<Optional<NodeReport>> describe(
            NodeId node, Collection<PartitionId> partitions, Duration limit) {
        return CompletableFuture.completedFuture(Optional.empty());
    }

    @Override
    public CompletionStage<Optional<Vitals>> vitals(NodeId node, Duration limit) {
        throw new UnsupportedOperationException("vitals");
    }

    @Override
    public CompletionStage<Optional<Digest>> beginDigest(
            NodeId node, PartitionId partition, String comparison, Duration limit) {
        throw new UnsupportedOperationException("beginDigest");
    }

    @Override
    public CompletionStage<Optional<Digest>> digest(
            NodeId node, PartitionId partition, String comparison, Duration limit) {
        throw new UnsupportedOperationException("digest");
    }
}
