package io.aitta.orchestrator;

import io.aitta.core.NodeId;
import io.aitta.core.topology.KnownCluster;
import io.aitta.core.topology.Refusal;
import io.aitta.core.topology.Topology;
import io.aitta.core.topology.TopologyState;
import io.aitta.orchestrator.OrchestratorMessage.Hello;
import io.aitta.partition.PartitionAccess;
import io.aitta.partition.Stewards;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.ReceiveBuilder;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * The cluster singleton that alone changes the topology. It keeps nothing that {@code _meta} does not: the next singleton
 * starts from there. Two at once do no harm, for each change is a compare-and-set on the epoch.
 *
 * <pre>
 * Discovering --(which cluster it is has been decided)--> Loading --(the topology is there)--> Active
 * </pre>
 *
 * <p>In {@link Discovering} it listens to the nodes; in {@link Loading} it reads {@code _meta} until that answers, and
 * writes the first epoch if there is none; in {@link Active} it changes the topology. Requests for changes wait in a
 * bounded queue until it is active.
 */
public final class Orchestrator {
    /** Where a new topology goes. */
    interface Outlet {
        /** @param change the bytes of the change that led to {@code now} from the epoch before, if that is all there was */
        void spread(Topology now, Optional<byte[]> change);
    }

    private static final Duration TICK = Duration.ofMillis(100);

    private Orchestrator() {}

    /**
     * What it works with.
     *
     * @param access reaches {@code _meta}
     * @param conducting makes a conductor that remembers nothing yet
     */
    record Means(
            PartitionAccess access,
            NodeStates states,
            Stewards stewards,
            Supplier<ConductorLoop.Conducting> conducting) {}

    static Behavior<OrchestratorMessage> create(OrchestratorSettings settings, Means means) {
        return create(settings, means, context -> {
            var spreader = context.spawn(TopologySpreader.create(), "spreader");
            return (now, change) -> spreader.tell(new TopologySpreader.Changed(now, change));
        });
    }

    static Behavior<OrchestratorMessage> create(
            OrchestratorSettings settings, Means means, Function<ActorContext<OrchestratorMessage>, Outlet> outlet) {
        return Behaviors.setup(context -> Behaviors.withTimers(timers -> {
            context.setLoggerName(Orchestrator.class);
            timers.startTimerWithFixedDelay(new OrchestratorMessage.Tick(), TICK);
            return new Discovering(new Surroundings(settings, timers, means, outlet.apply(context)), context);
        }));
    }

    /** What all phases share. */
    static final class Surroundings {
        final OrchestratorSettings settings;
        final TimerScheduler<OrchestratorMessage> timers;
        final MetaStore meta;
        final NodeStates states;
        final Stewards stewards;
        final Supplier<ConductorLoop.Conducting> conducting;
        final Outlet outlet;
        final ChangeQueue queue;
        final Duplicates duplicates;
        // Until it is active: the last hello of each node, in the order they first came. Bounded by the nodes there
        // are.
        final Map<NodeId, Hello> hellos = new LinkedHashMap<>();

        Surroundings(
                OrchestratorSettings settings, TimerScheduler<OrchestratorMessage> timers, Means means, Outlet outlet) {
            this.settings = settings;
            this.timers = timers;
            this.outlet = outlet;
            meta = new MetaStore(means.access(), settings.writeTimeout().toNanos());
            states = means.states();
            stewards = means.stewards();
            conducting = means.conducting();
            queue = new ChangeQueue(settings.maxQueued());
            duplicates = new Duplicates(states, settings.duplicateGrace().toNanos());
        }

        void retryLater() {
            timers.startSingleTimer(new OrchestratorMessage.RetryNow(), settings.retryAfter());
        }

        static void reject(Hello hello, Refusal.Reason reason, String message) {
            hello.replyTo().tell(new RegistrarMessage.Rejected(reason.name(), message));
        }

        /** Rejects a node that remembers another cluster, or one that goes by a meta member's id. True: it was rejected. */
        static boolean rejectStranger(Hello hello, KnownCluster cluster) {
            String other = hello.known().map(KnownCluster::clusterId).orElse(cluster.clusterId());
            if (!other.equals(cluster.clusterId())) {
                reject(
                        hello,
                        Refusal.Reason.OTHER_CLUSTER,
                        "the data directory of node " + hello.node().id() + " belongs to cluster " + other
                                + ", but the nodes it has joined are cluster " + cluster.clusterId()
                                + "; start it with the seeds of its own cluster, or with an empty data directory");
                return true;
            }
            boolean isImpostor = cluster.meta().stream()
                    .anyMatch(member -> member.node().equals(hello.node().id())
                            && !member.incarnation().equals(hello.node().incarnation()));
            if (isImpostor) {
                reject(
                        hello,
                        Refusal.Reason.NODE_ID_IN_USE,
                        TopologyState.nodeIdInUse(hello.node().id()));
            }
            return isImpostor;
        }
    }

    /** What is the same in all phases. */
    abstract static class Phase extends AbstractBehavior<OrchestratorMessage> {
        final Surroundings its;

        Phase(Surroundings surroundings, ActorContext<OrchestratorMessage> context) {
            super(context);
            its = surroundings;
        }

        /** A hello of a node that runs only once. */
        abstract Behavior<OrchestratorMessage> onHello(Hello hello);

        abstract Behavior<OrchestratorMessage> onTick();

        /** Why a change that waits now cannot be made yet. */
        abstract String whyWaiting();

        abstract ReceiveBuilder<OrchestratorMessage> handlers(ReceiveBuilder<OrchestratorMessage> builder);

        @Override
        public final Receive<OrchestratorMessage> createReceive() {
            return handlers(newReceiveBuilder())
                    .onMessage(Hello.class, this::onAnyHello)
                    .onMessage(OrchestratorMessage.Change.class, change -> {
                        its.queue.offer(change, System.nanoTime());
                        return this;
                    })
                    .onMessage(OrchestratorMessage.Tick.class, tick -> {
                        its.queue.refuseLate(System.nanoTime(), whyWaiting());
                        return onTick();
                    })
                    .onMessage(OrchestratorMessage.Stop.class, stop -> Behaviors.stopped())
                    // Of an earlier phase, or reports that come too early: their senders repeat them.
                    .onAnyMessage(message -> this)
                    .build();
        }

        private Behavior<OrchestratorMessage> onAnyHello(Hello hello) {
            switch (its.duplicates.judge(hello, System.nanoTime())) {
                case ALONE -> {
                    return onHello(hello);
                }
                case TWICE -> {
                    String address = its.duplicates
                            .elder(hello)
                            .map(NodeStates.Seen::address)
                            .orElseThrow();
                    Surroundings.reject(
                            hello,
                            Refusal.Reason.NODE_ID_IN_USE,
                            "node " + hello.node().id() + " is already running at "
                                    + address.substring(address.indexOf('@') + 1)
                                    + "; stop it first, or start this one with another data directory and --node-id");
                    return this;
                }
                default -> {
                    return this;
                }
            }
        }
    }
}
