package io.aitta.partition;

import com.google.protobuf.ByteString;
import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.kv.KeySpan;
import io.aitta.core.kv.Value;
import io.aitta.partition.PartitionAccess.ChangesAnswer;
import io.aitta.partition.PartitionAccess.CountAnswer;
import io.aitta.partition.PartitionAccess.ReadAnswer;
import io.aitta.partition.PartitionAccess.ReadLevel;
import io.aitta.partition.PartitionAccess.Reason;
import io.aitta.partition.PartitionAccess.Refusal;
import io.aitta.partition.PartitionAccess.ScanAnswer;
import io.aitta.partition.PartitionAccess.ScanQuery;
import io.aitta.partition.ScanServer.Reply;
import io.aitta.store.ReplicaStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/**
 * Where a node's scans and counts go out, to its own replicas or another node's, and their answers come in. A scan goes
 * on at the moment it began with, which lives on one node; only a scan that may do without it begins again elsewhere.
 * Thread-safe.
 */
public final class ScanDesk {
    /** Each of them but the first comes after the primary was found anew, so this many should never be needed. */
    private static final int MAX_TRIES = 5;

    /** Between a moment's node and its number; a node's id holds no such character. */
    private static final char SEPARATOR = '/';

    private record Waiting(NodeId node, CompletableFuture<Optional<Reply>> answer) {}

    private record Moment(NodeId node, long number) {
        static Optional<Moment> parse(String text) {
            int separator = text.indexOf(SEPARATOR);
            try {
                return Optional.of(new Moment(
                        new NodeId(text.substring(0, separator)), Long.parseLong(text.substring(separator + 1))));
            } catch (RuntimeException noMoment) {
                return Optional.empty();
            }
        }

        @Override
        public String toString() {
            return node.value() + SEPARATOR + number;
        }
    }

    private record Started(ActorSystem<?> system, ActorRef<ScanServer.Command> server, LocalScans local) {}

    /** Makes what one try says to a node. */
    @FunctionalInterface
    private interface Asking {
        ScanServer.Ask ask(ScanServer.Level level, long moment, long correlation, ActorRef<Reply> replyTo);
    }

    private final NodeId self;
    private final LocalReplicas replicas;
    private final NodeDirectory directory;
    private final Placements placements;
    private final PartitionAccess reads;
    private final Map<Long, Waiting> waiting = new ConcurrentHashMap<>();
    private final AtomicLong lastCorrelation = new AtomicLong();
    /** Null until the actor has started. */
    private volatile Started started;

    /** @param reads by which a primary's lease is renewed */
    ScanDesk(
            NodeId self,
            LocalReplicas replicas,
            NodeDirectory directory,
            Placements placements,
            PartitionAccess reads) {
        this.self = self;
        this.replicas = replicas;
        this.directory = directory;
        this.placements = placements;
        this.reads = reads;
        replicas.onLost(this::nodeLost);
    }

    /** The actor to be spawned once under {@link ScanServer#NAME}; until it runs, all is refused. */
    public Behavior<ScanServer.Command> behavior(ScanSettings settings) {
        return Behaviors.setup(context -> {
            var moments = new Moments(settings.moments(), settings.keep(), System::nanoTime);
            replicas.onRemoved(moments::endAllOf);
            var local = new LocalScans(
                    self,
                    replicas,
                    moments,
                    context.getSystem().dispatchers().lookup(DispatcherSelector.fromConfig(ReplicaWiring.DISPATCHER)));
            started = new Started(context.getSystem(), context.getSelf(), local);
            return ScanServer.create(local, moments, this::take);
        });
    }

    /** See {@link PartitionAccess#scan}. */
    CompletionStage<ScanAnswer> scan(PartitionId partition, ScanQuery query, ReadLevel level, long deadlineNanos) {
        var run = new Run(
                partition,
                level,
                deadlineNanos,
                (asked, moment, correlation, replyTo) -> new ScanServer.ScanAsk(
                        partition.toString(),
                        asked,
                        query.span().from().toByteArray(),
                        query.span().to().toByteArray(),
                        bytes(query.tag()),
                        bytes(query.after()),
                        query.maxRows(),
                        query.maxBytes(),
                        query.keysOnly(),
                        query.expired(),
                        moment,
                        correlation,
                        replyTo));
        if (query.moment().isEmpty()) {
            run.begin();
        } else {
            run.resume(query.moment(), query.relaxed());
        }
        return run.result.thenApply(reply ->
                reply instanceof ScanServer.Rows rows ? page(rows, run.node) : new ScanAnswer.Refused(refusal(reply)));
    }

    /** See {@link PartitionAccess#count}. */
    CompletionStage<CountAnswer> count(PartitionId partition, KeySpan span, ReadLevel level, long deadlineNanos) {
        var run = new Run(
                partition,
                level,
                deadlineNanos,
                (asked, moment, correlation, replyTo) -> new ScanServer.CountAsk(
                        partition.toString(),
                        asked,
                        span.from().toByteArray(),
                        span.to().toByteArray(),
                        correlation,
                        replyTo));
        run.begin();
        return run.result.thenApply(reply -> reply instanceof ScanServer.Counted counted
                ? new CountAnswer.Counted(
                        new ReplicaStore.Estimate(counted.keys(), counted.bytes(), counted.exact()), counted.index())
                : new CountAnswer.Refused(refusal(reply)));
    }

    /** See {@link PartitionAccess#changes}. */
    CompletionStage<ChangesAnswer> changes(
            PartitionId partition, long afterIndex, int maxBytes, String moment, long deadlineNanos) {
        var run = new Run(
                partition,
                ReadLevel.STRONG,
                deadlineNanos,
                (asked, number, correlation, replyTo) -> new ScanServer.ChangesAsk(
                        partition.toString(), asked, afterIndex, maxBytes, number, correlation, replyTo));
        if (moment.isEmpty()) {
            run.begin();
        } else {
            run.resume(moment, false);
        }
        return run.result.thenApply(reply -> reply instanceof ScanServer.ChangedRows changed
                ? changed(changed, run.node)
                : new ChangesAnswer.Refused(refusal(reply)));
    }

    private static ChangesAnswer changed(ScanServer.ChangedRows changed, NodeId node) {
        return changed.changes() == null
                ? ChangesAnswer.Forgotten.INSTANCE
                : new ChangesAnswer.Page(
                        ChangesCodec.decode(changed.changes()),
                        changed.last() ? "" : new Moment(node, changed.moment()).toString(),
                        changed.index(),
                        changed.term(),
                        changed.timestampMillis());
    }

    /** See {@link PartitionAccess#giveUp}. */
    void giveUp(PartitionId partition, String moment) {
        var here = started;
        Moment.parse(moment).filter(known -> here != null).ifPresent(known -> {
            var giveUp = new ScanServer.GiveUp(partition.toString(), known.number());
            if (known.node().equals(self)) {
                here.local().giveUp(giveUp);
            } else {
                serverOf(known.node()).ifPresent(there -> there.tell(giveUp));
            }
        });
    }

    private static ScanAnswer page(ScanServer.Rows rows, NodeId node) {
        var page = new ArrayList<ReplicaStore.Row>(rows.keys().size());
        for (int i = 0; i < rows.keys().size(); i++) {
            page.add(new ReplicaStore.Row(
                    ByteString.copyFrom(rows.keys().get(i)),
                    new Value(rows.values().get(i), rows.versions()[i], rows.expiries()[i])));
        }
        boolean ended = rows.next() == null;
        return new ScanAnswer.Page(
                new ReplicaStore.Page(page, ended ? null : ByteString.copyFrom(rows.next())),
                ended ? "" : new Moment(node, rows.moment()).toString(),
                rows.index(),
                rows.term(),
                rows.timestampMillis());
    }

    private static Refusal refusal(Reply reply) {
        var refused = (ScanServer.Refused) reply;
        return new Refusal(refused.reason(), refused.message());
    }

    private static byte[] bytes(ByteString bytes) {
        return bytes == null ? null : bytes.toByteArray();
    }

    /** One scan's page, or one count, under way: one step follows the other. */
    private final class Run {
        final CompletableFuture<Reply> result = new CompletableFuture<>();
        private final PartitionId partition;
        private final long deadlineNanos;
        private final Asking asking;
        private ReadLevel level;
        private int tries;
        /** Who was said to be primary by the replica asked last; null: nobody was. */
        private NodeId hint;
        /** Who was asked last. */
        private NodeId node;

        Run(PartitionId partition, ReadLevel level, long deadlineNanos, Asking asking) {
            this.partition = partition;
            this.level = level;
            this.deadlineNanos = deadlineNanos;
            this.asking = asking;
        }

        /** At the moment that was begun with; if that is gone, at a new one if that will do. */
        void resume(String text, boolean relaxed) {
            var moment = Moment.parse(text);
            if (moment.isEmpty()) {
                gone(text, relaxed);
                return;
            }
            ask(moment.get().node(), moment.get().number(), reply -> {
                if (reply.isEmpty() || reply.get() instanceof ScanServer.Gone) {
                    gone(text, relaxed);
                } else {
                    result.complete(reply.get());
                }
            });
        }

        private void gone(String moment, boolean relaxed) {
            if (relaxed) {
                begin();
            } else {
                refuse(
                        Reason.SCAN_EXPIRED,
                        "the moment of this scan of " + partition + " (" + moment
                                + ") is gone: it was not used for a while, or its node was lost; begin the scan again,"
                                + " or let it go on at a later moment (relaxed)");
            }
        }

        /** At a new moment, on a replica that may answer. */
        void begin() {
            if (deadlineNanos - System.nanoTime() <= 0) {
                refuse(Reason.DEADLINE_EXCEEDED, "the deadline passed before the work was begun");
                return;
            }
            var target = route();
            if (target.isEmpty()) {
                var nobody = PartitionDesk.nobodyToAsk(partition, self, placements);
                refuse(nobody.reason(), nobody.message());
                return;
            }
            ask(target.get(), 0, reply -> {
                if (reply.isPresent() && !(reply.get() instanceof ScanServer.NotHere)) {
                    result.complete(reply.get());
                } else {
                    again(reply);
                }
            });
        }

        private void again(Optional<Reply> notHere) {
            tries++;
            hint = notHere.map(reply -> ((ScanServer.NotHere) reply).primary())
                    .map(NodeId::new)
                    .orElse(null);
            if (tries >= MAX_TRIES) {
                refuse(
                        Reason.NO_PRIMARY,
                        "asked " + tries + " times without finding a replica of " + partition + " that may answer");
            } else if (!(level instanceof ReadLevel.Strong)) {
                // A replica that is not fresh enough leaves the primary; of one that was lost there may be another.
                level = notHere.isPresent() ? ReadLevel.STRONG : level;
                begin();
            } else {
                confirm();
            }
        }

        /** The lease has lapsed, or the primary is another one: a strong read of whatever key sees to both. */
        private void confirm() {
            reads.read(partition, List.of(new byte[1]), ReadLevel.STRONG, deadlineNanos)
                    .thenAccept(answer -> {
                        if (answer instanceof ReadAnswer.Refused refused) {
                            refuse(refused.refusal().reason(), refused.refusal().message());
                        } else {
                            begin();
                        }
                    });
        }

        private void refuse(Reason reason, String message) {
            result.complete(new ScanServer.Refused(0, reason, message));
        }

        /** @param then told nothing if the node cannot be reached, or is lost before it answers */
        private void ask(NodeId target, long moment, Consumer<Optional<Reply>> then) {
            var here = started;
            if (here == null) {
                refuse(Reason.NO_PRIMARY, "node " + self + " is starting");
                return;
            }
            node = target;
            var asked = ScanServer.Level.of(level);
            if (target.equals(self)) {
                here.local().answer(asking.ask(asked, moment, 0, null), reply -> then.accept(Optional.of(reply)));
                return;
            }
            var there = serverOf(target);
            if (there.isEmpty()) {
                then.accept(Optional.empty());
                return;
            }
            long correlation = lastCorrelation.incrementAndGet();
            var answer = new CompletableFuture<Optional<Reply>>();
            waiting.put(correlation, new Waiting(target, answer));
            answer.completeOnTimeout(
                            Optional.of(new ScanServer.Refused(
                                    correlation, Reason.NO_PRIMARY, "node " + target + " did not answer in time")),
                            Math.max(1, deadlineNanos - System.nanoTime()),
                            TimeUnit.NANOSECONDS)
                    .thenAccept(reply -> {
                        waiting.remove(correlation);
                        then.accept(reply);
                    });
            there.get()
                    .tell(asking.ask(asked, moment, correlation, here.server().narrow()));
        }

        private Optional<NodeId> route() {
            var here = replicas.get(partition);
            if (!(level instanceof ReadLevel.Strong)
                    && here != null
                    && here.status().isPresent()) {
                return Optional.of(self);
            }
            if (hint != null && isReachable(hint)) {
                return Optional.of(hint);
            }
            var primary = here != null ? here.primary() : placements.primaryOf(partition);
            if (primary.isPresent() && isReachable(primary.get())) {
                return primary;
            }
            return here != null
                    ? Optional.of(self)
                    : placements.holdersOf(partition).stream()
                            .filter(ScanDesk.this::isReachable)
                            .findFirst();
        }
    }

    private boolean isReachable(NodeId node) {
        return node.equals(self) || directory.isReachable(node);
    }

    private Optional<ActorRef<ScanServer.Command>> serverOf(NodeId node) {
        return directory.isReachable(node)
                ? directory.residentOn(node, ScanServer.NAME, started.system())
                : Optional.empty();
    }

    private void take(Reply reply) {
        var asked = waiting.get(reply.correlation());
        if (asked != null) {
            asked.answer.complete(Optional.of(reply));
        }
    }

    private void nodeLost(NodeId node) {
        for (var asked : waiting.values()) {
            if (asked.node.equals(node)) {
                asked.answer.complete(Optional.empty());
            }
        }
    }
}
