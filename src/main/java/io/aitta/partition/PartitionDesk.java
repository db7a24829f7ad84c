package io.aitta.partition;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.kv.KeySpan;
import io.aitta.core.kv.Value;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/**
 * Where a node's requests to partitions go out and their answers come in. A strong read of a partition whose primary is
 * here is answered at once, by the calling thread; everything else is told to a replica and waited for here, in one
 * table with one timer for the whole node.
 */
public final class PartitionDesk implements PartitionAccess {
    private static final Duration SWEEP = Duration.ofMillis(50);
    /** How much longer than its deadline a request is waited for: the replica's own refusal says more than ours. */
    private static final long GRACE_NANOS = Duration.ofMillis(100).toNanos();

    /** What the desk's actor takes in. */
    private record Sweep() {}

    private abstract static class Waiting {
        final PartitionId partition;
        final long deadlineNanos;
        /** The node whose loss would lose the request or its answer. */
        volatile NodeId sentTo;

        Waiting(PartitionId partition, long deadlineNanos) {
            this.partition = partition;
            this.deadlineNanos = deadlineNanos;
        }

        abstract void refused(Reason reason, String message);

        abstract void unknown(String message);
    }

    private static final class WaitingWrite extends Waiting {
        final CompletableFuture<WriteAnswer> answer = new CompletableFuture<>();

        WaitingWrite(PartitionId partition, long deadlineNanos) {
            super(partition, deadlineNanos);
        }

        @Override
        void refused(Reason reason, String message) {
            answer.complete(new WriteAnswer.Refused(new Refusal(reason, message)));
        }

        @Override
        void unknown(String message) {
            answer.complete(new WriteAnswer.Unknown(message));
        }
    }

    private static final class WaitingRead extends Waiting {
        final CompletableFuture<ReadAnswer> answer = new CompletableFuture<>();
        final List<byte[]> keys;
        final ReadLevel level;
        /** What came so far; answers that would not fit one message come in parts. */
        final List<Optional<Value>> values = new ArrayList<>();

        WaitingRead(PartitionId partition, long deadlineNanos, List<byte[]> keys, ReadLevel level) {
            super(partition, deadlineNanos);
            this.keys = keys;
            this.level = level;
        }

        @Override
        void refused(Reason reason, String message) {
            answer.complete(new ReadAnswer.Refused(new Refusal(reason, message)));
        }

        @Override
        void unknown(String message) {
            refused(Reason.NO_PRIMARY, message);
        }
    }

    private final NodeId self;
    private final LocalReplicas replicas;
    private final NodeDirectory directory;
    private final Placements placements;
    private final ReplicaEntities entities;
    private final ScanDesk scans;
    private final Map<Long, Waiting> waiting = new ConcurrentHashMap<>();
    private final AtomicLong lastCorrelation = new AtomicLong();
    private volatile ActorRef<Replica.Answer> answers;

    public PartitionDesk(
            NodeId self,
            LocalReplicas replicas,
            NodeDirectory directory,
            Placements placements,
            ReplicaEntities entities) {
        this.self = self;
        this.replicas = replicas;
        this.directory = directory;
        this.placements = placements;
        this.entities = entities;
        this.scans = new ScanDesk(self, replicas, directory, placements, this);
        replicas.onLost(this::nodeLost);
    }

    /** The actor that takes the answers in. To be spawned once, before the first request. */
    public Behavior<Replica.Answer> behavior() {
        Behavior<Object> behavior = Behaviors.setup(context -> Behaviors.withTimers(timers -> {
            answers = context.getSelf().narrow();
            timers.startTimerWithFixedDelay(new Sweep(), SWEEP);
            return Behaviors.receive(Object.class)
                    .onMessage(Replica.Answer.class, answer -> {
                        take(answer);
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

    @Override
    public void writeAll(
            PartitionId partition,
            List<byte[]> operations,
            Acknowledgement acknowledgement,
            long deadlineNanos,
            WriteObserver observer) {
        for (int i = 0; i < operations.size(); i++) {
            int position = i;
            var operation = operations.get(i);
            var write = new WaitingWrite(partition, deadlineNanos);
            write.answer.thenAccept(answer -> observer.answered(position, answer));
            send(
                    write,
                    (correlation, target) -> target.tell(
                            new Replica.Write(operation, remainingMillis(deadlineNanos), answers, correlation, 0)));
        }
    }

    @Override
    public CompletionStage<ScanAnswer> scan(
            PartitionId partition, ScanQuery query, ReadLevel level, long deadlineNanos) {
        return scans.scan(partition, query, level, deadlineNanos);
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
            var values = level instanceof ReadLevel.Eventual && local.status().isPresent()
                    ? Optional.of(local.readApplied(keys))
                    : local.readStrong(keys);
            if (values.isPresent()) {
                return CompletableFuture.completedFuture(new ReadAnswer.Values(values.get(), 0));
            }
        }
        var read = new WaitingRead(partition, deadlineNanos, keys, level);
        sendRead(read);
        return read.answer;
    }

    private void sendRead(WaitingRead read) {
        var rest = read.values.isEmpty() ? read.keys : read.keys.subList(read.values.size(), read.keys.size());
        send(
                read,
                (correlation, target) -> target.tell(new Replica.Read(
                        List.copyOf(rest),
                        read.level instanceof ReadLevel.Strong,
                        remainingMillis(read.deadlineNanos),
                        answers,
                        correlation,
                        0)));
    }

    private interface Sender {
        void send(long correlation, ReplicaEntities.Ref target);
    }

    private void send(Waiting request, Sender sender) {
        if (request.deadlineNanos - System.nanoTime() <= 0) {
            request.refused(Reason.DEADLINE_EXCEEDED, "the deadline passed before the work was begun");
            return;
        }
        var node = route(request.partition);
        if (node.isEmpty()) {
            boolean exists = !placements.holdersOf(request.partition).isEmpty();
            request.refused(
                    exists ? Reason.NO_QUORUM : Reason.PARTITION_NOT_FOUND,
                    exists
                            ? "none of the nodes that hold " + request.partition + " can be reached from " + self
                            : "there is no partition " + request.partition);
            return;
        }
        long correlation = lastCorrelation.incrementAndGet();
        request.sentTo = node.get();
        waiting.put(correlation, request);
        var local = node.get().equals(self) ? replicas.get(request.partition) : null;
        sender.send(correlation, local != null ? local.front()::tell : entities.of(request.partition, node.get()));
    }

    /** The primary if it is known and reachable; else our own replica, which finds it; else any that can be reached. */
    private Optional<NodeId> route(PartitionId partition) {
        var local = replicas.get(partition);
        var primary = local != null ? local.primary() : placements.primaryOf(partition);
        if (primary.isPresent() && isReachable(primary.get())) {
            return primary;
        }
        if (local != null) {
            return Optional.of(self);
        }
        return placements.holdersOf(partition).stream()
                .filter(this::isReachable)
                .findFirst();
    }

    private boolean isReachable(NodeId node) {
        return node.equals(self) || directory.isReachable(node);
    }

    private static long remainingMillis(long deadlineNanos) {
        return Math.max(1, Duration.ofNanos(deadlineNanos - System.nanoTime()).toMillis());
    }

    // ---- answers ------------------------------------------------------------------------------------------------

    private void take(Replica.Answer answer) {
        if (answer instanceof Replica.WriteAnswers written) {
            for (int i = 0; i < written.correlations().size(); i++) {
                if (waiting.remove(written.correlations().get(i)) instanceof WaitingWrite write) {
                    write.answer.complete(
                            new WriteAnswer.Done(written.outcomes().get(i), 0));
                }
            }
        } else if (answer instanceof Replica.ReadValues values) {
            if (waiting.remove(values.correlation()) instanceof WaitingRead read) {
                take(read, values);
            }
        } else if (answer instanceof Replica.Refused refused) {
            finish(refused.correlations(), request -> request.refused(refused.reason(), refused.message()));
        } else if (answer instanceof Replica.OutcomesUnknown unknown) {
            finish(unknown.correlations(), request -> request.unknown(unknown.message()));
        }
    }

    private void take(WaitingRead read, Replica.ReadValues part) {
        for (var value : part.values()) {
            read.values.add(
                    value.bytes() == null
                            ? Optional.empty()
                            : Optional.of(new Value(value.bytes(), value.version(), value.expiresAtMillis())));
        }
        if (read.values.size() < read.keys.size()) {
            sendRead(read);
        } else {
            read.answer.complete(new ReadAnswer.Values(read.values, 0));
        }
    }

    private void finish(List<Long> correlations, Consumer<Waiting> how) {
        for (var correlation : correlations) {
            var request = waiting.remove(correlation);
            if (request != null) {
                how.accept(request);
            }
        }
    }

    private void sweep() {
        long now = System.nanoTime();
        waiting.forEach((correlation, request) -> {
            if (request.deadlineNanos + GRACE_NANOS - now <= 0 && waiting.remove(correlation, request)) {
                request.unknown("no answer from partition " + request.partition + " before the deadline");
            }
        });
    }

    /** What was sent to a node that is lost will hardly be answered: better said now than at the deadline. */
    private void nodeLost(NodeId node) {
        waiting.forEach((correlation, request) -> {
            if (node.equals(request.sentTo) && waiting.remove(correlation, request)) {
                if (request instanceof WaitingRead read) {
                    sendRead(read);
                } else {
                    request.unknown("node " + node + " was lost while it had the write");
                }
            }
        });
    }
}
