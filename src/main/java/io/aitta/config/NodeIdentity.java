package io.aitta.config;

import io.aitta.core.NodeId;

/**
 * Who a data directory belongs to.
 *
 * @param nodeId the node's stable name
 * @param incarnation 16 hex digits made with the directory: the same name over another directory is another
 *     incarnation, which has forgotten what the first had promised
 */
public record NodeIdentity(NodeId nodeId, String incarnation) {
    @Override
    public String toString() {
        return nodeId + "#" + incarnation;
    }
}
