package io.aitta.partition;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.replication.Membership;
import io.aitta.store.ReplicaStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;

/** What of a node tells of changes, beside others of the same actor system, which know each other without a network. */
final class ChangeNode {
    /** Nodes that know each other. */
    static final class Cluster implements Placements {
        final Map<NodeId, ChangeNode> nodes = new LinkedHashMap<>();
        final List<NodeId> holders = new CopyOnWriteArrayList<>();
        final Set<NodeId> unreachable = ConcurrentHashMap.newKeySet();
        volatile boolean gone;

        @Override
        public Set<PartitionId> heldBy(NodeId node) {
            return Set.of();
        }

        @Override
        public boolean isHeldBy(NodeId node, PartitionId partition) {
            return holders.contains(node);
        }

        @Override
        public boolean isKnown(NodeId node) {
            return true;
        }

        @Override
        public boolean isElsewhere(NodeId node, PartitionId partition) {
            return !holders.contains(node);
        }

        @Override
        public List<NodeId> holdersOf(PartitionId partition) {
            return gone ? List.of() : List.copyOf(holders);
        }

        @Override
        public Optional<NodeId> primaryOf(PartitionId partition) {
            return holders.stream().findFirst();
        }

        @Override
        public Optional<Membership> foundersOf(PartitionId partition, NodeId node) {
            return Optional.empty();
        }

        @Override
        public boolean isGone(PartitionId partition) {
            return gone;
        }
    }

    private static final ChangeServer.Patience SHORT = new ChangeServer.Patience(
            Duration.ofMillis(20),
            Duration.ofMillis(100),
            Duration.ofMillis(100),
            Duration.ofSeconds(1),
            Duration.ofMillis(500));

    final NodeId id;
    final LocalReplicas replicas = new LocalReplicas();
    final ActorRef<ChangeServer.Command> server;
    final ChangeAccess access;
    private final List<LocalReplica> held = new ArrayList<>();

    ChangeNode(String name, Cluster cluster, ActorTestKit kit) {
        id = new NodeId(name);
        cluster.nodes.put(id, this);
        var neighbours = new ChangeServer.Neighbours() {
            @Override
            public boolean isReachable(NodeId node) {
                return cluster.nodes.containsKey(node) && !cluster.unreachable.contains(node);
            }

            @Override
            public Optional<ActorRef<ChangeServer.Command>> serverOn(NodeId node) {
                return isReachable(node) ? Optional.of(cluster.nodes.get(node).server) : Optional.empty();
            }
        };
        server = kit.spawn(ChangeServer.create(new ChangeServer.Wiring(id, replicas, cluster, neighbours, SHORT)));
        access = new ChangeDesk(server);
    }

    LocalReplica hold(PartitionId partition, ReplicaStore store) {
        var replica = new LocalReplica(id, partition, null, store);
        replicas.add(replica);
        held.add(replica);
        return replica;
    }

    /** As a replica says after it has applied something. */
    void moved() {
        held.forEach(LocalReplica::moved);
    }

    void drop() {
        held.forEach(replicas::remove);
        held.clear();
    }
}
