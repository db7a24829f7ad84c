package io.aitta.orchestrator;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.replication.Term;
import io.aitta.core.topology.Epoch;
import io.aitta.core.topology.EpochChange;
import io.aitta.core.topology.Primary;
import io.aitta.core.topology.TableOptions;
import io.aitta.core.topology.Topology;
import io.aitta.orchestrator.OrchestratorMessage.Asking;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.apache.pekko.actor.Cancellable;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;

/**
 * A node's way to the orchestrator, wherever that runs. Thread-safe. The stages never fail: what went wrong is an answer.
 * They complete on threads of the common pool or of Pekko; do not block those. Deadlines are on
 * {@link System#nanoTime()}'s clock; the answer comes at most a little after them.
 *
 * <p>A change is sent again until it is answered or its deadline comes, to whatever orchestrator there is by then. It has an
 * id, and is done once, for the epoch in which it is done keeps that id.
 */
public final class OrchestratorClient {
    /** What became of a change. */
    public sealed interface ChangeAnswer {
        /**
         * This node's {@link TopologyView} has reached the epoch too, unless the deadline came first.
         *
         * @param epoch in which the change took effect
         * @param partitionsNotReady of a created table: those that had no primary when the orchestrator answered; else 0
         */
        record Done(Epoch epoch, int partitionsNotReady) implements ChangeAnswer {}

        /**
         * Nothing happened.
         *
         * @param reason stable: one of {@link io.aitta.core.topology.Refusal.Reason}, of
         *     {@link io.aitta.partition.PartitionAccess.Reason}, OVERLOADED or DEADLINE_EXCEEDED
         */
        record Refused(String reason, String message) implements ChangeAnswer {}

        /** It may have happened, or may still. */
        record Unknown(String message) implements ChangeAnswer {}
    }

    /** The topology of a past epoch, or why there is none to show. */
    public sealed interface PastAnswer {
        record Found(Topology topology) implements PastAnswer {}

        /** @param reason EPOCH_NOT_FOUND, or META_UNAVAILABLE: a later try may do better */
        record Refused(String reason, String message) implements PastAnswer {}
    }

    /** What has happened to the topology, or why that cannot be told. */
    public sealed interface HistoryAnswer {
        /** @param changes by epoch */
        record Found(List<EpochChange> changes) implements HistoryAnswer {}

        /** @param reason META_UNAVAILABLE: a later try may do better */
        record Refused(String reason, String message) implements HistoryAnswer {}
    }

    /** Before then an orchestrator that lives has answered, or says so at the deadline. */
    private static final Duration REPEAT = Duration.ofSeconds(1);

    private static final Duration STATUS_LIMIT = Duration.ofSeconds(1);

    private final ActorSystem<?> system;
    private final ActorRef<OrchestratorMessage> orchestrator;
    private final ActorRef<PrimaryReporter.Message> reporter;
    private final TopologyView view;
    private final NodeStates states;
    private final MetaStore meta;

    OrchestratorClient(
            ActorSystem<?> system,
            ActorRef<OrchestratorMessage> orchestrator,
            ActorRef<PrimaryReporter.Message> reporter,
            TopologyView view,
            NodeStates states,
            MetaStore meta) {
        this.system = system;
        this.orchestrator = orchestrator;
        this.reporter = reporter;
        this.view = view;
        this.states = states;
        this.meta = meta;
    }

    /**
     * Answered when every partition of the new table has a primary, or shortly before the deadline.
     *
     * @param partitions 1 to 4,096; empty: the default
     * @param replicas 1 to 7; empty: the default, lowered to the nodes there are
     */
    public CompletionStage<ChangeAnswer> createTable(
            String name, OptionalInt partitions, OptionalInt replicas, TableOptions options, long deadlineNanos) {
        return ask(
                deadlineNanos,
                asking -> new OrchestratorMessage.CreateTable(name, partitions, replicas, options, asking));
    }

    /** What is empty stays as it is. */
    public CompletionStage<ChangeAnswer> alterTable(
            String name,
            OptionalLong defaultTimeToLiveMillis,
            Optional<TableOptions.Consistency> defaultConsistency,
            OptionalInt maxValueBytes,
            long deadlineNanos) {
        return ask(
                deadlineNanos,
                asking -> new OrchestratorMessage.AlterTable(
                        name, defaultTimeToLiveMillis, defaultConsistency, maxValueBytes, asking));
    }

    /** Answered when the table is out of the topology; its data goes a little later. */
    public CompletionStage<ChangeAnswer> dropTable(String name, long deadlineNanos) {
        return ask(deadlineNanos, asking -> new OrchestratorMessage.DropTable(name, asking));
    }

    /** Answered when it is in the topology; what follows from it is done in the background. */
    public CompletionStage<ChangeAnswer> order(Order order, long deadlineNanos) {
        return ask(deadlineNanos, asking -> new OrchestratorMessage.Ordered(order, asking));
    }

    /** How many moves wait for their turn; empty if the orchestrator does not tell within a second. */
    public CompletionStage<OptionalInt> movesPlanned() {
        CompletionStage<OrchestratorReply> reply =
                AskPattern.ask(orchestrator, OrchestratorMessage.AskStatus::new, STATUS_LIMIT, system.scheduler());
        return reply.handle((answer, failure) ->
                answer instanceof OrchestratorReply.Status status ? status.movesPlanned() : OptionalInt.empty());
    }

    /** Any epoch from 0 to the present one. Read from {@code _meta} itself; the orchestrator need not run. */
    public CompletionStage<PastAnswer> topologyAt(Epoch epoch) {
        return meta.loadAt(epoch).thenApply(loaded -> {
            if (loaded instanceof MetaStore.Loaded.Found found) {
                return new PastAnswer.Found(found.topology());
            }
            if (loaded instanceof MetaStore.Loaded.Failed failed) {
                return new PastAnswer.Refused("META_UNAVAILABLE", failed.message());
            }
            return new PastAnswer.Refused(
                    "EPOCH_NOT_FOUND",
                    "there is no epoch " + epoch + " yet; the newest is about "
                            + view.current().epoch());
        });
    }

    /**
     * What happened from the epoch after {@code after} on up to {@code to}, both known to be there. Read from {@code _meta}
     * itself, record by record: ask for no more than people want to read.
     */
    public CompletionStage<HistoryAnswer> history(Epoch after, Epoch to) {
        return meta.history(after, to)
                .handle((changes, failure) -> failure == null
                        ? new HistoryAnswer.Found(changes)
                        : new HistoryAnswer.Refused("META_UNAVAILABLE", String.valueOf(failure.getMessage())));
    }

    /** A partition has a primary. Returns at once; it is repeated until the topology shows that term or a newer one. */
    public void reportPrimary(PartitionId partition, Term term, NodeId primary) {
        reporter.tell(new PrimaryReporter.Elected(partition, new Primary(term, primary)));
    }

    /** Where the orchestrator runs, to the best of this node's knowledge. */
    public Optional<NodeId> orchestratorNode() {
        return states.oldest();
    }

    private CompletionStage<ChangeAnswer> ask(long deadlineNanos, Function<Asking, OrchestratorMessage> message) {
        long millisLeft = millisTo(deadlineNanos);
        if (millisLeft <= 0) {
            return CompletableFuture.completedFuture(
                    new ChangeAnswer.Refused("DEADLINE_EXCEEDED", "the deadline had passed before anything was done"));
        }
        String requestId = UUID.randomUUID().toString();
        var repeating = new AtomicReference<Cancellable>();
        CompletionStage<OrchestratorReply> reply = AskPattern.ask(
                orchestrator,
                (ActorRef<OrchestratorReply> replyTo) -> {
                    repeating.set(system.scheduler()
                            .scheduleWithFixedDelay(
                                    REPEAT,
                                    REPEAT,
                                    () -> orchestrator.tell(message.apply(
                                            new Asking(requestId, true, millisTo(deadlineNanos), replyTo))),
                                    system.executionContext()));
                    return message.apply(new Asking(requestId, false, millisLeft, replyTo));
                },
                Duration.ofMillis(millisLeft),
                system.scheduler());
        return reply.handle((answer, failure) -> {
                    repeating.get().cancel();
                    return failure == null
                            ? answer
                            : new OrchestratorReply.Unknown("the orchestrator did not answer in " + millisLeft + " ms");
                })
                .thenCompose(answer -> answered(answer, deadlineNanos));
    }

    private static long millisTo(long deadlineNanos) {
        return TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime());
    }

    private CompletionStage<ChangeAnswer> answered(OrchestratorReply reply, long deadlineNanos) {
        if (reply instanceof OrchestratorReply.Done done) {
            var epoch = new Epoch(done.epoch());
            ChangeAnswer answer = new ChangeAnswer.Done(epoch, done.partitionsNotReady());
            long nanosLeft = Math.max(1, deadlineNanos - System.nanoTime());
            return view.reached(epoch)
                    .toCompletableFuture()
                    .completeOnTimeout(view.current(), nanosLeft, TimeUnit.NANOSECONDS)
                    .thenApply(topology -> answer);
        }
        if (reply instanceof OrchestratorReply.Refused refused) {
            return CompletableFuture.completedFuture(new ChangeAnswer.Refused(refused.reason(), refused.message()));
        }
        return CompletableFuture.completedFuture(
                new ChangeAnswer.Unknown(((OrchestratorReply.Unknown) reply).message()));
    }
}
