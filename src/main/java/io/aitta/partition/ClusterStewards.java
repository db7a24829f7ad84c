package io.aitta.partition;

import io.aitta.core.NodeId;
import io.aitta.core.PartitionId;
import io.aitta.core.topology.PartitionReport;
import io.aitta.core.topology.StepOrder;
import io.aitta.partition.ReplicaSteward.Command;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;

/**
 * The {@link Stewards} of a cluster. What is too much for one message is asked for in several, one after the other, all
 * within the limit; this node's own steward is asked without the network. A node that cannot be reached is not waited for.
 */
public final class ClusterStewards implements Stewards {
    private final NodeId self;
    private final NodeDirectory directory;
    private final ActorRef<Command> own;
    private final ActorSystem<?> system;

    /** @param own this node's {@link ReplicaSteward} */
    public ClusterStewards(NodeId self, NodeDirectory directory, ActorRef<Command> own, ActorSystem<?> system) {
        this.self = self;
        this.directory = directory;
        this.own = own;
        this.system = system;
    }

    @Override
    public CompletionStage<List<PartitionReport>> reports(
            NodeId node, Collection<PartitionId> partitions, Duration limit) {
        return inPieces(List.copyOf(partitions), limit, (piece, left) -> this.<ReplicaSteward.Reports>ask(
                        node, left, replyTo -> new ReplicaSteward.ReportsAsk(piece, left.toMillis(), replyTo))
                .thenApply(answer -> answer.map(ReplicaSteward.Reports::reports).orElse(List.of())));
    }

    @Override
    public CompletionStage<List<Declined>> perform(NodeId node, List<StepOrder> orders, Duration limit) {
        orders.stream()
                .filter(order -> !order.primary().equals(node))
                .findFirst()
                .ifPresent(stray -> {
                    throw new IllegalArgumentException(stray + " is for " + stray.primary() + ", not for " + node);
                });
        return inPieces(orders, limit, (piece, left) -> {
            var wire = piece.stream().map(ReplicaSteward.Ordered::of).toList();
            return this.<ReplicaSteward.Performed>ask(
                            node, left, replyTo -> new ReplicaSteward.PerformAsk(wire, left.toMillis(), replyTo))
                    .thenApply(answer -> answer.map(performed -> declined(piece, performed))
                            .orElseGet(() -> unanswered(node, piece)));
        });
    }

    private static List<Declined> declined(List<StepOrder> orders, ReplicaSteward.Performed performed) {
        return performed.declined().stream()
                .map(one -> new Declined(orders.get(one.place()), one.reason(), one.message()))
                .toList();
    }

    private static List<Declined> unanswered(NodeId node, List<StepOrder> orders) {
        return orders.stream()
                .map(order -> new Declined(order, "NO_ANSWER", "node " + node + " did not answer in time"))
                .toList();
    }

    @Override
    public CompletionStage<Optional<NodeReport>> describe(
            NodeId node, Collection<PartitionId> partitions, Duration limit) {
        long untilNanos = System.nanoTime() + limit.toNanos();
        var all = List.copyOf(partitions);
        var replicas = new ArrayList<ReplicaReport>();
        if (all.size() <= ReplicaSteward.IN_ONE_MESSAGE) {
            return describe(node, all, null, replicas, untilNanos);
        }
        // Of the node itself every piece tells the same.
        CompletionStage<Optional<NodeReport>> last = CompletableFuture.completedFuture(Optional.empty());
        for (int from = 0; from < all.size(); from += ReplicaSteward.IN_ONE_MESSAGE) {
            var piece = all.subList(from, Math.min(all.size(), from + ReplicaSteward.IN_ONE_MESSAGE));
            boolean isFirst = from == 0;
            last = last.thenCompose(before -> isFirst || before.isPresent()
                    ? describe(node, piece, null, replicas, untilNanos)
                    : CompletableFuture.completedFuture(before));
        }
        return last;
    }

    /** @param replicas of the pieces before; those of this piece and of the ones that follow it are added */
    private CompletionStage<Optional<NodeReport>> describe(
            NodeId node,
            List<PartitionId> partitions,
            PartitionId after,
            List<ReplicaReport> replicas,
            long untilNanos) {
        return this.<ReplicaSteward.Described>ask(
                        node, left(untilNanos), replyTo -> new ReplicaSteward.DescribeAsk(partitions, after, replyTo))
                .thenCompose(answer -> {
                    if (answer.isEmpty()) {
                        return CompletableFuture.completedFuture(Optional.empty());
                    }
                    var report = answer.get().report();
                    replicas.addAll(report.replicas());
                    return answer.get().more()
                            ? describe(
                                    node,
                                    partitions,
                                    report.replicas()
                                            .get(report.replicas().size() - 1)
                                            .partition(),
                                    replicas,
                                    untilNanos)
                            : CompletableFuture.completedFuture(Optional.of(report.with(List.copyOf(replicas))));
                });
    }

    @Override
    public CompletionStage<Optional<Vitals>> vitals(NodeId node, Duration limit) {
        long asked = System.currentTimeMillis();
        return this.<ReplicaSteward.VitalSigns>ask(node, limit, ReplicaSteward.VitalsAsk::new)
                .thenApply(answer -> answer.map(signs -> {
                    long answered = System.currentTimeMillis();
                    long tookMillis = Math.max(0, answered - asked);
                    boolean here = node.equals(self);
                    return new Vitals(
                            node,
                            signs.epoch(),
                            here ? 0 : signs.wallMillis() - (asked + tookMillis / 2),
                            here ? 0 : tookMillis / 2 + 1,
                            signs.disks());
                }));
    }

    @Override
    public CompletionStage<Optional<Digest>> beginDigest(
            NodeId node, PartitionId partition, String comparison, Duration limit) {
        return askDigest(node, partition, comparison, true, limit);
    }

    @Override
    public CompletionStage<Optional<Digest>> digest(
            NodeId node, PartitionId partition, String comparison, Duration limit) {
        return askDigest(node, partition, comparison, false, limit);
    }

    private CompletionStage<Optional<Digest>> askDigest(
            NodeId node, PartitionId partition, String comparison, boolean begin, Duration limit) {
        return this.<ReplicaSteward.DigestTold>ask(
                        node,
                        limit,
                        replyTo ->
                                new ReplicaSteward.DigestAsk(partition, comparison, begin, limit.toMillis(), replyTo))
                .thenApply(answer -> answer.map(ReplicaSteward.DigestTold::digest));
    }

    // ---- asking -------------------------------------------------------------------------------------------------

    private static <Q, A> CompletionStage<List<A>> inPieces(
            List<Q> all, Duration limit, BiFunction<List<Q>, Duration, CompletionStage<List<A>>> asking) {
        long untilNanos = System.nanoTime() + limit.toNanos();
        CompletionStage<List<A>> answers = CompletableFuture.completedFuture(List.of());
        for (int from = 0; from < all.size(); from += ReplicaSteward.IN_ONE_MESSAGE) {
            var piece = List.copyOf(all.subList(from, Math.min(all.size(), from + ReplicaSteward.IN_ONE_MESSAGE)));
            answers = answers.thenCompose(
                    before -> asking.apply(piece, left(untilNanos)).thenApply(more -> {
                        var joined = new ArrayList<>(before);
                        joined.addAll(more);
                        return joined;
                    }));
        }
        return answers;
    }

    private static Duration left(long untilNanos) {
        return Duration.ofNanos(Math.max(1_000_000, untilNanos - System.nanoTime()));
    }

    /** Empty if there was no answer, for whatever reason. */
    private <R> CompletionStage<Optional<R>> ask(
            NodeId node, Duration limit, org.apache.pekko.japi.function.Function<ActorRef<R>, Command> message) {
        return stewardOf(node)
                .map(steward -> AskPattern.<Command, R>ask(steward, message, limit, system.scheduler())
                        .handle((answer, failure) -> Optional.ofNullable(answer)))
                .orElseGet(() -> CompletableFuture.completedFuture(Optional.empty()));
    }

    private Optional<ActorRef<Command>> stewardOf(NodeId node) {
        if (node.equals(self)) {
            return Optional.of(own);
        }
        return directory.isReachable(node) ? directory.residentOn(node, ReplicaSteward.NAME, system) : Optional.empty();
    }
}
