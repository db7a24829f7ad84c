package io.aitta.partition;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.cluster.sharding.typed.ClusterShardingSettings;
import org.apache.pekko.cluster.sharding.typed.ShardingEnvelope;
import org.apache.pekko.cluster.sharding.typed.ShardingMessageExtractor;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.cluster.sharding.typed.javadsl.Entity;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityTypeKey;

/**
 * Replicas as entities of Cluster Sharding. There is one shard for each node, named by the node's id and allocated to that
 * node alone ({@link OwnNodeAllocation}); an entity is named {@code NODE|PARTITION}. Thread-safe.
 */
public final class ReplicaEntities implements ReplicaRefs {
    private static final EntityTypeKey<Replica.Command> TYPE = EntityTypeKey.create(Replica.Command.class, "replica");
    private static final char SEPARATOR = '|';

    private final ClusterSharding sharding;
    private final CompletableFuture<ActorRef<ShardingEnvelope<Replica.Command>>> region = new CompletableFuture<>();

    public ReplicaEntities(ActorSystem<?> system) {
        this.sharding = ClusterSharding.get(system);
    }

    @Override
    public Ref of(PartitionId partition, NodeId node) {
        return message ->
                region.thenAccept(there -> there.tell(new ShardingEnvelope<>(entityId(partition, node), message)));
    }

    /** Begins to host this node's replicas. To be called once. */
    void start(ActorSystem<?> system, ReplicaWiring wiring) {
        region.complete(sharding.init(Entity.of(TYPE, entity -> {
                    int separator = entity.getEntityId().indexOf(SEPARATOR);
                    var node = new NodeId(entity.getEntityId().substring(0, separator));
                    if (!node.equals(wiring.self())) {
                        throw new IllegalStateException(
                                "replica " + entity.getEntityId() + " was sent to node " + wiring.self());
                    }
                    var partition = PartitionId.parse(entity.getEntityId().substring(separator + 1));
                    Consumer<ActorRef<Replica.Command>> passivate =
                            self -> entity.getShard().tell(new ClusterSharding.Passivate<>(self));
                    // A request may come here before the topology does, after the replica has gone, or to a node that
                    // only bears the right name.
                    return AbsentReplica.mayBegin(partition, wiring)
                            ? Replica.create(partition, wiring, passivate)
                            : AbsentReplica.create(partition, wiring, passivate);
                })
                .withMessageExtractor(new Extractor())
                .withAllocationStrategy(new OwnNodeAllocation(system, wiring.directory()))
                .withSettings(ClusterShardingSettings.create(system))
                .withStopMessage(Replica.Stop.INSTANCE)
                .withEntityProps(Props.empty().withDispatcherFromConfig(ReplicaWiring.DISPATCHER))));
    }

    private static String entityId(PartitionId partition, NodeId node) {
        return node.value() + SEPARATOR + partition;
    }

    private static final class Extractor
            extends ShardingMessageExtractor<ShardingEnvelope<Replica.Command>, Replica.Command> {
        @Override
        public String entityId(ShardingEnvelope<Replica.Command> envelope) {
            return envelope.entityId();
        }

        @Override
        public String shardId(String entityId) {
            return entityId.substring(0, entityId.indexOf(SEPARATOR));
        }

        @Override
        public Replica.Command unwrapMessage(ShardingEnvelope<Replica.Command> envelope) {
            return envelope.message();
        }
    }
}
