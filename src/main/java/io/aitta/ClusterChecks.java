package io.aitta;

import io.aitta.core.NodeId;
import io.aitta.core.topology.NodeInfo;
import io.aitta.core.topology.PartitionInfo;
import io.aitta.core.topology.Topology;
import io.aitta.gateway.Answer;
import io.aitta.gateway.CheckAdmin;
import io.aitta.gateway.TopologySource;
import io.aitta.orchestrator.NodeStates;
import io.aitta.orchestrator.TopologyView;
import io.aitta.partition.Stewards;
import io.aitta.partition.Stewards.Vitals;
import io.aitta.proto.v1.CheckClusterRequest;
import io.aitta.proto.v1.CheckClusterResponse;
import io.aitta.proto.v1.CheckFinding;
import io.aitta.proto.v1.CheckVerdict;
import io.aitta.proto.v1.CompareReplicasRequest;
import io.aitta.proto.v1.CompareReplicasResponse;
import io.aitta.proto.v1.DiskSpace;
import io.aitta.proto.v1.Node;
import io.aitta.proto.v1.NodeVitals;
import io.aitta.proto.v1.Partition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Looks at the whole cluster, by the word of all its nodes, and says whether it is as it should be. If it is not, it looks
 * again a moment later, and tells what was so both times: an epoch that is just being spread, or a primary that is being
 * handed over, is nobody's concern. Thread-safe.
 */
final class ClusterChecks implements CheckAdmin {
    private static final int MOST_FINDINGS = 1_000;

    /** Whoever does not answer for so long counts as one that does not. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private static final long MOMENT_NANOS = TimeUnit.MILLISECONDS.toNanos(700);

    private final TopologyView view;
    private final TopologySource messages;
    private final NodeStates states;
    private final Stewards stewards;
    private final LiveState live;
    private final Migrations migrations;
    private final ClusterReplicas.Backlog backlog;
    private final ReplicaComparison comparison;

    ClusterChecks(
            TopologyView view,
            TopologySource messages,
            NodeStates states,
            Stewards stewards,
            LiveState live,
            Migrations migrations,
            ClusterReplicas.Backlog backlog,
            ReplicaComparison comparison) {
        this.view = view;
        this.messages = messages;
        this.states = states;
        this.stewards = stewards;
        this.live = live;
        this.migrations = migrations;
        this.backlog = backlog;
        this.comparison = comparison;
    }

    @Override
    public CompletionStage<Answer<CompareReplicasResponse>> compareReplicas(
            CompareReplicasRequest request, long deadlineNanos) {
        return comparison.compare(request, deadlineNanos);
    }

    @Override
    public CompletionStage<Answer<CheckClusterResponse>> checkCluster(CheckClusterRequest request, long deadlineNanos) {
        return look(deadlineNanos)
                .thenCompose(first -> {
                    var found = CheckRules.findings(first);
                    long left = deadlineNanos - System.nanoTime() - MOMENT_NANOS;
                    if (found.stream().noneMatch(ClusterChecks::isProblem) || left < MOMENT_NANOS) {
                        return CompletableFuture.completedFuture(response(first, found));
                    }
                    return later(() -> look(deadlineNanos))
                            .thenApply(second -> response(second, lasting(found, CheckRules.findings(second))));
                })
                .thenApply(Answer.Done::new);
    }

    private static <T> CompletionStage<T> later(Supplier<CompletionStage<T>> then) {
        return CompletableFuture.supplyAsync(
                        then, CompletableFuture.delayedExecutor(MOMENT_NANOS, TimeUnit.NANOSECONDS))
                .thenCompose(stage -> stage);
    }

    // ---- looking ------------------------------------------------------------------------------------------------

    private CompletionStage<CheckRules.Look> look(long deadlineNanos) {
        Topology topology = view.current();
        List<PartitionInfo> partitions = topology.partitions();
        var told = live.of(partitions, deadlineNanos);
        var vitals = vitals(topology, deadlineNanos);
        var moves = migrations.of(topology, move -> true, deadlineNanos);
        return told.thenCombine(vitals, Seen::new)
                .thenCombine(moves, (seen, underWay) -> Map.entry(seen, underWay))
                .thenCombine(backlog.planned(), (seen, planned) -> {
                    var answers = seen.getKey().told();
                    var underWay = topology.moves().byPartition();
                    return new CheckRules.Look(
                            topology,
                            messages.current().getNodesList(),
                            seen.getKey().vitals(),
                            partitions.stream()
                                    .map(partition -> LivePartition.of(
                                            partition, Migrations.plain(topology, partition, underWay), answers))
                                    .toList(),
                            answers,
                            seen.getValue(),
                            planned,
                            System.currentTimeMillis());
                });
    }

    private record Seen(LiveState.Told told, Map<NodeId, Vitals> vitals) {}

    private CompletionStage<Map<NodeId, Vitals>> vitals(Topology topology, long deadlineNanos) {
        long nanosLeft = Math.max(1, (deadlineNanos - System.nanoTime()) / 2);
        var limit = Duration.ofNanos(Math.min(nanosLeft, PATIENCE.toNanos()));
        var found = new ConcurrentHashMap<NodeId, Vitals>();
        var asked = new ArrayList<CompletableFuture<?>>();
        for (NodeInfo node : topology.nodes()) {
            if (states.of(node.id()) != NodeStates.NodeState.DOWN) {
                asked.add(stewards.vitals(node.id(), limit)
                        .thenAccept(told -> told.ifPresent(one -> found.put(node.id(), one)))
                        .toCompletableFuture());
            }
        }
        return CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new)).thenApply(all -> Map.copyOf(found));
    }

    // ---- telling ------------------------------------------------------------------------------------------------

    private static boolean isProblem(CheckFinding finding) {
        return finding.getSeverity() != CheckVerdict.VERDICT_HEALTHY;
    }

    private record About(int kind, String node, String table, int partition) {
        static About of(CheckFinding finding) {
            return new About(finding.getKindValue(), finding.getNode(), finding.getTable(), finding.getPartition());
        }
    }

    private static List<CheckFinding> lasting(List<CheckFinding> before, List<CheckFinding> now) {
        var problems = new HashSet<About>();
        before.stream().filter(ClusterChecks::isProblem).map(About::of).forEach(problems::add);
        return now.stream()
                .filter(finding -> !isProblem(finding) || problems.contains(About.of(finding)))
                .toList();
    }

    private static CheckClusterResponse response(CheckRules.Look look, List<CheckFinding> findings) {
        var sorted = findings.stream()
                .sorted(Comparator.comparing(CheckFinding::getSeverityValue)
                        .reversed()
                        .thenComparing(CheckFinding::getKindValue)
                        .thenComparing(CheckFinding::getNode)
                        .thenComparing(CheckFinding::getTable)
                        .thenComparing(CheckFinding::getPartition))
                .toList();
        var message = CheckClusterResponse.newBuilder()
                .setVerdict(
                        sorted.isEmpty()
                                ? CheckVerdict.VERDICT_HEALTHY
                                : sorted.get(0).getSeverity())
                .setEpoch(look.topology().epoch().value())
                .setPartitions(look.partitions().size())
                .setReplicas(look.partitions().stream()
                        .mapToInt(Partition::getReplicasCount)
                        .sum())
                .addAllFindings(sorted.subList(0, Math.min(MOST_FINDINGS, sorted.size())))
                .setFindingsLeftOut(Math.max(0, sorted.size() - MOST_FINDINGS));
        look.nodes().forEach(node -> message.addNodes(vitals(node, look)));
        return message.build();
    }

    private static NodeVitals.Builder vitals(Node node, CheckRules.Look look) {
        var message = NodeVitals.newBuilder().setNode(node.getId()).setState(node.getState());
        var told = look.vitals().get(new NodeId(node.getId()));
        if (told != null) {
            message.setAnswered(true)
                    .setEpoch(told.epoch())
                    .setClockAheadMillis(told.clockAheadMillis())
                    .setClockUncertaintyMillis(told.clockUncertaintyMillis());
            told.disks()
                    .forEach(disk -> message.addDisks(DiskSpace.newBuilder()
                            .setPath(disk.path())
                            .setFreeBytes(disk.freeBytes())
                            .setTotalBytes(disk.totalBytes())));
        }
        return message;
    }
}
