package io.aitta.partition;

import io.aitta.core.NodeId;
import java.util.Map;
import java.util.Set;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.cluster.sharding.ShardCoordinator;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.dispatch.Futures;
import scala.collection.immutable.IndexedSeq;
import scala.concurrent.Future;

/**
 * A node's shard goes to that node and to no other, and is never moved: a replica's data is where its node is. While the
 * node is away there is no answer, and sharding asks again.
 */
final class OwnNodeAllocation extends ShardCoordinator.AbstractShardAllocationStrategy {
    private final ActorSystem<?> system;
    private final NodeDirectory directory;

    OwnNodeAllocation(ActorSystem<?> system, NodeDirectory directory) {
        this.system = system;
        this.directory = directory;
    }

    @Override
    public Future<ActorRef> allocateShard(
            ActorRef requester, String shardId, Map<ActorRef, IndexedSeq<String>> allocations) {
        var self = Cluster.get(system).selfMember().address();
        var address = directory.addressOf(new NodeId(shardId));
        for (var region : allocations.keySet()) {
            // A region on this very node has a reference without an address.
            Address of =
                    region.path().address().hasGlobalScope() ? region.path().address() : self;
            if (address.isPresent() && address.get().equals(of)) {
                return Futures.successful(region);
            }
        }
        return noAnswer();
    }

    /** Not a failure: that would be logged with its trace each time that somebody asks for a node that is away. */
    @SuppressWarnings("unchecked")
    private static Future<ActorRef> noAnswer() {
        return (Future<ActorRef>) (Future<?>) Future.never$.MODULE$;
    }

    @Override
    public Future<Set<String>> rebalance(
            Map<ActorRef, IndexedSeq<String>> allocations, Set<String> rebalanceInProgress) {
        return Futures.successful(Set.of());
    }
}
