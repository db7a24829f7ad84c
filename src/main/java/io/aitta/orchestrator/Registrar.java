package io.aitta.orchestrator;

import io.aitta.core.topology.KnownCluster;
import io.aitta.core.topology.NodeInfo;
import java.time.Duration;
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
 * and often again when the orchestrator has moved, for a new one begins by listening to the nodes. A welcome is remembered
 * on disk before anybody is told of it.
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
    private final AutoCloseable subscription;
    private Optional<KnownCluster> known;
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
            NodeStates states,
            ActorRef<OrchestratorMessage> orchestrator,
            Duration helloInterval,
            Consumer<KnownCluster> onWelcome,
            BiConsumer<String, String> onRejected) {
        return Behaviors.setup(context -> Behaviors.withTimers(timers -> new Registrar(
                context, timers, node, member, memory, states, orchestrator, helloInterval, onWelcome, onRejected)));
    }

    private Registrar(
            ActorContext<RegistrarMessage> context,
            TimerScheduler<RegistrarMessage> timers,
            NodeInfo node,
            String member,
            ClusterMemory memory,
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
        subscription = watchOrchestrator(states, context.getSelf());
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

    @Override
    public Receive<RegistrarMessage> createReceive() {
        return newReceiveBuilder()
                .onMessage(RegistrarMessage.SayHello.class, message -> sayHello(helloInterval))
                .onMessage(RegistrarMessage.OrchestratorMoved.class, message -> sayHello(helloInterval))
                .onMessage(RegistrarMessage.Welcome.class, this::onWelcome)
                .onMessage(RegistrarMessage.Remembered.class, message -> welcomed(message.cluster()))
                .onMessage(
                        RegistrarMessage.CannotRemember.class,
                        message -> rejected("CANNOT_REMEMBER", message.message()))
                .onMessage(RegistrarMessage.Rejected.class, message -> rejected(message.reason(), message.message()))
                .onSignal(PostStop.class, signal -> {
                    subscription.close();
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
        if (known.equals(Optional.of(cluster))) {
            return isWelcomed ? this : welcomed(cluster);
        }
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
        return this;
    }

    private Behavior<RegistrarMessage> welcomed(KnownCluster cluster) {
        // Welcomes that arrived while one was being remembered are no news.
        boolean isNews = !isWelcomed || !known.equals(Optional.of(cluster));
        isWelcomed = true;
        known = Optional.of(cluster);
        if (isNews) {
            onWelcome.accept(cluster);
        }
        return this;
    }

    private Behavior<RegistrarMessage> rejected(String reason, String message) {
        onRejected.accept(reason, message);
        return Behaviors.stopped();
    }
}
