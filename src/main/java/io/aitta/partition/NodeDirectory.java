package io.aitta.partition;

import io.aitta.core.NodeId;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.pekko.actor.Address;
import org.apache.pekko.cluster.Member;

/**
 * Which node lives at which address of the cluster, and whether the failure detector holds it for reachable. Written by
 * {@link PeerMail}, read by any thread.
 */
public final class NodeDirectory {
    private static final String ROLE_PREFIX = "node-";

    private record Place(Address address, long incarnation, boolean reachable) {}

    private final Map<NodeId, Place> places = new ConcurrentHashMap<>();

    /** The cluster role by which a node tells its id. */
    public static String roleOf(NodeId node) {
        return ROLE_PREFIX + node;
    }

    /** @return empty for a member that is no node of Aitta */
    public static Optional<NodeId> nodeOf(Member member) {
        return member.getRoles().stream()
                .filter(role -> role.startsWith(ROLE_PREFIX))
                .findFirst()
                .map(role -> new NodeId(role.substring(ROLE_PREFIX.length())));
    }

    public Optional<Address> addressOf(NodeId node) {
        return Optional.ofNullable(places.get(node)).map(Place::address);
    }

    /** False as well for a node that is no member of the cluster. */
    public boolean isReachable(NodeId node) {
        var place = places.get(node);
        return place != null && place.reachable();
    }

    void put(NodeId node, Member member, boolean reachable) {
        places.put(node, new Place(member.address(), member.uniqueAddress().longUid(), reachable));
    }

    /** Removes the node unless another process of it has come in the place of {@code member} meanwhile. */
    boolean remove(NodeId node, Member member) {
        var place = places.get(node);
        return place != null && place.incarnation() == member.uniqueAddress().longUid() && places.remove(node, place);
    }
}
