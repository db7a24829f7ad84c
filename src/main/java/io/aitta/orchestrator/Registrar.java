package io.aitta.orchestrator;

import io.aitta.core.PartitionId;
import io.aitta.core.topology.Epoch;
import io.aitta.core.topology.KnownCluster;
import io.aitta.core.topology.NodeInfo;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * Makes its node known to the orchestrator, and the cluster to its node. It says hello until it is answered; then rarely,
 * and often again when the orchestrator has moved, for a new one begins by listening to the nodes, and when the topology
 * does not list its node any more. Who holds {@code _meta} it learns by being welcomed and from the topology; it is
 * remembered on disk before anybody is told of it.
 */
final class Registrar extends AbstractBehavior<RegistrarMessage> {
    private static final int RARELY = 10;

    private final TimerScheduler<RegistrarMessage> timers;
    private final NodeInfo node;
    private final String member;
    private final ClusterMemory memory;
    private final ActorRef<OrchestratorMessage> orchestrator;
    private final Duration helloInterval;
    private final Consumer<KnownCluster> onWelcome;
    private final BiConsumer<String, String> onRejected;
    private final List<AutoCloseable> subscriptions;
    // What is on disk.
    private Optional<KnownCluster> known;
    // The newest that was learned; on disk as well if nothing is being written.
    private KnownCluster learned;
    private boolean isWriting;
    private boolean isWelcomed;

    /**
     * @param member the address of this actor system
     * @param onWelcome called with the cluster each time it is news, the first time in this life included
     * @param onRejected called once, with a stable reason and a sentence
     */
    static Behavior<RegistrarMessage> create(
            NodeInfo node,
            String member,
            ClusterMemory memory,
            TopologyView view,
            NodeStates states,
            ActorRef<OrchestratorMessage> orchestrator,
            Duration helloInterval,
            Consumer<KnownCluster> onWelcome,
            BiConsumer<String, String> onRejected) {
        return Behaviors.setup(context -> Behaviors.withTimers(timers -> new Registrar(
                context,
                timers,
                node,
                member,
                memory,
                view,
                states,
                orchestrator,
                helloInterval,
                onWelcome,
                onRejected)));
    }

    private Registrar(
            ActorContext<RegistrarMessage> context,
            TimerScheduler<RegistrarMessage> timers,
            NodeInfo node,
            String member,
            ClusterMemory memory,
            TopologyView view,
            NodeStates states,
            ActorRef<OrchestratorMessage> orchestrator,
            Duration helloInterval,
            Consumer<KnownCluster> onWelcome,
            BiConsumer<String, String> onRejected) {
        super(context);
        this.timers = timers;
        this.node = node;
        this.member = member;
        this.memory = memory;
        this.orchestrator = orchestrator;
        this.helloInterval = helloInterval;
        this.onWelcome = onWelcome;
        this.onRejected = onRejected;
        known = memory.known();
        learned = known.orElse(null);
        subscriptions =
                List.of(watchOrchestrator(states, context.getSelf()), watchTopology(view, node, context.getSelf()));
        sayHello(helloInterval);
    }

    private static AutoCloseable watchOrchestrator(NodeStates states, ActorRef<RegistrarMessage> self) {
        var last = new Object() {
            Optional<?> orchestrator = states.oldest();
        };
        return states.subscribe(() -> {
            var now = states.oldest();
            if (!now.equals(last.orchestrator)) {
                last.orchestrator = now;
                self.tell(new RegistrarMessage.OrchestratorMoved());
            }
        });
    }

    private static AutoCloseable watchTopology(TopologyView view, NodeInfo node, ActorRef<RegistrarMessage> self) {
        var last = new Object() {
            List<?> meta = List.of();
            Epoch epoch = Epoch.ZERO;
            boolean isListed;
        };
        return view.subscribe(topology -> {
            if (topology.partition(PartitionId.META).isEmpty()) {
                return;
            }
            var cluster = KnownCluster.of(topology);
            // Where epochs were missed, others may have held it in between.
            boolean isGapless = topology.epoch().equals(last.epoch.next());
            last.epoch = topology.epoch();
            if (!isGapless || !cluster.meta().equals(last.meta)) {
                last.meta = cluster.meta();
                self.tell(new RegistrarMessage.MetaSeen(cluster));
            }
            boolean isListed = topology.node(node.id())
                    .filter(listed -> listed.incarnation().equals(node.incarnation()))
                    .isPresent();
            if (last.isListed && !isListed) {
                self.tell(new RegistrarMessage.SayHello());
            }
            last.isListed = isListed;
        });
    }

    @Override
    public Receive<RegistrarMessage> createReceive() {
        return newReceiveBuilder()
                .onMessage(RegistrarMessage.SayHello.class, message -> sayHello(helloInterval))
                .onMessage(RegistrarMessage.OrchestratorMoved.class, message -> sayHello(helloInterval))
                .onMessage(RegistrarMessage.Welcome.class, this::onWelcome)
                .onMessage(RegistrarMessage.MetaSeen.class, seen -> onMetaSeen(seen.cluster()))
                .onMessage(RegistrarMessage.Remembered.class, message -> onRemembered(message.cluster()))
                .onMessage(
                        RegistrarMessage.CannotRemember.class,
                        message -> rejected("CANNOT_REMEMBER", message.message()))
                .onMessage(RegistrarMessage.Rejected.class, message -> rejected(message.reason(), message.message()))
                .onSignal(PostStop.class, signal -> {
                    for (AutoCloseable subscription : subscriptions) {
                        subscription.close();
                    }
                    return this;
                })
                .build();
    }

    private Behavior<RegistrarMessage> sayHello(Duration next) {
        orchestrator.tell(
                new OrchestratorMessage.Hello(node, member, known, getContext().getSelf()));
        timers.startSingleTimer(new RegistrarMessage.SayHello(), next);
        return this;
    }

    private Behavior<RegistrarMessage> onWelcome(RegistrarMessage.Welcome welcome) {
        timers.startSingleTimer(new RegistrarMessage.SayHello(), helloInterval.multipliedBy(RARELY));
        KnownCluster cluster = welcome.cluster();
        if (learned == null || !cluster.clusterId().equals(learned.clusterId()) || cluster.isNewerThan(learned)) {
            learn(cluster);
        } else if (!isWelcomed && !isWriting) {
            isWelcomed = true;
            onWelcome.accept(learned);
        }
        return this;
    }

    /** A node that belongs to no cluster yet waits for its welcome. */
    private Behavior<RegistrarMessage> onMetaSeen(KnownCluster cluster) {
        if (learned != null && cluster.isNewerThan(learned)) {
            learn(cluster);
        }
        return this;
    }

    private void learn(KnownCluster cluster) {
        learned = cluster;
        if (!isWriting) {
            write();
        }
    }

    /** One at a time, so that what is older does not come last. */
    private void write() {
        isWriting = true;
        KnownCluster cluster = learned;
        var blocking = getContext().getSystem().dispatchers().lookup(DispatcherSelector.blocking());
        getContext()
                .pipeToSelf(
                        CompletableFuture.runAsync(() -> memory.remember(cluster), blocking),
                        (done, failure) -> failure == null
                                ? new RegistrarMessage.Remembered(cluster)
                                : new RegistrarMessage.CannotRemember(
                                        failure.getCause() != null
                                                ? failure.getCause().getMessage()
                                                : failure.getMessage()));
    }

    private Behavior<RegistrarMessage> onRemembered(KnownCluster cluster) {
        isWriting = false;
        isWelcomed = true;
        known = Optional.of(cluster);
        onWelcome.accept(cluster);
        if (learned != cluster) {
            write();
        }
        return this;
    }

    private Behavior<RegistrarMessage> rejected(String reason, String message) {
        onRejected.accept(reason, message);
        return Behaviors.stopped();
    }
}
