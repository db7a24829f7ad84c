package io.aitta.core.topology;

import io.aitta.core.NodeId;
import java.util.List;

/**
 * What a node remembers of the cluster it belongs to: enough to find {@code _meta} before any topology is known.
 *
 * @param meta who holds {@code _meta}, in order of preference; at least one
 */
public record KnownCluster(String clusterId, List<MetaMember> meta) {
    /**
     * A holder of {@code _meta}. The incarnation belongs to it because a node that lost its data directory must not vote
     * in its old name: it has forgotten what it voted for.
     */
    public record MetaMember(NodeId node, String incarnation) {}

    public KnownCluster {
        meta = List.copyOf(meta);
        if (clusterId.isEmpty() || meta.isEmpty()) {
            throw new IllegalArgumentException("cluster '" + clusterId + "' with the meta members " + meta);
        }
    }

    public List<NodeId> metaMembers() {
        return meta.stream().map(MetaMember::node).toList();
    }
}
