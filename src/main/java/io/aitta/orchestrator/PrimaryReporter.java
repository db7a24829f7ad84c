package io.aitta.orchestrator;

import io.aitta.core.PartitionId;
import io.aitta.core.topology.PartitionInfo;
import io.aitta.core.topology.Primary;
import io.aitta.core.topology.Topology;
import io.aitta.orchestrator.OrchestratorMessage.Report;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * Tells the orchestrator of the elections this node has won or heard of, again and again until the topology shows them or
 * makes them moot. One timer for all partitions, and none when there is nothing to tell.
 */
final class PrimaryReporter extends AbstractBehavior<PrimaryReporter.Message> {
    sealed interface Message {}

    record Elected(PartitionId partition, Primary primary) implements Message {}

    private record Send() implements Message {}

    /** More than a node can hold; what comes beyond is dropped, and the topology stays behind until the next election. */
    private static final int MAX_PENDING = 65_536;

    private static final int MAX_OF_MESSAGE = 1_000;
    private static final Duration GATHER = Duration.ofMillis(10);
    private static final Duration REPEAT = Duration.ofSeconds(1);

    private final TimerScheduler<Message> timers;
    private final TopologyView view;
    private final ActorRef<OrchestratorMessage> orchestrator;
    private final Map<PartitionId, Primary> pending = new HashMap<>();
    // Something came since the last sending.
    private boolean isGathering;

    static Behavior<Message> create(TopologyView view, ActorRef<OrchestratorMessage> orchestrator) {
        return Behaviors.setup(
                context -> Behaviors.withTimers(timers -> new PrimaryReporter(context, timers, view, orchestrator)));
    }

    private PrimaryReporter(
            ActorContext<Message> context,
            TimerScheduler<Message> timers,
            TopologyView view,
            ActorRef<OrchestratorMessage> orchestrator) {
        super(context);
        context.setLoggerName(PrimaryReporter.class);
        this.timers = timers;
        this.view = view;
        this.orchestrator = orchestrator;
    }

    @Override
    public Receive<Message> createReceive() {
        return newReceiveBuilder()
                .onMessage(Elected.class, this::onElected)
                .onMessage(Send.class, send -> onSend())
                .build();
    }

    private Behavior<Message> onElected(Elected elected) {
        if (pending.size() >= MAX_PENDING && !pending.containsKey(elected.partition())) {
            getContext().getLog().warn("{} reports of primaries wait; dropped {}", MAX_PENDING, elected);
            return this;
        }
        pending.merge(elected.partition(), elected.primary(), (a, b) -> b.term().isNewerThan(a.term()) ? b : a);
        if (!isGathering) {
            isGathering = true;
            timers.startSingleTimer(new Send(), GATHER);
        }
        return this;
    }

    private Behavior<Message> onSend() {
        isGathering = false;
        Topology topology = view.current();
        pending.entrySet().removeIf(entry -> isSettled(topology, entry.getKey(), entry.getValue()));
        List<Report> reports = new ArrayList<>();
        pending.forEach((partition, primary) -> reports.add(Report.of(partition, primary)));
        for (int from = 0; from < reports.size(); from += MAX_OF_MESSAGE) {
            int to = Math.min(reports.size(), from + MAX_OF_MESSAGE);
            orchestrator.tell(new OrchestratorMessage.ReportPrimaries(List.copyOf(reports.subList(from, to))));
        }
        if (!pending.isEmpty()) {
            timers.startSingleTimer(new Send(), REPEAT);
        }
        return this;
    }

    /** It is known, or it is of no interest any more: the table was dropped or the replica taken away. */
    private static boolean isSettled(Topology topology, PartitionId id, Primary primary) {
        PartitionInfo partition = topology.partition(id).orElse(null);
        if (partition == null) {
            return !id.equals(PartitionId.META)
                    && id.tableEpoch() <= topology.epoch().value();
        }
        boolean isKnown = !primary.term().isNewerThan(partition.term());
        return isKnown || !partition.isHeldBy(primary.node());
    }
}
