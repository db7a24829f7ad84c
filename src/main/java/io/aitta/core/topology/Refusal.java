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
        OTHER_CLUSTER
    }
}
