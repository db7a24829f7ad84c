package io.aitta;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.replication.Status;
import io.aitta.journal.Journal;
import io.aitta.orchestrator.TopologyView;
import io.aitta.partition.LocalReplicas;
import io.aitta.store.DiskWatch;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;

/** What a running node knows of its own health, read where it stands. */
record NodeSigns(
        NodeId self,
        BooleanSupplier stopping,
        Cluster cluster,
        TopologyView view,
        TopologyPlacements placements,
        LocalReplicas replicas,
        Journal journal,
        DiskWatch disk)
        implements NodeHealth.Signs {
    @Override
    public boolean isStopping() {
        return stopping.getAsBoolean();
    }

    @Override
    public boolean hasJoined() {
        return cluster.selfMember().status() == MemberStatus.up();
    }

    @Override
    public boolean knowsTopology() {
        return view.current().epoch().value() > 0;
    }

    @Override
    public boolean isRegistered() {
        return placements.isRegistered(self);
    }

    @Override
    public Set<PartitionId> held() {
        return placements.heldBy(self);
    }

    @Override
    public boolean isLearner(PartitionId partition) {
        return placements.isLearner(self, partition);
    }

    @Override
    public Optional<Status> replica(PartitionId partition) {
        var replica = replicas.get(partition);
        return replica == null ? Optional.empty() : replica.status();
    }

    @Override
    public Optional<String> journalTrouble() {
        return journal.whyClosed();
    }

    @Override
    public long journalUnansweredNanos() {
        return journal.unansweredNanos();
    }

    @Override
    public Optional<String> diskTrouble() {
        return disk.trouble();
    }

    @Override
    public long diskUnansweredNanos() {
        return disk.unansweredNanos();
    }

    @Override
    public boolean storeNeedsReopening() {
        return disk.needsReopening();
    }
}
