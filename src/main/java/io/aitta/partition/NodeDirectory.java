package io.aitta.partition;

import io.aitta.core.NodeId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.cluster.Member;

/**
 * Which node lives at which address of the cluster, and whether the failure detector holds it for reachable. Written by
 * {@link PeerMail}, read by any thread.
 */
public final class NodeDirectory {
    private static final String ROLE_PREFIX = "node-";

    private record Place(Member member, boolean reachable) {}

    /** Whom a name stands for comes first: whoever can be reached, then the eldest. */
    private static final Comparator<Place> PREFERENCE = (a, b) -> a.reachable() != b.reachable()
            ? Boolean.compare(b.reachable(), a.reachable())
            : Member.ageOrdering().compare(a.member(), b.member());

    /**
     * More than one process goes by a name when a node has come back before the loss of its old process was noticed, and
     * when somebody has started a second one by mistake. Immutable lists, never empty.
     */
    private final Map<NodeId, List<Place>> places = new ConcurrentHashMap<>();

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
        return Optional.ofNullable(places.get(node))
                .map(all -> all.get(0).member().address());
    }

    /**
     * An actor that lives as long as its node, directly under the user guardian.
     *
     * @param name the same on all nodes
     * @return empty if the node is no member of the cluster
     */
    public <T> Optional<ActorRef<T>> residentOn(NodeId node, String name, ActorSystem<?> system) {
        return addressOf(node).map(address -> ActorRefResolver.get(system).resolveActorRef(address + "/user/" + name));
    }

    /** False as well for a node that is no member of the cluster. */
    public boolean isReachable(NodeId node) {
        var all = places.get(node);
        return all != null && all.get(0).reachable();
    }

    void put(NodeId node, Member member, boolean reachable) {
        places.compute(node, (id, all) -> {
            var now = without(member, all);
            now.add(new Place(member, reachable));
            now.sort(PREFERENCE);
            return List.copyOf(now);
        });
    }

    void remove(NodeId node, Member member) {
        places.computeIfPresent(node, (id, all) -> {
            var now = without(member, all);
            return now.isEmpty() ? null : List.copyOf(now);
        });
    }

    private static List<Place> without(Member member, List<Place> all) {
        var others = new ArrayList<Place>();
        if (all != null) {
            all.stream()
                    .filter(place -> !place.member().uniqueAddress().equals(member.uniqueAddress()))
                    .forEach(others::add);
        }
        return others;
    }
}
