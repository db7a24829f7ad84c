package io.aitta.partition;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.kv.KeySpan;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/**
 * Where a node's requests to partitions go out and their answers come in. A read that a replica of this node may answer
 * is answered at once, by the calling thread; everything else is told to a replica and waited for here, in one table
 * with one timer for the whole node. The writes of one call are one entry of it.
 *
 * <p>What was sent is touched by the desk's actor alone: so nothing is answered twice, whatever comes at the same time.
 */
public final class PartitionDesk implements PartitionAccess {
    private static final Duration SWEEP = Duration.ofMillis(50);
    /** How much longer than its deadline a request is waited for: the replica's own refusal says more than ours. */
    private static final long GRACE_NANOS = Duration.ofMillis(100).toNanos();

    /** What the desk's actor takes in, beside answers. */
    private record Sweep() {}

    private record NodeLost(NodeId node) {}

    private final NodeId self;
    private final LocalReplicas replicas;
    private final NodeDirectory directory;
    private final Placements placements;
    private final ReplicaRefs refs;
    private final ScanDesk scans;
    private final Map<Long, Waiting> waiting = new ConcurrentHashMap<>();
    private final AtomicLong lastCorrelation = new AtomicLong();
    /** Null before the actor is there. */
    private volatile ActorRef<Replica.Answer> actor;

    public PartitionDesk(
            NodeId self, LocalReplicas replicas, NodeDirectory directory, Placements placements, ReplicaRefs refs) {
        this.self = self;
        this.replicas = replicas;
        this.directory = directory;
        this.placements = placements;
        this.refs = refs;
        this.scans = new ScanDesk(self, replicas, directory, placements, this);
        replicas.onLost(this::nodeLost);
    }

    /** The actor that takes the answers in. To be spawned once, and made known by {@link #answeredBy}. */
    public Behavior<Replica.Answer> behavior() {
        Behavior<Object> behavior = Behaviors.setup(context -> Behaviors.withTimers(timers -> {
            timers.startTimerWithFixedDelay(new Sweep(), SWEEP);
            return Behaviors.receive(Object.class)
                    .onMessage(Replica.Answer.class, answer -> {
                        take(answer);
                        return Behaviors.same();
                    })
                    .onMessage(NodeLost.class, lost -> {
                        onNodeLost(lost.node());
                        return Behaviors.same();
                    })
                    .onMessage(Sweep.class, sweep -> {
                        sweep();
                        return Behaviors.same();
                    })
                    .build();
        }));
        return behavior.narrow();
    }

    /** To be called before the first request. */
    public void answeredBy(ActorRef<Replica.Answer> spawned) {
        actor = spawned;
    }

    // ---- requests -----------------------------------------------------------------------------------------------

    @Override
    public void writeAll(
            PartitionId partition,
            List<byte[]> operations,
            Acknowledgement acknowledgement,
            long deadlineNanos,
            WriteObserver observer) {
        if (operations.isEmpty()) {
            return;
        }
        var writes = new WaitingWrites(partition, deadlineNanos, operations.size(), observer);
        boolean fast = acknowledgement == Acknowledgement.FAST;
        send(writes, route(partition), (group, to) -> {
            var run = new WriteRun(group, 0, operations, fast, deadlineNanos, actor, 0, writes.begunNanos);
            // Between actors of one node nothing is copied, and nothing is too large.
            int maxBytes = writes.sentTo.equals(self) ? Integer.MAX_VALUE : ReplicaWire.MESSAGE_BYTES;
            run.messages(maxBytes, 0, System.nanoTime()).forEach(to::tell);
        });
    }

    @Override
    public CompletionStage<ScanAnswer> scan(
            PartitionId partition, ScanQuery query, ReadLevel level, long deadlineNanos) {
        return scans.scan(partition, query, level, deadlineNanos);
    }

    @Override
    public CompletionStage<ChangesAnswer> changes(
            PartitionId partition, long afterIndex, int maxBytes, String moment, long deadlineNanos) {
        return scans.changes(partition, afterIndex, maxBytes, moment, deadlineNanos);
    }

    @Override
    public void giveUp(PartitionId partition, String moment) {
        scans.giveUp(partition, moment);
    }

    @Override
    public CompletionStage<CountAnswer> count(
            PartitionId partition, KeySpan span, ReadLevel level, long deadlineNanos) {
        return scans.count(partition, span, level, deadlineNanos);
    }

    /** Where scans and counts go out. */
    public ScanDesk scans() {
        return scans;
    }

    @Override
    public CompletionStage<ReadAnswer> read(
            PartitionId partition, List<byte[]> keys, ReadLevel level, long deadlineNanos) {
        var local = replicas.get(partition);
        if (local != null) {
            var reading = local.read(keys, level);
            if (reading.isPresent()) {
                return CompletableFuture.completedFuture(new ReadAnswer.Values(
                        reading.get().values(), reading.get().index()));
            }
        }
        var read = new WaitingRead(partition, deadlineNanos, keys, level);
        sendRead(read);
        return read.answer;
    }

    private void sendRead(WaitingRead read) {
        send(
                read,
                routeRead(read.partition, read.level),
                (correlation, to) -> to.tell(new Replica.Read(
                        List.copyOf(read.rest()),
                        read.level,
                        remainingMillis(read.deadlineNanos),
                        actor,
                        correlation,
                        0)));
    }

    private interface Sender {
        void send(long correlation, ReplicaRefs.Ref to);
    }

    private void send(Waiting request, Optional<NodeId> to, Sender sender) {
        if (request.deadlineNanos - System.nanoTime() <= 0) {
            refuse(request, Reason.DEADLINE_EXCEEDED, "the deadline passed before the work was begun");
            return;
        }
        if (to.isEmpty()) {
            var nobody = nobodyToAsk(request.partition, self, placements);
            refuse(request, nobody.reason(), nobody.message());
            return;
        }
        var node = to.get();
        long correlation = lastCorrelation.incrementAndGet();
        request.sentTo = node;
        waiting.put(correlation, request);
        var local = node.equals(self) ? replicas.get(request.partition) : null;
        sender.send(correlation, local != null ? local.front()::tell : refs.of(request.partition, node));
        if (!isReachable(node)) {
            // It was lost while we were about to ask it, and those who waited may have been told before.
            nodeLost(node);
        }
    }

    /** Why no node was found to ask. */
    static Refusal nobodyToAsk(PartitionId partition, NodeId self, Placements placements) {
        var holders = placements.holdersOf(partition);
        return holders.isEmpty()
                ? new Refusal(Reason.PARTITION_NOT_FOUND, "there is no partition " + partition)
                : new Refusal(
                        Reason.NO_QUORUM,
                        "none of " + holders + ", the nodes that hold " + partition + ", can be reached from " + self);
    }

    private static void refuse(Waiting request, Reason reason, String message) {
        request.refused(0, request.count(), new Refusal(reason, message));
    }

    /**
     * The primary if it is known and reachable; else our own replica, which finds it; else any that can be reached, our
     * own last if it has not been started yet.
     */
    private Optional<NodeId> route(PartitionId partition) {
        var local = replicas.get(partition);
        var known = local == null ? Optional.<NodeId>empty() : local.primary();
        var primary = known.isPresent() ? known : placements.primaryOf(partition);
        if (primary.isPresent() && isReachable(primary.get())) {
            return primary;
        }
        if (local != null) {
            return Optional.of(self);
        }
        return otherHolder(partition).or(() -> Optional.of(self).filter(placements.holdersOf(partition)::contains));
    }

    /** What a session has seen may be in our log already; and what need not be fresh is asked of whoever can be reached. */
    private Optional<NodeId> routeRead(PartitionId partition, ReadLevel level) {
        var local = replicas.get(partition);
        if (local != null && local.isAboutToReach(level)) {
            return Optional.of(self);
        }
        return ReadLevel.EVENTUAL.equals(level) ? otherHolder(partition).or(() -> route(partition)) : route(partition);
    }

    private Optional<NodeId> otherHolder(PartitionId partition) {
        return placements.holdersOf(partition).stream()
                .filter(node -> !node.equals(self) && isReachable(node))
                .findFirst();
    }

    private boolean isReachable(NodeId node) {
        return node.equals(self) || directory.isReachable(node);
    }

    private static long remainingMillis(long deadlineNanos) {
        return Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime()));
    }

    // ---- answers ------------------------------------------------------------------------------------------------

    private void take(Replica.Answer answer) {
        if (answer instanceof Replica.Written written) {
            written.outcomes().forEach(outcomes -> take(outcomes, written));
        } else if (answer instanceof Replica.Ordered ordered) {
            for (var range : ordered.ranges()) {
                if (waiting.get(range.request()) instanceof WaitingWrites writes
                        && writes.ordered(range.first(), range.count(), ordered.index())) {
                    waiting.remove(range.request());
                }
            }
        } else if (answer instanceof Replica.ReadValues values) {
            if (waiting.remove(values.correlation()) instanceof WaitingRead read) {
                take(read, values);
            }
        } else if (answer instanceof Replica.Refused refused) {
            var refusal = new Refusal(refused.reason(), refused.message());
            finish(refused.ranges(), (request, range) -> request.refused(range.first(), range.count(), refusal));
        } else if (answer instanceof Replica.OutcomesUnknown unknown) {
            finish(
                    unknown.ranges(),
                    (request, range) -> request.unknown(range.first(), range.count(), unknown.message()));
        }
    }

    private void take(Replica.Outcomes outcomes, Replica.Written written) {
        if (waiting.get(outcomes.group()) instanceof WaitingWrites writes) {
            if (writes.done(outcomes.first(), outcomes.outcomes(), written.index(), written.stages())) {
                waiting.remove(outcomes.group());
            }
            offerEvidence(writes, written.index());
        }
    }

    private void take(WaitingRead read, Replica.ReadValues part) {
        if (part.strong()) {
            offerEvidence(read, part.index());
        }
        if (read.take(part)) {
            read.complete();
        } else {
            sendRead(read);
        }
    }

    /** The primary has reached this index, and everything that was committed before the request was made is not above. */
    private void offerEvidence(Waiting request, long index) {
        var local = replicas.get(request.partition);
        if (local != null) {
            local.offerEvidence(index, request.begunNanos);
        }
    }

    private interface Finish {
        boolean isOver(Waiting request, Replica.Range range);
    }

    private void finish(List<Replica.Range> ranges, Finish how) {
        for (var range : ranges) {
            var request = waiting.get(range.request());
            if (request != null && how.isOver(request, range)) {
                waiting.remove(range.request());
            }
        }
    }

    private void sweep() {
        long now = System.nanoTime();
        waiting.forEach((correlation, request) -> {
            if (request.deadlineNanos + GRACE_NANOS - now <= 0 && waiting.remove(correlation, request)) {
                request.unknown(
                        0, request.count(), "no answer from partition " + request.partition + " before the deadline");
            }
        });
    }

    private void nodeLost(NodeId node) {
        var running = actor;
        if (running != null) {
            running.<Object>unsafeUpcast().tell(new NodeLost(node));
        }
    }

    /** What was sent to a node that is lost will hardly be answered: better said now than at the deadline. */
    private void onNodeLost(NodeId node) {
        waiting.forEach((correlation, request) -> {
            if (node.equals(request.sentTo) && waiting.remove(correlation, request)) {
                if (request instanceof WaitingRead read) {
                    sendRead(read);
                } else {
                    request.unknown(0, request.count(), "node " + node + " was lost while it had the write");
                }
            }
        });
    }
}
