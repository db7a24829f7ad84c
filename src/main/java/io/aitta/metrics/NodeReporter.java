package io.aitta.metrics;

import io.aitta.config.CborMessage;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * Tells any node of the cluster how this one fares: what came through its door, how much it holds, and what was slow. What
 * replicas do is told by their steward.
 */
public final class NodeReporter extends AbstractBehavior<NodeReporter.Command> {
    /** The actor's name under the user guardian; part of the protocol between nodes. */
    public static final String NAME = "node-reporter";

    /** So that an answer fits a message between nodes, whatever is in the log. */
    public static final int MOST_SLOW = 1_000;

    private static final Duration SAMPLE = Duration.ofSeconds(1);

    public sealed interface Command {}

    public record TellFigures(ActorRef<Figures> replyTo) implements Command, CborMessage {}

    /** @param table empty: of all; at most {@link #MOST_SLOW} are told */
    public record TellSlow(String table, int limit, ActorRef<Slow> replyTo) implements Command, CborMessage {}

    /** @param requests the newest first */
    public record Slow(List<SlowRequest> requests) implements CborMessage {}

    /**
     * What came through the door in the last ten seconds.
     *
     * @param reads how many were answered, by class of {@link Latency}; so the writes
     * @param failures which are among neither
     */
    public record TableTraffic(String table, long[] reads, long[] writes, long failures) {}

    /**
     * @param windowNanos of which the traffic is; 0: nothing is known yet
     * @param storeBytes of the node's replicas, by table, about
     * @param diskBytes of the file system that holds the node's data
     */
    public record Figures(
            long windowNanos,
            List<TableTraffic> traffic,
            Map<String, Long> storeBytes,
            long diskBytes,
            long diskFreeBytes,
            int requestsInFlight)
            implements CborMessage {}

    /**
     * What the node knows of itself beside what is counted here.
     *
     * @param storeBytes of its replicas, by table, about
     */
    public record Holdings(Map<String, Long> storeBytes, long diskBytes, long diskFreeBytes, int requestsInFlight) {}

    private enum Sample implements Command {
        INSTANCE
    }

    private final RequestMetrics requests;
    private final SlowLog slow;
    private final Supplier<Holdings> holdings;
    private final TrafficWindow window = new TrafficWindow();

    /** @param holdings may block on the disk for a moment */
    public static Behavior<Command> create(Metrics metrics, Supplier<Holdings> holdings) {
        return Behaviors.setup(context -> Behaviors.withTimers(
                timers -> new NodeReporter(context, timers, metrics.requests(), metrics.slowLog(), holdings)));
    }

    private NodeReporter(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            RequestMetrics requests,
            SlowLog slow,
            Supplier<Holdings> holdings) {
        super(context);
        this.requests = requests;
        this.slow = slow;
        this.holdings = holdings;
        onSample();
        timers.startTimerWithFixedDelay(Sample.INSTANCE, SAMPLE);
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(TellFigures.class, this::onTellFigures)
                .onMessage(TellSlow.class, this::onTellSlow)
                .onMessage(Sample.class, sample -> onSample())
                .build();
    }

    private Behavior<Command> onSample() {
        window.sample(System.nanoTime(), requests.totals());
        return this;
    }

    private Behavior<Command> onTellFigures(TellFigures ask) {
        var now = holdings.get();
        ask.replyTo()
                .tell(new Figures(
                        window.nanos(),
                        window.traffic(),
                        now.storeBytes(),
                        now.diskBytes(),
                        now.diskFreeBytes(),
                        now.requestsInFlight()));
        return this;
    }

    private Behavior<Command> onTellSlow(TellSlow ask) {
        var found = slow.newest(
                request -> ask.table().isEmpty() || request.table().equals(ask.table()),
                Math.min(MOST_SLOW, ask.limit()));
        ask.replyTo().tell(new Slow(found));
        return this;
    }
}
