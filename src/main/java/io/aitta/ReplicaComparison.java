package io.aitta;

import io.aitta.core.NodeId;
import io.aitta.core.topology.PartitionInfo;
import io.aitta.core.topology.ReplicaInfo;
import io.aitta.gateway.Answer;
import io.aitta.orchestrator.NodeStates;
import io.aitta.orchestrator.TopologyView;
import io.aitta.partition.PartitionAccess;
import io.aitta.partition.PartitionAccess.Acknowledgement;
import io.aitta.partition.PartitionAccess.WriteAnswer;
import io.aitta.partition.Stewards;
import io.aitta.partition.Stewards.Digest;
import io.aitta.proto.v1.CompareReplicasRequest;
import io.aitta.proto.v1.CompareReplicasResponse;
import io.aitta.proto.v1.ComparisonResult;
import io.aitta.proto.v1.ReplicaDigest;
import io.aitta.store.ContentDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Compares the replicas of a partition while it is written to. All nodes are told to look out for a marker; then the marker
 * is written, an operation that changes nothing. It has one place in the log, so each replica is read as of that place,
 * whenever it comes there.
 *
 * <p>Nothing is remembered here: who asks on names the comparison, and any node can answer. Thread-safe.
 */
final class ReplicaComparison {
    /** Whoever does not answer for so long is not compared. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private static final long MARGIN_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final TopologyView view;
    private final NodeStates states;
    private final Stewards stewards;
    private final PartitionAccess partitions;

    ReplicaComparison(TopologyView view, NodeStates states, Stewards stewards, PartitionAccess partitions) {
        this.view = view;
        this.states = states;
        this.stewards = stewards;
        this.partitions = partitions;
    }

    CompletionStage<Answer<CompareReplicasResponse>> compare(CompareReplicasRequest request, long deadlineNanos) {
        Optional<PartitionInfo> known =
                ClusterReplicas.partition(view.current(), request.getTable(), request.getPartition());
        if (known.isEmpty()) {
            return CompletableFuture.completedFuture(
                    ClusterReplicas.noSuchPartition(request.getTable(), request.getPartition()));
        }
        var partition = known.get();
        return (request.getComparison().isEmpty()
                        ? begin(partition, deadlineNanos)
                        : await(partition, request.getComparison(), deadlineNanos))
                .thenApply(Answer.Done::new);
    }

    private CompletionStage<CompareReplicasResponse> begin(PartitionInfo partition, long deadlineNanos) {
        String comparison = UUID.randomUUID().toString().replace("-", "");
        var limit = Duration.ofNanos(Math.min(left(deadlineNanos) / 4, PATIENCE.toNanos()));
        return ask(partition, node -> stewards.beginDigest(node, partition.id(), comparison, limit))
                .thenCompose(begun -> partitions
                        .write(
                                partition.id(),
                                Stewards.marker(comparison),
                                Acknowledgement.QUORUM,
                                System.nanoTime() + left(deadlineNanos) / 2)
                        .thenCompose(answer -> answer instanceof WriteAnswer.Refused refused
                                ? CompletableFuture.completedFuture(notBegun(
                                        comparison, begun, refused.refusal().message()))
                                : await(partition, comparison, deadlineNanos)));
    }

    private CompletionStage<CompareReplicasResponse> await(
            PartitionInfo partition, String comparison, long deadlineNanos) {
        var limit = Duration.ofNanos(left(deadlineNanos - MARGIN_NANOS));
        return ask(partition, node -> stewards.digest(node, partition.id(), comparison, limit))
                .thenApply(told -> response(comparison, told));
    }

    private static long left(long deadlineNanos) {
        return Math.max(TimeUnit.MILLISECONDS.toNanos(1), deadlineNanos - System.nanoTime());
    }

    /** In the order of the partition's replicas. */
    private record Told(NodeId node, Digest digest) {}

    private CompletionStage<List<Told>> ask(
            PartitionInfo partition, Function<NodeId, CompletionStage<Optional<Digest>>> question) {
        var asked = new ArrayList<CompletableFuture<Told>>();
        for (ReplicaInfo replica : partition.replicas()) {
            var node = replica.node();
            asked.add(
                    states.of(node) == NodeStates.NodeState.DOWN
                            ? CompletableFuture.completedFuture(new Told(node, Digest.failed("its node is down")))
                            : question.apply(node)
                                    .thenApply(told -> new Told(
                                            node, told.orElseGet(() -> Digest.failed("its node does not answer"))))
                                    .toCompletableFuture());
        }
        return CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new))
                .thenApply(all -> asked.stream().map(CompletableFuture::join).toList());
    }

    // ---- the verdict --------------------------------------------------------------------------------------------

    private static CompareReplicasResponse notBegun(String comparison, List<Told> begun, String why) {
        return response(
                comparison,
                begun.stream()
                        .map(one -> one.digest().state() == Digest.State.FAILED
                                ? one
                                : new Told(
                                        one.node(), Digest.failed("the entry to compare at was not written: " + why)))
                        .toList());
    }

    private static CompareReplicasResponse response(String comparison, List<Told> told) {
        var message = CompareReplicasResponse.newBuilder().setComparison(comparison);
        Optional<Digest> common = common(told);
        told.forEach(one -> message.addReplicas(replica(one, common)));
        common.ifPresent(digest -> message.setLogIndex(digest.index()));
        return message.setResult(overall(message.getReplicasList())).build();
    }

    private static ComparisonResult overall(List<ReplicaDigest> replicas) {
        var results = replicas.stream().map(ReplicaDigest::getResult).collect(Collectors.toSet());
        for (var worst :
                List.of(ComparisonResult.COMPARING, ComparisonResult.REPLICAS_DIFFER, ComparisonResult.NOT_COMPARED)) {
            if (results.contains(worst)) {
                return worst;
            }
        }
        return ComparisonResult.REPLICAS_EQUAL;
    }

    /** What most of them hold; of several, what the first in the partition's order of preference holds. */
    private static Optional<Digest> common(List<Told> told) {
        Map<Digest, Integer> holders = new HashMap<>();
        var done = told.stream()
                .map(Told::digest)
                .filter(digest -> digest.state() == Digest.State.DONE)
                .toList();
        done.forEach(digest -> holders.merge(digest, 1, Integer::sum));
        // The first of equals wins: max() would take the last.
        return done.stream()
                .distinct()
                .sorted(Comparator.comparing((Digest digest) -> holders.get(digest))
                        .reversed())
                .findFirst();
    }

    private static ReplicaDigest.Builder replica(Told told, Optional<Digest> common) {
        var digest = told.digest();
        var message = ReplicaDigest.newBuilder()
                .setNode(told.node().value())
                .setLogIndex(digest.index())
                .setLogTerm(digest.term())
                .setMessage(digest.message());
        switch (digest.state()) {
            case WAITING, READING -> message.setResult(ComparisonResult.COMPARING);
            case FAILED -> message.setResult(ComparisonResult.NOT_COMPARED);
            case DONE -> {
                message.setDigest(digest.content().whole())
                        .setRows(digest.content().rows())
                        .setBytes(digest.content().bytes());
                if (digest.equals(common.orElseThrow())) {
                    message.setResult(ComparisonResult.REPLICAS_EQUAL);
                } else {
                    message.setResult(ComparisonResult.REPLICAS_DIFFER)
                            .setMessage(difference(digest, common.orElseThrow()));
                }
            }
        }
        return message;
    }

    private static String difference(Digest digest, Digest common) {
        if (digest.index() != common.index() || digest.term() != common.term()) {
            return "its log has the same entry elsewhere: at " + digest.index() + " of term " + digest.term()
                    + ", where others have it at " + common.index() + " of term " + common.term();
        }
        var differing = new ArrayList<String>();
        differs(differing, "its values", digest, common, ContentDigest.Content::values);
        differs(differing, "its sessions", digest, common, ContentDigest.Content::sessions);
        differs(differing, "its expiry index", digest, common, ContentDigest.Content::expiry);
        differs(differing, "its mark", digest, common, ContentDigest.Content::mark);
        return String.join(" and ", differing) + " differ: it holds "
                + digest.content().rows() + " rows of "
                + digest.content().bytes() + " bytes, others "
                + common.content().rows() + " of "
                + common.content().bytes();
    }

    private static void differs(
            List<String> differing,
            String what,
            Digest one,
            Digest other,
            Function<ContentDigest.Content, String> part) {
        if (!part.apply(one.content()).equals(part.apply(other.content()))) {
            differing.add(what);
        }
    }
}
