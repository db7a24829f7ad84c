package io.aitta.orchestrator;

import io.aitta.config.CborMessage;
import io.aitta.core.topology.Topology;
import java.util.Optional;
import java.util.Set;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.receptionist.Receptionist;
import org.apache.pekko.cluster.ddata.Key;
import org.apache.pekko.cluster.ddata.LWWRegister;
import org.apache.pekko.cluster.ddata.LWWRegisterKey;
import org.apache.pekko.cluster.ddata.SelfUniqueAddress;
import org.apache.pekko.cluster.ddata.typed.javadsl.DistributedData;
import org.apache.pekko.cluster.ddata.typed.javadsl.Replicator;
import org.apache.pekko.cluster.ddata.typed.javadsl.ReplicatorMessageAdapter;
import org.apache.pekko.util.ByteString;

/**
 * Brings the topology from the orchestrator to every node, in two ways: each change at once to the receivers that are
 * known, only what changed; and the whole of it by Distributed Data, which reaches every node in the end. A receiver that
 * missed a change asks for the whole.
 */
final class TopologySpreader extends AbstractBehavior<TopologySpreader.Message> {
    /** The whole topology, encoded; the register's clock is the epoch. */
    static final Key<LWWRegister<ByteString>> KEY = LWWRegisterKey.create("aitta-topology");

    sealed interface Message {}

    /** @param change what led to it from the epoch before, if that is all there was */
    record Changed(Topology now, Optional<byte[]> change) implements Message {}

    record AskWhole(ActorRef<TopologyReceiver.Message> replyTo) implements Message, CborMessage {}

    private record Receivers(Set<ActorRef<TopologyReceiver.Message>> all) implements Message {}

    private record Stored(Replicator.UpdateResponse<LWWRegister<ByteString>> response) implements Message {}

    private final ReplicatorMessageAdapter<Message, LWWRegister<ByteString>> replicator;
    private final SelfUniqueAddress self;
    private Set<ActorRef<TopologyReceiver.Message>> receivers = Set.of();
    private Topology topology = Topology.EMPTY;

    static Behavior<Message> create() {
        return Behaviors.setup(context -> DistributedData.withReplicatorMessageAdapter(
                (ReplicatorMessageAdapter<Message, LWWRegister<ByteString>> replicator) ->
                        new TopologySpreader(context, replicator)));
    }

    private TopologySpreader(
            ActorContext<Message> context, ReplicatorMessageAdapter<Message, LWWRegister<ByteString>> replicator) {
        super(context);
        context.setLoggerName(TopologySpreader.class);
        this.replicator = replicator;
        self = DistributedData.get(context.getSystem()).selfUniqueAddress();
        var listings = context.messageAdapter(
                Receptionist.Listing.class,
                listing -> new Receivers(listing.getServiceInstances(TopologyReceiver.SERVICE)));
        context.getSystem().receptionist().tell(Receptionist.subscribe(TopologyReceiver.SERVICE, listings));
    }

    @Override
    public Receive<Message> createReceive() {
        return newReceiveBuilder()
                .onMessage(Changed.class, this::onChanged)
                .onMessage(Receivers.class, this::onReceivers)
                .onMessage(AskWhole.class, ask -> {
                    ask.replyTo().tell(new TopologyReceiver.Whole(TopologyCodec.encode(topology)));
                    return this;
                })
                .onMessage(Stored.class, this::onStored)
                .build();
    }

    private Behavior<Message> onChanged(Changed changed) {
        topology = changed.now();
        receivers.forEach(receiver -> tell(receiver, changed.change()));
        store();
        return this;
    }

    private Behavior<Message> onReceivers(Receivers now) {
        Set<ActorRef<TopologyReceiver.Message>> before = receivers;
        receivers = now.all();
        for (var receiver : receivers) {
            if (!before.contains(receiver)) {
                tell(receiver, Optional.empty());
            }
        }
        return this;
    }

    private void tell(ActorRef<TopologyReceiver.Message> receiver, Optional<byte[]> change) {
        receiver.tell(new TopologyReceiver.NewEpoch(
                topology.clusterId(),
                topology.epoch().value(),
                change,
                getContext().getSelf()));
    }

    private void store() {
        var bytes = ByteString.fromArrayUnsafe(TopologyCodec.encode(topology));
        long epoch = topology.epoch().value();
        LWWRegister.Clock<ByteString> clock = (before, value) -> epoch;
        replicator.askUpdate(
                replyTo -> new Replicator.Update<>(
                        KEY,
                        LWWRegister.create(self, bytes, clock),
                        Replicator.writeLocal(),
                        replyTo,
                        now -> now.timestamp() >= epoch ? now : now.withValue(self, bytes, clock)),
                Stored::new);
    }

    private Behavior<Message> onStored(Stored stored) {
        if (!(stored.response() instanceof Replicator.UpdateSuccess)) {
            getContext().getLog().warn("The topology was not given to Distributed Data: {}", stored.response());
        }
        return this;
    }
}
