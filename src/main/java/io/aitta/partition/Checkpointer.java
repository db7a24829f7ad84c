package io.aitta.partition;

import io.aitta.core.replication.LogIndex;
import io.aitta.core.replication.Term;
import io.aitta.store.Store;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * Forces the store to disk now and then, so that the replicas may shorten their binlogs. One flush serves all replicas
 * of the node. A replica that has applied nothing since the last time is left alone.
 */
public final class Checkpointer extends AbstractBehavior<Checkpointer.Command> {
    public sealed interface Command {}

    private enum Begin implements Command {
        INSTANCE
    }

    private record Flushed(Map<LocalReplica, Replica.StoreForced> applied) implements Command {}

    private record FlushFailed(Throwable cause) implements Command {}

    private static final Replica.StoreForced NOTHING = new Replica.StoreForced(LogIndex.ZERO, Term.ZERO);

    private final Store store;
    private final LocalReplicas replicas;
    private final Duration interval;
    private final TimerScheduler<Command> timers;
    private final Map<LocalReplica, Replica.StoreForced> forced = new HashMap<>();

    /** @param interval from the end of one flush to the beginning of the next */
    public static Behavior<Command> create(Store store, LocalReplicas replicas, Duration interval) {
        return Behaviors.setup(context ->
                Behaviors.withTimers(timers -> new Checkpointer(context, timers, store, replicas, interval)));
    }

    private Checkpointer(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            Store store,
            LocalReplicas replicas,
            Duration interval) {
        super(context);
        this.store = store;
        this.replicas = replicas;
        this.interval = interval;
        this.timers = timers;
        timers.startSingleTimer(Begin.INSTANCE, interval);
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Begin.class, begin -> onBegin())
                .onMessage(Flushed.class, this::onFlushed)
                .onMessage(FlushFailed.class, this::onFlushFailed)
                .build();
    }

    private Behavior<Command> onBegin() {
        forced.keySet().removeIf(replica -> replicas.get(replica.id()) != replica);
        Map<LocalReplica, Replica.StoreForced> applied = new HashMap<>();
        for (var replica : replicas.all()) {
            replica.status().ifPresent(status -> {
                // Applied before the flush begins, so forced when it has ended.
                var mark = replica.store().mark();
                var reached =
                        new Replica.StoreForced(new LogIndex(mark.getAppliedIndex()), new Term(mark.getAppliedTerm()));
                if (!reached.equals(forced.getOrDefault(replica, NOTHING))) {
                    applied.put(replica, reached);
                }
            });
        }
        if (applied.isEmpty()) {
            timers.startSingleTimer(Begin.INSTANCE, interval);
            return this;
        }
        var blocking = getContext().getSystem().dispatchers().lookup(DispatcherSelector.blocking());
        getContext()
                .pipeToSelf(
                        CompletableFuture.runAsync(store::flush, blocking),
                        (done, failure) -> failure == null ? new Flushed(applied) : new FlushFailed(failure));
        return this;
    }

    private Behavior<Command> onFlushed(Flushed flushed) {
        flushed.applied().forEach((replica, reached) -> {
            forced.put(replica, reached);
            replica.front().tell(reached);
        });
        timers.startSingleTimer(Begin.INSTANCE, interval);
        return this;
    }

    private Behavior<Command> onFlushFailed(FlushFailed failed) {
        getContext()
                .getLog()
                .error("Forcing the store to disk failed; binlogs are kept until it succeeds", failed.cause());
        timers.startSingleTimer(Begin.INSTANCE, interval);
        return this;
    }
}
