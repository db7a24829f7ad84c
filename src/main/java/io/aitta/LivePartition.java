package io.aitta;

import io.aitta.core.NodeId;
import io.aitta.core.topology.PartitionInfo;
import io.aitta.core.topology.ReplicaInfo;
import io.aitta.partition.Stewards.ReplicaReport;
import io.aitta.partition.Stewards.Role;
import io.aitta.proto.v1.Partition;
import io.aitta.proto.v1.PartitionState;
import io.aitta.proto.v1.Replica;
import io.aitta.proto.v1.ReplicaState;
import java.util.Comparator;
import java.util.Optional;

/**
 * A partition in the API's words, with how it stands now: who is primary, and how far each replica is, by what the nodes
 * told. They were not asked at one moment, so a lag may be a little too small or too large.
 */
final class LivePartition {
    private LivePartition() {}

    /** @param plain as in the topology */
    static Partition of(PartitionInfo info, Partition plain, LiveState.Told told) {
        var primary = primary(info, told);
        var message = plain.toBuilder().setState(state(info, primary, told));
        primary.ifPresent(there ->
                message.setTerm(Math.max(plain.getTerm(), there.report().term())));
        for (Replica.Builder replica : message.getReplicasBuilderList()) {
            var node = new NodeId(replica.getNode());
            replica.setState(state(told.replica(info.id(), node), primary));
            if (primary.isPresent() && replica.getRole() != io.aitta.proto.v1.Role.LEARNER) {
                boolean leads = primary.get().node().equals(node);
                replica.setRole(leads ? io.aitta.proto.v1.Role.PRIMARY : io.aitta.proto.v1.Role.SECONDARY);
            }
        }
        return message.build();
    }

    /** The same, but with the state of one replica alone: what is of the whole partition is not known. */
    static Partition ofOne(PartitionInfo info, Partition plain, NodeId only, LiveState.Told told) {
        var message = plain.toBuilder();
        for (Replica.Builder replica : message.getReplicasBuilderList()) {
            if (replica.getNode().equals(only.value())) {
                replica.setState(state(told.replica(info.id(), only), Optional.empty()));
            }
        }
        return message.build();
    }

    private record Leader(NodeId node, ReplicaReport report) {}

    private static Optional<Leader> primary(PartitionInfo info, LiveState.Told told) {
        return info.replicas().stream()
                .map(ReplicaInfo::node)
                .flatMap(node -> told
                        .replica(info.id(), node)
                        .filter(report -> !report.failed() && report.role() == Role.PRIMARY)
                        .map(report -> new Leader(node, report))
                        .stream())
                .max(Comparator.comparingLong(leader -> leader.report().term()));
    }

    private static PartitionState state(PartitionInfo info, Optional<Leader> primary, LiveState.Told told) {
        if (primary.isPresent()) {
            var report = primary.get().report();
            return report.transferring()
                    ? PartitionState.STUCK
                    : report.slowedDown() ? PartitionState.SLOWDOWN : PartitionState.ACTIVE;
        }
        // A node that is up and has said nothing may well hold the primary.
        boolean maybe = info.voters().stream().anyMatch(told::isSilent);
        return maybe ? PartitionState.PARTITION_STATE_UNSPECIFIED : PartitionState.NO_PRIMARY;
    }

    private static ReplicaState state(Optional<ReplicaReport> told, Optional<Leader> primary) {
        if (told.isEmpty()) {
            return ReplicaState.getDefaultInstance();
        }
        var report = told.get();
        return ReplicaState.newBuilder()
                .setKnown(true)
                .setFailed(report.failed())
                .setTerm(report.term())
                .setLogIndex(report.lastIndex())
                .setAppliedIndex(report.appliedIndex())
                .setLag(primary.map(there -> Math.max(0, there.report().lastIndex() - report.lastIndex()))
                        .orElse(0L))
                .setCopying(report.copyBytes() > 0)
                .build();
    }
}
