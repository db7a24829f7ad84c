package io.aitta.core.topology;

import io.aitta.core.NodeId;

/** One copy of a partition, and what it counts for. */
public record ReplicaInfo(NodeId node, Role role) {
    /** Voters elect and commit; learners are fed and count for nothing. */
    public enum Role {
        VOTER,
        LEARNER
    }

    public static ReplicaInfo voter(NodeId node) {
        return new ReplicaInfo(node, Role.VOTER);
    }

    public static ReplicaInfo learner(NodeId node) {
        return new ReplicaInfo(node, Role.LEARNER);
    }
}
