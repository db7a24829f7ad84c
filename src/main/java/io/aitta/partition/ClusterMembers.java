package io.aitta.partition;

import io.aitta.core.topology.BrokenLinks;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.cluster.ClusterEvent;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.Reachability;
import org.apache.pekko.cluster.UniqueAddress;
import org.apache.pekko.cluster.typed.Cluster;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The cluster's members, and which of them this node is cut off from, by the events that came: the cluster's own state may
 * be ahead of them or behind. Pekko's public events say only that somebody cannot reach a member. Who that is stands in an
 * event which is Pekko's own; its split brain resolver decides by the same. Not thread-safe.
 */
public final class ClusterMembers {
    private final UniqueAddress self;
    private final int mostWatchers;
    private final Map<UniqueAddress, Member> members = new HashMap<>();
    private BrokenLinks<UniqueAddress> links = BrokenLinks.none();

    public ClusterMembers(ActorSystem<?> system) {
        self = Cluster.get(system).selfMember().uniqueAddress();
        mostWatchers = system.settings().config().getInt("pekko.cluster.failure-detector.monitored-by-nr-of-members");
    }

    /** @return whether anything is different now; other events than members' and links' say nothing here */
    public boolean take(ClusterEvent.ClusterDomainEvent event) {
        if (event instanceof ClusterEvent.ReachabilityChanged found) {
            var now = linksOf(found);
            boolean changed = !now.equals(links);
            links = now;
            return changed;
        }
        if (event instanceof ClusterEvent.MemberRemoved removed) {
            members.remove(removed.member().uniqueAddress());
            return true;
        }
        if (event instanceof ClusterEvent.MemberEvent other) {
            members.put(other.member().uniqueAddress(), other.member());
            return true;
        }
        return false;
    }

    public Collection<Member> all() {
        return members.values();
    }

    /** Never from itself. */
    public boolean isCutOffFrom(Member member) {
        return links.areCut(self, member.uniqueAddress(), members.keySet(), mostWatchers);
    }

    public static BrokenLinks<UniqueAddress> linksOf(ClusterEvent.ReachabilityChanged event) {
        var links = new BrokenLinks.Builder<UniqueAddress>();
        for (var record : CollectionConverters.asJava(event.reachability().records())) {
            if (!record.status().equals(Reachability.Reachable$.MODULE$)) {
                links.add(record.observer(), record.subject());
            }
        }
        return links.build();
    }
}
