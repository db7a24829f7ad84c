package io.aitta.core.replication;

import io.aitta.core.NodeId;
import java.util.Map;

/**
 * A group as its primary sees it, between two steps.
 *
 * @param settled the last change of membership is committed, and so is an entry of the primary's own term: another may begin
 * @param peers all other members
 */
public record GroupStatus(boolean settled, Map<NodeId, Peer> peers) {
    /**
     * @param match its log agrees with the primary's up to here
     * @param reachable by the primary's failure detector
     * @param copying it needs a whole copy of the store
     * @param caughtUp it has answered, and lacks so little that it may be promoted
     */
    public record Peer(LogIndex match, boolean reachable, boolean copying, boolean caughtUp) {}

    public GroupStatus {
        peers = Map.copyOf(peers);
    }
}
