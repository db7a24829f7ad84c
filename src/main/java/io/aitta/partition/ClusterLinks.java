package io.aitta.partition;

import io.aitta.core.topology.BrokenLinks;
import org.apache.pekko.cluster.ClusterEvent;
import org.apache.pekko.cluster.Reachability;
import org.apache.pekko.cluster.UniqueAddress;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Reads who cannot reach whom from what the cluster tells. Pekko's public events say only that somebody cannot reach a
 * node. Who that is stands in an event which is Pekko's own; its split brain resolver decides by the same.
 */
public final class ClusterLinks {
    private ClusterLinks() {}

    public static BrokenLinks<UniqueAddress> of(ClusterEvent.ReachabilityChanged event) {
        var links = new BrokenLinks.Builder<UniqueAddress>();
        for (var record : CollectionConverters.asJava(event.reachability().records())) {
            if (!record.status().equals(Reachability.Reachable$.MODULE$)) {
                links.add(record.observer(), record.subject());
            }
        }
        return links.build();
    }
}
