package io.aitta.orchestrator;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.topology.Decision;
import io.aitta.core.topology.EpochChange;
import io.aitta.core.topology.KnownCluster;
import io.aitta.core.topology.KnownCluster.MetaMember;
import io.aitta.core.topology.PartitionInfo;
import io.aitta.core.topology.Refusal;
import io.aitta.core.topology.Topology;
import io.aitta.core.topology.TopologyCommand;
import io.aitta.core.topology.TopologyCommand.PrimaryReport;
import io.aitta.core.topology.TopologyState;
import io.aitta.orchestrator.ChangeQueue.Waiting;
import io.aitta.orchestrator.MetaStore.Resolved;
import io.aitta.orchestrator.MetaStore.Written;
import io.aitta.orchestrator.Orchestrator.Phase;
import io.aitta.orchestrator.Orchestrator.Surroundings;
import io.aitta.orchestrator.OrchestratorMessage.AlterTable;
import io.aitta.orchestrator.OrchestratorMessage.CreateTable;
import io.aitta.orchestrator.OrchestratorMessage.DropTable;
import io.aitta.orchestrator.OrchestratorMessage.Hello;
import io.aitta.orchestrator.OrchestratorMessage.Report;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.ReceiveBuilder;

/**
 * The orchestrator changes the topology: one change at a time is decided, written to {@code _meta}, taken over, spread and
 * answered, in this order.
 *
 * <p>A write whose outcome is unknown is looked up. While it stays open, the very same change is written again: should the
 * first one arrive late, it is the same change and its epoch is taken only once. Until that is settled, nothing else is
 * begun. A change that lost its epoch to another orchestrator is decided again on the topology as it then is.
 */
final class Active extends Phase {
    private static final int MAX_REPORTS_OF_EPOCH = 4_096;

    private Topology topology;
    private final CreationsUnderWay creations = new CreationsUnderWay();
    // Bounded by the nodes of the Pekko cluster.
    private final Map<NodeId, Hello> registrations = new LinkedHashMap<>();
    // Bounded by the partitions there are: others are not taken.
    private final Map<PartitionId, PrimaryReport> reports = new LinkedHashMap<>();
    private boolean windowPassed;
    private Attempt attempt;

    /** What is being worked on. */
    private sealed interface Work {
        record Register(Hello hello) implements Work {}

        record Report(List<PrimaryReport> reports) implements Work {}

        record Asked(Waiting waiting) implements Work {}
    }

    /** A change on its way to {@code _meta}. */
    private static final class Attempt {
        final Work work;
        final EpochChange change;
        final Topology after;
        // A write had an unknown outcome, and that has not been settled.
        boolean isOpen;
        // Of the last write; null while one is under way or being looked up.
        Written.Refused refusal;
        boolean isAnswered;
        String obstacle = "_meta has not answered yet";

        Attempt(Work work, EpochChange change, Topology after) {
            this.work = work;
            this.change = change;
            this.after = after;
        }

        boolean mayHaveHappened() {
            return isOpen || refusal == null;
        }
    }

    Active(Surroundings surroundings, ActorContext<OrchestratorMessage> context, Topology loaded) {
        super(surroundings, context);
        context.getLog().info("The orchestrator is active: {}", loaded);
        topology = loaded;
        its.outlet.spread(topology, Optional.empty());
        its.hellos.values().forEach(this::greet);
        next();
    }

    @Override
    ReceiveBuilder<OrchestratorMessage> handlers(ReceiveBuilder<OrchestratorMessage> builder) {
        return builder.onMessage(OrchestratorMessage.Change.class, change -> {
                    its.queue.offer(change, System.nanoTime());
                    return next();
                })
                .onMessage(OrchestratorMessage.ReportPrimaries.class, message -> onReports(message.reports()))
                .onMessage(OrchestratorMessage.WindowPassed.class, passed -> {
                    windowPassed = true;
                    return next();
                })
                .onMessage(OrchestratorMessage.WriteFinished.class, finished -> onWritten(finished.written()))
                .onMessage(OrchestratorMessage.ResolveFinished.class, finished -> onResolved(finished.resolved()))
                .onMessage(OrchestratorMessage.RetryNow.class, retry -> onRetry());
    }

    @Override
    String whyWaiting() {
        return attempt == null
                ? "there was no time left"
                : "an earlier change is not finished (" + attempt.obstacle + ")";
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
        if (attempt != null
                && !attempt.isAnswered
                && attempt.work instanceof Work.Asked asked
                && asked.waiting().isLate(now)) {
            attempt.isAnswered = true;
            if (attempt.mayHaveHappened()) {
                asked.waiting().answer(new OrchestratorReply.Unknown(attempt.obstacle));
            } else {
                asked.waiting()
                        .answer(new OrchestratorReply.Refused(attempt.refusal.reason(), attempt.refusal.message()));
                its.timers.cancel(new OrchestratorMessage.RetryNow());
                attempt = null;
            }
        }
        return next();
    }

    private void greet(Hello hello) {
        KnownCluster cluster = cluster();
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

    /** Begins what is next, if nothing is under way. */
    private Behavior<OrchestratorMessage> next() {
        while (attempt == null) {
            Work work = takeWork();
            if (work == null) {
                break;
            }
            begin(work);
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
        Waiting waiting = its.queue.poll();
        return waiting == null ? null : new Work.Asked(waiting);
    }

    private void begin(Work work) {
        Decision decision = TopologyState.decide(topology, command(work));
        if (decision instanceof Decision.Refused refused) {
            refuse(work, refused.refusal());
        } else if (decision instanceof Decision.Accepted accepted) {
            if (accepted.events().isEmpty()) {
                finish(work);
                return;
            }
            Topology after = TopologyState.evolve(topology, accepted.events());
            var change = new EpochChange(
                    after.epoch(), System.currentTimeMillis(), UUID.randomUUID().toString(), accepted.events());
            attempt = new Attempt(work, change, after);
            write();
        }
    }

    private TopologyCommand command(Work work) {
        if (work instanceof Work.Register register) {
            return new TopologyCommand.RegisterNode(register.hello().node());
        }
        if (work instanceof Work.Report report) {
            return new TopologyCommand.ReportPrimaries(report.reports());
        }
        var change = ((Work.Asked) work).waiting().change();
        if (change instanceof CreateTable create) {
            return new TopologyCommand.CreateTable(
                    create.name(),
                    create.partitions(),
                    create.replicas(),
                    create.options(),
                    its.settings.tableDefaults(),
                    its.states.up());
        }
        if (change instanceof AlterTable alter) {
            return new TopologyCommand.AlterTable(
                    alter.name(), alter.defaultTimeToLiveMillis(), alter.defaultConsistency(), alter.maxValueBytes());
        }
        return new TopologyCommand.DropTable(((DropTable) change).name());
    }

    private void write() {
        attempt.refusal = null;
        getContext()
                .pipeToSelf(
                        its.meta.append(attempt.change, attempt.after),
                        (written, failure) -> new OrchestratorMessage.WriteFinished(
                                failure == null ? written : new Written.Unknown(failure.toString())));
    }

    private void resolve() {
        getContext()
                .pipeToSelf(
                        its.meta.resolve(attempt.change),
                        (resolved, failure) -> new OrchestratorMessage.ResolveFinished(
                                failure == null ? resolved : new Resolved.Failed(failure.toString())));
    }

    private Behavior<OrchestratorMessage> onWritten(Written written) {
        if (written instanceof Written.Done) {
            return landed(attempt.after);
        }
        if (written instanceof Written.Refused refused) {
            attempt.refusal = refused;
            attempt.obstacle = refused.message();
            if (attempt.isAnswered && !attempt.isOpen) {
                attempt = null;
                return next();
            }
            its.retryLater();
            return this;
        }
        if (written instanceof Written.Unknown unknown) {
            attempt.isOpen = true;
            attempt.obstacle = unknown.message();
        }
        resolve();
        return this;
    }

    private Behavior<OrchestratorMessage> onResolved(Resolved resolved) {
        if (resolved instanceof Resolved.Landed landed) {
            return landed(landed.now());
        }
        if (resolved instanceof Resolved.Lost lost) {
            Attempt lostOne = attempt;
            attempt = null;
            takeOver(lost.now(), Optional.empty());
            if (!lostOne.isAnswered) {
                begin(lostOne.work);
            }
            return next();
        }
        its.retryLater();
        return this;
    }

    private Behavior<OrchestratorMessage> onRetry() {
        if (attempt == null) {
            return this;
        }
        if (attempt.mayHaveHappened()) {
            write();
            return this;
        }
        Work work = attempt.work;
        attempt = null;
        begin(work);
        return next();
    }

    private Behavior<OrchestratorMessage> landed(Topology now) {
        Attempt landed = attempt;
        attempt = null;
        boolean isOneStep = now.epoch().equals(landed.change.epoch());
        takeOver(now, isOneStep ? Optional.of(EpochCodec.encode(landed.change)) : Optional.empty());
        if (!landed.isAnswered) {
            finish(landed.work);
        }
        return next();
    }

    private void takeOver(Topology now, Optional<byte[]> change) {
        topology = now;
        its.outlet.spread(now, change);
        creations.answerReady(now);
    }

    private void finish(Work work) {
        if (work instanceof Work.Register register) {
            register.hello().replyTo().tell(new RegistrarMessage.Welcome(cluster()));
        } else if (work instanceof Work.Asked asked) {
            if (asked.waiting().change() instanceof CreateTable create) {
                creations.add(topology.table(create.name()).orElseThrow(), topology.epoch(), asked.waiting());
                creations.answerReady(topology);
            } else {
                asked.waiting()
                        .answer(new OrchestratorReply.Done(topology.epoch().value(), 0));
            }
        }
    }

    private static void refuse(Work work, Refusal refusal) {
        if (work instanceof Work.Register register) {
            Surroundings.reject(register.hello(), refusal.reason(), refusal.message());
        } else if (work instanceof Work.Asked asked) {
            asked.waiting()
                    .answer(new OrchestratorReply.Refused(refusal.reason().name(), refusal.message()));
        }
    }

    private KnownCluster cluster() {
        PartitionInfo meta = topology.partition(PartitionId.META).orElseThrow();
        var members = new ArrayList<MetaMember>();
        for (NodeId node : meta.voters()) {
            members.add(new MetaMember(node, topology.node(node).orElseThrow().incarnation()));
        }
        return new KnownCluster(topology.clusterId(), members);
    }
}
