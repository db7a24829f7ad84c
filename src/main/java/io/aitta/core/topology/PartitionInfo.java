package io.aitta.core.topology;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * Who holds a partition.
 *
 * @param replicas in order of election preference: the first is the preferred primary; at least one, no node twice
 * @param founders the voters it was founded with, in their order; never changes
 * @param primary as last reported; it may have changed since
 */
public record PartitionInfo(
        PartitionId id, List<ReplicaInfo> replicas, List<NodeId> founders, Optional<Primary> primary) {
    public PartitionInfo {
        replicas = List.copyOf(replicas);
        founders = List.copyOf(founders);
        var nodes = new HashSet<NodeId>();
        for (ReplicaInfo replica : replicas) {
            if (!nodes.add(replica.node())) {
                throw new IllegalArgumentException("partition " + id + " has two replicas on node " + replica.node());
            }
        }
        if (nodes.isEmpty() || founders.isEmpty()) {
            throw new IllegalArgumentException("partition " + id + " has no replicas or no founders");
        }
    }

    /** A partition that nobody has led yet. */
    public static PartitionInfo founded(PartitionId id, List<NodeId> voters) {
        return new PartitionInfo(id, voters.stream().map(ReplicaInfo::voter).toList(), voters, Optional.empty());
    }

    public NodeId preferredPrimary() {
        return replicas.get(0).node();
    }

    public List<NodeId> voters() {
        return withRole(ReplicaInfo.Role.VOTER);
    }

    public List<NodeId> learners() {
        return withRole(ReplicaInfo.Role.LEARNER);
    }

    public boolean isHeldBy(NodeId node) {
        for (ReplicaInfo replica : replicas) {
            if (replica.node().equals(node)) {
                return true;
            }
        }
        return false;
    }

    public PartitionInfo withPrimary(Primary reported) {
        return new PartitionInfo(id, replicas, founders, Optional.of(reported));
    }

    private List<NodeId> withRole(ReplicaInfo.Role role) {
        return replicas.stream()
                .filter(replica -> replica.role() == role)
                .map(ReplicaInfo::node)
                .toList();
    }
}
