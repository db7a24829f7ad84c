package io.aitta.orchestrator;

import io.aitta.config.CborMessage;
import io.aitta.core.topology.EpochChange;
import io.aitta.core.topology.Topology;
import io.aitta.core.topology.TopologyState;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.actor.typed.receptionist.Receptionist;
import org.apache.pekko.actor.typed.receptionist.ServiceKey;
import org.apache.pekko.cluster.ddata.LWWRegister;
import org.apache.pekko.cluster.ddata.typed.javadsl.DistributedData;
import org.apache.pekko.cluster.ddata.typed.javadsl.Replicator;
import org.apache.pekko.cluster.ddata.typed.javadsl.ReplicatorMessageAdapter;
import org.apache.pekko.util.ByteString;

/** A node's end of what {@link TopologySpreader} begins: feeds its {@link TopologyView} and the cached copy on disk. */
final class TopologyReceiver extends AbstractBehavior<TopologyReceiver.Message> {
    static final ServiceKey<Message> SERVICE = ServiceKey.create(Message.class, "aitta-topology");

    // Between two copies on disk: replicas come and go only when it is there, so the first is made at once.
    private static final Duration CACHE_PAUSE = Duration.ofMillis(100);
    private static final Duration CACHE_RETRY = Duration.ofSeconds(1);

    sealed interface Message {}

    /** @param change what led to it from the epoch before, if that is all there was */
    record NewEpoch(String clusterId, long epoch, Optional<byte[]> change, ActorRef<TopologySpreader.Message> spreader)
            implements Message, CborMessage {}

    /** @param topology the whole, encoded */
    record Whole(byte[] topology) implements Message, CborMessage {}

    private record Gossiped(Replicator.SubscribeResponse<LWWRegister<ByteString>> response) implements Message {}

    private record CacheNow() implements Message {}

    private record CacheFailed(Throwable failure) implements Message {}

    private record Cached(Topology topology) implements Message {}

    private final TopologyView view;
    private final ClusterMemory memory;
    private final TimerScheduler<Message> timers;
    private boolean caching;

    static Behavior<Message> create(TopologyView view, ClusterMemory memory) {
        return Behaviors.setup(context -> Behaviors.withTimers(timers -> DistributedData.withReplicatorMessageAdapter(
                (ReplicatorMessageAdapter<Message, LWWRegister<ByteString>> replicator) -> {
                    replicator.subscribe(TopologySpreader.KEY, Gossiped::new);
                    context.getSystem().receptionist().tell(Receptionist.register(SERVICE, context.getSelf()));
                    return new TopologyReceiver(context, timers, view, memory);
                })));
    }

    private TopologyReceiver(
            ActorContext<Message> context, TimerScheduler<Message> timers, TopologyView view, ClusterMemory memory) {
        super(context);
        context.setLoggerName(TopologyReceiver.class);
        this.timers = timers;
        this.view = view;
        this.memory = memory;
    }

    @Override
    public Receive<Message> createReceive() {
        return newReceiveBuilder()
                .onMessage(NewEpoch.class, this::onNewEpoch)
                .onMessage(Whole.class, whole -> take(TopologyCodec.decode(whole.topology())))
                .onMessage(Gossiped.class, this::onGossiped)
                .onMessage(CacheNow.class, now -> onCacheNow())
                .onMessage(Cached.class, this::onCached)
                .onMessage(CacheFailed.class, this::onCacheFailed)
                .build();
    }

    private Behavior<Message> onNewEpoch(NewEpoch message) {
        Topology now = view.current();
        if (message.epoch() <= now.epoch().value() || !view.accepts(message.clusterId())) {
            return this;
        }
        if (message.change().isPresent() && message.epoch() == now.epoch().value() + 1) {
            EpochChange change = EpochCodec.decode(message.change().get());
            return take(TopologyState.evolve(now, change.events()));
        }
        message.spreader().tell(new TopologySpreader.AskWhole(getContext().getSelf()));
        return this;
    }

    private Behavior<Message> onGossiped(Gossiped gossiped) {
        if (gossiped.response() instanceof Replicator.Changed<LWWRegister<ByteString>> changed) {
            LWWRegister<ByteString> register = changed.get(TopologySpreader.KEY);
            if (register.timestamp() > view.current().epoch().value()) {
                return take(TopologyCodec.decode(register.getValue().toArray()));
            }
        }
        return this;
    }

    private Behavior<Message> take(Topology topology) {
        view.offer(topology);
        return cacheSoon();
    }

    private Behavior<Message> cacheSoon() {
        return caching || timers.isTimerActive(CacheNow.class) ? this : onCacheNow();
    }

    private Behavior<Message> onCacheNow() {
        Topology topology = view.current();
        if (topology == view.onDisk()) {
            return this;
        }
        caching = true;
        var blocking = getContext().getSystem().dispatchers().lookup(DispatcherSelector.blocking());
        getContext()
                .pipeToSelf(
                        CompletableFuture.runAsync(() -> memory.cacheTopology(topology), blocking),
                        (done, failure) -> failure == null ? new Cached(topology) : new CacheFailed(failure));
        return this;
    }

    private Behavior<Message> onCached(Cached cached) {
        caching = false;
        view.stored(cached.topology());
        timers.startSingleTimer(CacheNow.class, new CacheNow(), CACHE_PAUSE);
        return this;
    }

    private Behavior<Message> onCacheFailed(CacheFailed failed) {
        getContext().getLog().warn("The topology could not be kept on disk; trying again", failed.failure());
        caching = false;
        timers.startSingleTimer(CacheNow.class, new CacheNow(), CACHE_RETRY);
        return this;
    }
}
