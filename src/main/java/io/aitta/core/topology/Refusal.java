package io.aitta.core.topology;

/**
 * Why a change was not made.
 *
 * @param message a sentence for people: what was wrong and what would be right
 */
public record Refusal(Reason reason, String message) {
    /** Stable: the names are part of the public API. */
    public enum Reason {
        TABLE_EXISTS,
        BAD_TABLE_NAME,
        BAD_PARTITIONS,
        BAD_REPLICAS,
        NOT_ENOUGH_NODES,
        TABLE_NOT_FOUND,
        TABLE_PROTECTED,
        /** The cluster knows a node of that id with another data directory, or it runs already. */
        NODE_ID_IN_USE,
        /** The node's data directory belongs to another cluster. */
        OTHER_CLUSTER,
        /** The node was removed from the cluster; its data directory is out of date. */
        NODE_REMOVED,
        NODE_NOT_FOUND,
        NODE_NOT_UP,
        /** Only a node that is gone can be given up. */
        NODE_IS_UP,
        /** It holds replicas: drain it first. */
        NODE_NOT_EMPTY,
        BAD_WEIGHT,
        BAD_ZONE,
        PARTITION_NOT_FOUND,
        /** The node holds no replica of the partition, or not in the role it takes. */
        NOT_A_REPLICA,
        ALREADY_A_REPLICA,
        /** A partition has one move at a time. */
        MOVE_UNDER_WAY,
        MOVE_NOT_FOUND,
        /** It is over, or too far to be taken back. */
        MOVE_NOT_CANCELLABLE,
        /** The topology is not that any more for which this was asked. */
        STALE_EPOCH,
        /** The partition would depend on nodes that are down, or would be left without replicas. */
        QUORUM_AT_RISK,
        /** The partition has a majority, or the survivors are none of its replicas. */
        RECOVERY_NOT_NEEDED
    }
}
