package io.aitta.orchestrator;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.topology.Decision;
import io.aitta.core.topology.EpochChange;
import io.aitta.core.topology.KnownCluster;
import io.aitta.core.topology.Refusal;
import io.aitta.core.topology.Topology;
import io.aitta.core.topology.TopologyCommand;
import io.aitta.core.topology.TopologyCommand.PrimaryReport;
import io.aitta.core.topology.TopologyEvent;
import io.aitta.core.topology.TopologyState;
import io.aitta.orchestrator.ChangeQueue.Waiting;
import io.aitta.orchestrator.ChangeWriter.Result;
import io.aitta.orchestrator.Orchestrator.Phase;
import io.aitta.orchestrator.Orchestrator.Surroundings;
import io.aitta.orchestrator.OrchestratorMessage.Change;
import io.aitta.orchestrator.OrchestratorMessage.CreateTable;
import io.aitta.orchestrator.OrchestratorMessage.Hello;
import io.aitta.orchestrator.OrchestratorMessage.Report;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.PreRestart;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.ReceiveBuilder;

/**
 * The orchestrator changes the topology: one change at a time is decided, written to {@code _meta} by the
 * {@link ChangeWriter}, taken over, spread and answered, in this order. Until what became of it is certain, nothing else is
 * begun. A change that lost its epoch to another orchestrator is decided again on the topology as it then is, unless that
 * one has done the same request.
 */
final class Active extends Phase {
    private static final int MAX_REPORTS_OF_EPOCH = 4_096;

    private Topology topology;
    private final ChangeWriter writer;
    private final ConductorLoop conductor;
    private final RecentRequests recent;
    private final AutoCloseable subscription;
    private final CreationsUnderWay creations = new CreationsUnderWay();
    // Bounded by the nodes of the Pekko cluster.
    private final Map<NodeId, Hello> registrations = new LinkedHashMap<>();
    // Bounded by the partitions there are: others are not taken.
    private final Map<PartitionId, PrimaryReport> reports = new LinkedHashMap<>();
    private boolean windowPassed;
    // What the conductor wants written; null: nothing.
    private List<TopologyCommand> conducted;
    // What is being written; null: nothing.
    private Work work;
    private boolean isAnswered;
    // An epoch was written in this life: whatever an earlier orchestrator had on its way has lost.
    private boolean hasWritten;

    /** What is being worked on. */
    private sealed interface Work {
        record Register(Hello hello) implements Work {}

        record Report(List<PrimaryReport> reports) implements Work {}

        record Conduct(List<TopologyCommand> commands) implements Work {}

        record Asked(Waiting waiting) implements Work {}
    }

    Active(
            Surroundings surroundings,
            ActorContext<OrchestratorMessage> context,
            Topology loaded,
            RecentRequests recent) {
        super(surroundings, context);
        context.getLog().info("The orchestrator is active: {}", loaded);
        topology = loaded;
        this.recent = recent;
        writer = new ChangeWriter(its, context);
        its.outlet.spread(topology, Optional.empty());
        conductor = new ConductorLoop(its, context, topology, commands -> conducted = commands);
        var self = context.getSelf();
        subscription = its.states.subscribe(() -> self.tell(new OrchestratorMessage.NodesChanged()));
        its.hellos.values().forEach(this::greet);
        next();
    }

    @Override
    ReceiveBuilder<OrchestratorMessage> handlers(ReceiveBuilder<OrchestratorMessage> builder) {
        conductorHandlers(builder);
        return builder.onMessage(Change.class, this::onChange)
                .onMessage(OrchestratorMessage.ReportPrimaries.class, message -> onReports(message.reports()))
                .onMessage(OrchestratorMessage.WindowPassed.class, passed -> {
                    windowPassed = true;
                    return next();
                })
                .onMessage(
                        OrchestratorMessage.WriteFinished.class,
                        finished -> onResult(writer.onWritten(finished.written())))
                .onMessage(
                        OrchestratorMessage.ResolveFinished.class,
                        finished -> onResult(writer.onResolved(finished.resolved())))
                .onMessage(OrchestratorMessage.RetryNow.class, retry -> onRetry())
                .onMessage(OrchestratorMessage.AskStatus.class, ask -> {
                    ask.replyTo().tell(new OrchestratorReply.Status(conductor.planned()));
                    return this;
                })
                .onSignal(PostStop.class, signal -> closed())
                .onSignal(PreRestart.class, signal -> closed());
    }

    private void conductorHandlers(ReceiveBuilder<OrchestratorMessage> builder) {
        builder.onMessage(OrchestratorMessage.NodesChanged.class, changed -> {
                    conductor.news();
                    return this;
                })
                .onMessage(OrchestratorMessage.ConductNow.class, now -> {
                    conductor.onTime();
                    return this;
                })
                .onMessage(OrchestratorMessage.Conducted.class, decided -> {
                    conductor.onConducted(decided);
                    return next();
                })
                .onMessage(OrchestratorMessage.Performed.class, performed -> {
                    conductor.onPerformed(performed.node(), performed.declined());
                    return this;
                })
                .onMessage(OrchestratorMessage.Reported.class, reported -> {
                    conductor.onReported(reported.node(), reported.reports());
                    return this;
                });
    }

    private Behavior<OrchestratorMessage> closed() throws Exception {
        subscription.close();
        return this;
    }

    @Override
    String whyWaiting() {
        return work == null
                ? "there was no time left"
                : "an earlier change is not finished (" + writer.obstacle() + ")";
    }

    @Override
    Behavior<OrchestratorMessage> onHello(Hello hello) {
        greet(hello);
        return next();
    }

    @Override
    Behavior<OrchestratorMessage> onTick() {
        long now = System.nanoTime();
        creations.answerLate(topology, now);
        if (work instanceof Work.Asked asked && !isAnswered && asked.waiting().isLate(now)) {
            isAnswered = true;
            var refused = writer.giveUp();
            if (refused == null) {
                asked.waiting().answer(new OrchestratorReply.Unknown(writer.obstacle()));
            } else {
                work = null;
                refuse(asked.waiting(), refused.reason(), refused.message());
            }
        }
        return next();
    }

    private void greet(Hello hello) {
        KnownCluster cluster = KnownCluster.of(topology);
        if (Surroundings.rejectStranger(hello, cluster)) {
            return;
        }
        var decision = TopologyState.decide(topology, new TopologyCommand.RegisterNode(hello.node()));
        if (decision instanceof Decision.Accepted accepted && accepted.events().isEmpty()) {
            hello.replyTo().tell(new RegistrarMessage.Welcome(cluster));
        } else {
            registrations.put(hello.node().id(), hello);
        }
    }

    private Behavior<OrchestratorMessage> onChange(Change change) {
        boolean isUnderWay = work instanceof Work.Asked asked
                && !isAnswered
                && asked.waiting().requestId().equals(change.asking().requestId());
        if (!isUnderWay) {
            its.queue.offer(change, System.nanoTime());
        }
        return next();
    }

    private Behavior<OrchestratorMessage> onReports(List<Report> news) {
        for (Report report : news) {
            PrimaryReport decoded = report.decoded();
            if (topology.partition(decoded.partition()).isPresent()) {
                reports.merge(
                        decoded.partition(),
                        decoded,
                        (a, b) -> b.primary().term().isNewerThan(a.primary().term()) ? b : a);
            }
        }
        if (!windowPassed && !its.timers.isTimerActive(OrchestratorMessage.WindowPassed.class)) {
            its.timers.startSingleTimer(
                    OrchestratorMessage.WindowPassed.class,
                    new OrchestratorMessage.WindowPassed(),
                    its.settings.reportWindow());
        }
        return next();
    }

    // ---- one change after the other -----------------------------------------------------------------------------

    /** Begins what is next, if nothing is under way. */
    private Behavior<OrchestratorMessage> next() {
        while (work == null) {
            Work taken = takeWork();
            if (taken == null) {
                break;
            }
            begin(taken);
        }
        return this;
    }

    /** Null if there is none. */
    private Work takeWork() {
        if (!registrations.isEmpty()) {
            NodeId first = registrations.keySet().iterator().next();
            return new Work.Register(registrations.remove(first));
        }
        if (windowPassed) {
            List<PrimaryReport> some =
                    reports.values().stream().limit(MAX_REPORTS_OF_EPOCH).toList();
            some.forEach(report -> reports.remove(report.partition()));
            windowPassed = !reports.isEmpty();
            return new Work.Report(some);
        }
        if (conducted != null) {
            var commands = conducted;
            conducted = null;
            return new Work.Conduct(commands);
        }
        Waiting waiting = its.queue.poll();
        return waiting == null ? null : new Work.Asked(waiting);
    }

    private void begin(Work begun) {
        if (begun instanceof Work.Asked asked && answerAgain(asked.waiting())) {
            return;
        }
        Decision decision = decide(begun);
        if (decision instanceof Decision.Refused refused) {
            refuse(begun, refused.refusal());
        } else if (decision instanceof Decision.Accepted accepted) {
            if (accepted.events().isEmpty()) {
                finish(begun, false);
                return;
            }
            Topology after = TopologyState.evolve(topology, accepted.events());
            String changeId = begun instanceof Work.Asked asked
                    ? RecentRequests.changeId(asked.waiting().requestId())
                    : RecentRequests.changeId();
            work = begun;
            isAnswered = false;
            writer.begin(
                    new EpochChange(after.epoch(), System.currentTimeMillis(), changeId, accepted.events()), after);
        }
    }

    /** Whether it was done before. */
    private boolean answerAgain(Waiting waiting) {
        var answer = recent.answerTo(waiting.requestId());
        if (answer.isPresent()
                && answer.get() instanceof OrchestratorReply.Done done
                && waiting.change() instanceof CreateTable create
                && topology.table(create.name())
                        .filter(table -> table.createdEpoch().value() == done.epoch())
                        .isPresent()) {
            created(create, waiting);
        } else {
            answer.ifPresent(waiting::answer);
        }
        return answer.isPresent();
    }

    private Decision decide(Work begun) {
        if (begun instanceof Work.Register register) {
            return TopologyState.decide(
                    topology, new TopologyCommand.RegisterNode(register.hello().node()));
        }
        if (begun instanceof Work.Report report) {
            return TopologyState.decide(topology, new TopologyCommand.ReportPrimaries(report.reports()));
        }
        if (begun instanceof Work.Conduct conduct) {
            return Deciding.decideAll(topology, conduct.commands(), (command, refusal) -> getContext()
                    .getLog()
                    .info("Not done any more: {}, for {}", command, refusal.message()));
        }
        return Deciding.decide(
                topology,
                ((Work.Asked) begun).waiting().change(),
                its.settings.tableDefaults(),
                its.states.up(),
                System.currentTimeMillis());
    }

    private Behavior<OrchestratorMessage> onRetry() {
        if (!writer.retry() && work != null) {
            Work again = work;
            work = null;
            begin(again);
        }
        return next();
    }

    private Behavior<OrchestratorMessage> onResult(Result result) {
        if (result instanceof Result.Open) {
            return this;
        }
        Work settled = work;
        boolean wasAnswered = isAnswered;
        work = null;
        if (result instanceof Result.Landed landed) {
            boolean isOneStep = landed.now().epoch().equals(landed.change().epoch());
            recent.landed(landed.change());
            landed.change().events().forEach(this::tellOfMoves);
            takeOver(
                    landed.now(),
                    isOneStep ? Optional.of(EpochCodec.encode(landed.change())) : Optional.empty(),
                    landed.since());
            if (!wasAnswered) {
                finish(settled, true);
            }
        } else if (result instanceof Result.Lost lost) {
            takeOver(lost.now(), Optional.empty(), lost.since());
            if (!wasAnswered) {
                begin(settled);
            }
        }
        return next();
    }

    private void tellOfMoves(TopologyEvent event) {
        if (event instanceof TopologyEvent.MovesBegun begun) {
            begun.moves().forEach(move -> getContext().getLog().info("Begun: {}", move));
        } else if (event instanceof TopologyEvent.MovesEnded ended) {
            ended.ends().forEach(end -> getContext()
                    .getLog()
                    .info("Move {} has ended: {} {}", end.id(), end.outcome(), end.message()));
        } else if (event instanceof TopologyEvent.MoveCancelled cancelled) {
            getContext().getLog().info("Move {} is taken back", cancelled.id());
        }
    }

    private void takeOver(Topology now, Optional<byte[]> change, RecentRequests since) {
        topology = now;
        hasWritten = true;
        recent.addAll(since);
        its.outlet.spread(now, change);
        creations.answerReady(now);
        conductor.topologyChanged(now);
    }

    // ---- answers ------------------------------------------------------------------------------------------------

    private void finish(Work done, boolean changed) {
        if (done instanceof Work.Register register) {
            register.hello().replyTo().tell(new RegistrarMessage.Welcome(KnownCluster.of(topology)));
        } else if (done instanceof Work.Conduct) {
            conductor.written(changed);
        } else if (done instanceof Work.Asked asked) {
            var waiting = asked.waiting();
            if (waiting.change() instanceof CreateTable create) {
                created(create, waiting);
            } else {
                answer(waiting, new OrchestratorReply.Done(topology.epoch().value(), 0));
            }
        }
    }

    private void created(CreateTable create, Waiting waiting) {
        var table = topology.table(create.name()).orElseThrow();
        creations.add(table, table.createdEpoch(), waiting);
        creations.answerReady(topology);
    }

    private void refuse(Work refused, Refusal refusal) {
        if (refused instanceof Work.Register register) {
            Surroundings.reject(register.hello(), refusal.reason(), refusal.message());
        } else if (refused instanceof Work.Asked asked) {
            refuse(asked.waiting(), refusal.reason().name(), refusal.message());
        }
    }

    /** What an earlier orchestrator was asked too may be on its way still, until an epoch has shut it out. */
    private void refuse(Waiting waiting, String reason, String message) {
        boolean isCertain = hasWritten || !waiting.change().asking().again();
        answer(
                waiting,
                isCertain
                        ? new OrchestratorReply.Refused(reason, message)
                        : new OrchestratorReply.Unknown(
                                "an earlier orchestrator may have done it; this one would not: " + message));
    }

    private void answer(Waiting waiting, OrchestratorReply answer) {
        recent.answered(waiting.requestId(), answer);
        waiting.answer(answer);
    }
}
