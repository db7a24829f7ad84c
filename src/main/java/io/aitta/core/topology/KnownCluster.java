package io.aitta.core.topology;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import java.util.List;

/**
 * What a node remembers of the cluster it belongs to: enough to find {@code _meta} before any topology is known. A node
 * holds {@code _meta} if and only if what it remembers says so; so it begins to hold it, or lets go of it, only after that
 * is on its disk.
 *
 * @param asOf an epoch in which this was so; of two that differ, the newer is right. {@link Epoch#ZERO}: as founded
 * @param meta who holds {@code _meta}, learners too, in order of preference; at least one
 */
public record KnownCluster(String clusterId, Epoch asOf, List<MetaMember> meta) {
    /**
     * A holder of {@code _meta}. The incarnation belongs to it because a node that lost its data directory must not vote
     * in its old name: it has forgotten what it voted for.
     *
     * @param founder it is one of those with whom {@code _meta} began, and may begin it; the others are told by it
     */
    public record MetaMember(NodeId node, String incarnation, boolean founder) {
        /** One of the founders. */
        public MetaMember(NodeId node, String incarnation) {
            this(node, incarnation, true);
        }
    }

    public KnownCluster {
        meta = List.copyOf(meta);
        if (clusterId.isEmpty() || meta.isEmpty()) {
            throw new IllegalArgumentException("cluster '" + clusterId + "' with the meta members " + meta);
        }
    }

    /** As it is founded. */
    public KnownCluster(String clusterId, List<MetaMember> meta) {
        this(clusterId, Epoch.ZERO, meta);
    }

    /** @param topology of a founded cluster */
    public static KnownCluster of(Topology topology) {
        PartitionInfo meta = topology.partition(PartitionId.META).orElseThrow();
        var members = meta.replicas().stream()
                .map(ReplicaInfo::node)
                .map(node -> new MetaMember(
                        node,
                        topology.node(node).orElseThrow().incarnation(),
                        meta.founders().contains(node)))
                .toList();
        return new KnownCluster(topology.clusterId(), topology.epoch(), members);
    }

    /**
     * Whether this is a newer word of the same cluster. It is to be remembered even if it is the same again: in between it may
     * have been otherwise, and somebody may remember that.
     */
    public boolean isNewerThan(KnownCluster older) {
        return clusterId.equals(older.clusterId) && asOf.isNewerThan(older.asOf);
    }

    public List<NodeId> metaMembers() {
        return meta.stream().map(MetaMember::node).toList();
    }

    /** Those with whom {@code _meta} began; empty once one of them was taken away. */
    public List<NodeId> founders() {
        return meta.stream().filter(MetaMember::founder).map(MetaMember::node).toList();
    }
}
