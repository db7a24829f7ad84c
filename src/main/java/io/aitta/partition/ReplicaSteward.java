package io.aitta.partition;

import io.aitta.config.CborMessage;
import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.replication.Status;
import io.aitta.core.replication.Term;
import io.aitta.core.topology.MoveSteps;
import io.aitta.core.topology.PartitionReport;
import io.aitta.core.topology.StepOrder;
import io.aitta.core.topology.Topology;
import io.aitta.journal.BinlogReader;
import io.aitta.partition.Stewards.NodeReport;
import io.aitta.partition.Stewards.ReplicaReport;
import io.aitta.partition.Stewards.Role;
import io.aitta.store.Store;
import io.aitta.store.StoreException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * Tells whoever looks after replicas how those of this node stand, and hands orders to them: the node's end of {@link
 * Stewards}. What one question is about is bounded, so that every answer fits a message between nodes. A replica that is
 * busy for longer than the asker waits is left out of the answer, never waited for.
 */
public final class ReplicaSteward extends AbstractBehavior<ReplicaSteward.Command> {
    /** The actor's name under the user guardian; part of the protocol between nodes. */
    public static final String NAME = "replica-steward";

    /**
     * Of partitions asked for, orders given, or replicas told of, in one message. The largest report, of a group of ten
     * members with the longest names, takes some 2,500 bytes; a message takes 2 MiB.
     */
    static final int IN_ONE_MESSAGE = 500;

    private static final Duration SAMPLE = Duration.ofSeconds(1);

    public sealed interface Command {}

    /** @param limitMillis how long the asker waits */
    record ReportsAsk(List<PartitionId> partitions, long limitMillis, ActorRef<Reports> replyTo)
            implements Command, CborMessage {}

    record Reports(List<PartitionReport> reports) implements CborMessage {}

    record PerformAsk(List<Ordered> orders, long limitMillis, ActorRef<Performed> replyTo)
            implements Command, CborMessage {}

    /** Of those asked for, each that was not begun, by its place in the list. */
    record Performed(List<NotBegun> declined) implements CborMessage {}

    record NotBegun(int place, String reason, String message) {}

    /**
     * @param partitions empty: all
     * @param after null: from the first on; else the last replica that was told of
     */
    record DescribeAsk(List<PartitionId> partitions, PartitionId after, ActorRef<Described> replyTo)
            implements Command, CborMessage {}

    /** @param more there are others after these */
    record Described(NodeReport report, boolean more) implements CborMessage {}

    private enum Sample implements Command {
        INSTANCE
    }

    /** A {@link StepOrder} between nodes. */
    record Ordered(Kind kind, PartitionId partition, NodeId primary, long term, List<NodeId> nodes) {
        enum Kind {
            ADD_LEARNER,
            PROMOTE,
            REMOVE,
            TRANSFER,
            SLOW_DOWN,
            RECOVER
        }

        static Ordered of(StepOrder order) {
            if (order instanceof StepOrder.AddLearner add) {
                return of(Kind.ADD_LEARNER, order, List.of(add.learner()));
            }
            if (order instanceof StepOrder.Promote promote) {
                return of(Kind.PROMOTE, order, List.of(promote.learner()));
            }
            if (order instanceof StepOrder.Remove remove) {
                return of(Kind.REMOVE, order, List.of(remove.member()));
            }
            if (order instanceof StepOrder.Transfer transfer) {
                return of(Kind.TRANSFER, order, List.of(transfer.target()));
            }
            if (order instanceof StepOrder.SlowDown slowDown) {
                return of(Kind.SLOW_DOWN, order, List.of(slowDown.learner()));
            }
            return of(Kind.RECOVER, order, ((StepOrder.Recover) order).survivors());
        }

        private static Ordered of(Kind kind, StepOrder order, List<NodeId> nodes) {
            return new Ordered(
                    kind, order.partition(), order.primary(), order.term().value(), nodes);
        }

        StepOrder order() {
            var in = new Term(term);
            return switch (kind) {
                case ADD_LEARNER -> new StepOrder.AddLearner(partition, primary, in, nodes.get(0));
                case PROMOTE -> new StepOrder.Promote(partition, primary, in, nodes.get(0));
                case REMOVE -> new StepOrder.Remove(partition, primary, in, nodes.get(0));
                case TRANSFER -> new StepOrder.Transfer(partition, primary, in, nodes.get(0));
                case SLOW_DOWN -> new StepOrder.SlowDown(partition, primary, in, nodes.get(0));
                case RECOVER -> new StepOrder.Recover(partition, primary, in, nodes);
            };
        }
    }

    private final NodeId self;
    private final LocalReplicas replicas;
    private final Store store;
    private final BinlogReader binlogs;
    private final Supplier<Topology> topology;
    private final LoadMeter load = new LoadMeter();

    /** @param topology the newest that this node knows; never an older one than before */
    public static Behavior<Command> create(
            NodeId self, LocalReplicas replicas, Store store, BinlogReader binlogs, Supplier<Topology> topology) {
        return Behaviors.setup(context -> Behaviors.withTimers(
                timers -> new ReplicaSteward(context, timers, self, replicas, store, binlogs, topology)));
    }

    private ReplicaSteward(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            NodeId self,
            LocalReplicas replicas,
            Store store,
            BinlogReader binlogs,
            Supplier<Topology> topology) {
        super(context);
        this.self = self;
        this.replicas = replicas;
        this.store = store;
        this.binlogs = binlogs;
        this.topology = topology;
        onSample();
        timers.startTimerWithFixedDelay(Sample.INSTANCE, SAMPLE);
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(ReportsAsk.class, this::onReports)
                .onMessage(PerformAsk.class, this::onPerform)
                .onMessage(DescribeAsk.class, this::onDescribe)
                .onMessage(Sample.class, sample -> onSample())
                .build();
    }

    private Behavior<Command> onSample() {
        load.sample(System.nanoTime(), replicas.writesOrdered(), replicas.readsServed());
        return this;
    }

    // ---- reports ------------------------------------------------------------------------------------------------

    private Behavior<Command> onReports(ReportsAsk ask) {
        var answers = new ArrayList<CompletableFuture<Optional<PartitionReport>>>();
        var epoch = topology.get().epoch();
        for (var id : ask.partitions()) {
            var replica = replicas.get(id);
            if (replica != null && isPrimary(replica)) {
                var answer = new CompletableFuture<Optional<PartitionReport>>();
                answers.add(answer);
                replica.log().tell(new ReplicaLog.Inspect(answer));
            }
        }
        whenAnswered(answers, ask.limitMillis(), () -> ask.replyTo()
                .tell(new Reports(answers.stream()
                        .flatMap(answer -> answer.getNow(Optional.empty()).stream())
                        .map(report -> report.withEpoch(epoch))
                        .toList())));
        return this;
    }

    private static boolean isPrimary(LocalReplica replica) {
        return replica.status()
                .filter(status -> status.role() == Status.Role.PRIMARY)
                .isPresent();
    }

    /** Runs {@code then} when all have answered, or shortly before nobody waits for it any more. */
    private static <T> void whenAnswered(List<CompletableFuture<T>> answers, long limitMillis, Runnable then) {
        long wait = limitMillis - Math.min(100, limitMillis / 4);
        CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .completeOnTimeout(null, wait, TimeUnit.MILLISECONDS)
                .thenRun(then);
    }

    // ---- orders -------------------------------------------------------------------------------------------------

    private Behavior<Command> onPerform(PerformAsk ask) {
        var answers = new ArrayList<CompletableFuture<Optional<Stewards.Declined>>>();
        ask.orders().forEach(order -> answers.add(hand(order.order())));
        whenAnswered(answers, ask.limitMillis(), () -> {
            var declined = new ArrayList<NotBegun>();
            for (int place = 0; place < answers.size(); place++) {
                declined(place, answers.get(place), declined::add);
            }
            ask.replyTo().tell(new Performed(declined));
        });
        return this;
    }

    private CompletableFuture<Optional<Stewards.Declined>> hand(StepOrder order) {
        var replica = order.primary().equals(self) ? replicas.get(order.partition()) : null;
        if (replica == null || replica.status().isEmpty()) {
            return CompletableFuture.completedFuture(Optional.of(new Stewards.Declined(
                    order, "NO_REPLICA", "node " + self + " has no running replica of " + order.partition())));
        }
        var known = topology.get();
        if (!MoveSteps.allows(known, order)) {
            return CompletableFuture.completedFuture(Optional.of(new Stewards.Declined(
                    order, "NOT_WANTED", "the topology of epoch " + known.epoch() + " wants no such change")));
        }
        var answer = new CompletableFuture<Optional<Stewards.Declined>>();
        replica.log().tell(new ReplicaLog.Perform(order, answer));
        return answer;
    }

    private void declined(int place, CompletableFuture<Optional<Stewards.Declined>> answer, Consumer<NotBegun> to) {
        if (answer.isDone()) {
            answer.join().ifPresent(why -> to.accept(new NotBegun(place, why.reason(), why.message())));
        } else {
            to.accept(new NotBegun(place, "NO_ANSWER", "the replica on " + self + " did not answer in time"));
        }
    }

    // ---- what there is ------------------------------------------------------------------------------------------

    private Behavior<Command> onDescribe(DescribeAsk ask) {
        var wanted = new HashSet<>(ask.partitions());
        var all = replicas.all().stream()
                .filter(replica -> wanted.isEmpty() || wanted.contains(replica.id()))
                .filter(replica -> ask.after() == null || replica.id().compareTo(ask.after()) > 0)
                .sorted((a, b) -> a.id().compareTo(b.id()))
                .toList();
        var told = all.stream().limit(IN_ONE_MESSAGE).map(this::describe).toList();
        boolean more = all.size() > told.size();
        long storeBytes = storeBytes();
        double writes = load.writesPerSecond();
        double reads = load.readsPerSecond();
        binlogs.databaseBytes().whenComplete((journalBytes, failure) -> {
            if (failure != null) {
                getContext().getSystem().log().warn("The size of the journal is not known", failure);
            }
            ask.replyTo()
                    .tell(new Described(
                            new NodeReport(
                                    self,
                                    told,
                                    storeBytes,
                                    failure == null ? journalBytes : 0,
                                    writes,
                                    reads,
                                    ManagementFactory.getRuntimeMXBean().getUptime(),
                                    more ? List.of() : replicas.handOvers().newest()),
                            more));
        });
        return this;
    }

    private long storeBytes() {
        try {
            return store.sizeBytes();
        } catch (StoreException failure) {
            getContext().getLog().warn("The size of the store is not known", failure);
            return 0;
        }
    }

    private ReplicaReport describe(LocalReplica replica) {
        var copying = replica.copying().orElse(new LocalReplica.Copying(0, 0));
        var status = replica.status().orElse(null);
        if (status == null) {
            return new ReplicaReport(
                    replica.id(), true, Role.SECONDARY, Optional.empty(), 0, 0, 0, 0, 0, 0, false, false);
        }
        return new ReplicaReport(
                replica.id(),
                false,
                role(status),
                status.primary(),
                status.term().value(),
                status.lastIndex().value(),
                status.lastTerm().value(),
                replica.reached(),
                copying.fetched(),
                copying.total(),
                status.transferring(),
                replica.slowedFor().isPresent());
    }

    /** One that knows no group yet can only become a learner of one. */
    private Role role(Status status) {
        if (status.role() == Status.Role.PRIMARY) {
            return Role.PRIMARY;
        }
        return status.membership().isVoter(self) ? Role.SECONDARY : Role.LEARNER;
    }
}
