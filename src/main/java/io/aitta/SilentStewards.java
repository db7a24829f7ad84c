package io.aitta;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.topology.PartitionReport;
import io.aitta.core.topology.StepOrder;
import io.aitta.partition.Stewards;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** As if no node answered: until stewards are there. */
final class SilentStewards implements Stewards {
    @Override
    public CompletionStage<List<PartitionReport>> reports(
            NodeId node, Collection<PartitionId> partitions, Duration limit) {
        return CompletableFuture.completedFuture(List.of());
    }

    @Override
    public CompletionStage<List<Declined>> perform(NodeId node, List<StepOrder> orders, Duration limit) {
        return CompletableFuture.completedFuture(List.of());
    }

    @Override
    public CompletionStage<Optional<NodeReport>> describe(
            NodeId node, Collection<PartitionId> partitions, Duration limit) {
        return CompletableFuture.completedFuture(Optional.empty());
    }
}
