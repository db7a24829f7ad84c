package io.aitta;

import io.aitta.core.NodeId;
import io.aitta.core.topology.PartitionInfo;
import io.aitta.core.topology.Topology;
import io.aitta.gateway.Answer;
import io.aitta.gateway.InfoAdmin;
import io.aitta.gateway.TopologySource;
import io.aitta.metrics.NodeReporter.Figures;
import io.aitta.metrics.SlowRequest;
import io.aitta.orchestrator.TopologyView;
import io.aitta.proto.v1.GetInfoRequest;
import io.aitta.proto.v1.GetInfoResponse;
import io.aitta.proto.v1.GetSlowLogRequest;
import io.aitta.proto.v1.GetSlowLogResponse;
import io.aitta.proto.v1.Node;
import io.aitta.proto.v1.Partition;
import io.aitta.proto.v1.Stages;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;

/** Answers how the cluster fares by the topology and the word of all nodes, asked at the same time. Thread-safe. */
final class ClusterInfo implements InfoAdmin {
    /** Whoever does not answer for so long is left out, however much time there is. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    /** The way to the {@link io.aitta.metrics.NodeReporter}s. Who does not answer within the limit gives an empty answer. */
    interface Reporters {
        CompletionStage<Optional<Figures>> figures(NodeId node, Duration limit);

        CompletionStage<Optional<List<SlowRequest>>> slow(NodeId node, String table, int limit, Duration within);

        /** From when on a request counts as slow on this node. */
        Duration slowFrom();
    }

    private final TopologyView view;
    private final TopologySource messages;
    private final LiveState live;
    private final Reporters reporters;

    ClusterInfo(TopologyView view, TopologySource messages, LiveState live, Reporters reporters) {
        this.view = view;
        this.messages = messages;
        this.live = live;
        this.reporters = reporters;
    }

    @Override
    public CompletionStage<Answer<GetInfoResponse>> getInfo(GetInfoRequest request, long deadlineNanos) {
        Topology topology = view.current();
        var nodes = nodes(request.getNode());
        var ids = nodes.stream().map(node -> new NodeId(node.getId())).toList();
        var figures = ofAll(ids, deadlineNanos, reporters::figures);
        // A replica's lag is known by its primary, wherever that is.
        var everybody = messages.current().getNodesList().stream()
                .map(node -> new NodeId(node.getId()))
                .toList();
        return live.ofAll(everybody, deadlineNanos).thenCombine(figures, (told, load) -> {
            var moves = topology.moves().byPartition();
            List<PartitionInfo> wanted =
                    request.getTable().isEmpty() ? topology.partitions() : topology.partitionsOf(request.getTable());
            List<Partition> partitions = wanted.stream()
                    .map(one -> LivePartition.of(one, Migrations.plain(topology, one, moves), told))
                    .toList();
            var report = new InfoReport(request.getTable(), partitions, load);
            var response = GetInfoResponse.newBuilder()
                    .setEpoch(topology.epoch().value())
                    .setWallTimeMillis(System.currentTimeMillis())
                    .setTraffic(report.traffic());
            messages.current().getTablesList().stream()
                    .filter(table ->
                            request.getTable().isEmpty() || request.getTable().equals(table.getName()))
                    .forEach(table -> response.addTables(report.table(table)));
            nodes.forEach(node -> response.addNodes(report.node(node, told.node(new NodeId(node.getId())))));
            return new Answer.Done<>(response.build());
        });
    }

    /** @param wanted empty: all */
    private List<Node> nodes(String wanted) {
        return messages.current().getNodesList().stream()
                .filter(node -> wanted.isEmpty() || node.getId().equals(wanted))
                .toList();
    }

    @Override
    public CompletionStage<Answer<GetSlowLogResponse>> getSlowLog(GetSlowLogRequest request, long deadlineNanos) {
        var nodes = nodes(request.getNode()).stream()
                .map(node -> new NodeId(node.getId()))
                .toList();
        var asked = ofAll(
                nodes,
                deadlineNanos,
                (node, limit) -> reporters.slow(node, request.getTable(), request.getLimit(), limit));
        return asked.thenApply(told -> {
            var all = new ArrayList<io.aitta.proto.v1.SlowRequest>();
            told.forEach((node, requests) -> requests.forEach(one -> all.add(encoded(node, one))));
            var response = GetSlowLogResponse.newBuilder()
                    .setThresholdMillis(millis(reporters.slowFrom().toNanos()));
            all.stream()
                    .sorted(Comparator.comparingLong(io.aitta.proto.v1.SlowRequest::getWallTimeMillis)
                            .reversed())
                    .limit(request.getLimit())
                    .forEach(response::addRequests);
            nodes.stream()
                    .filter(node -> !told.containsKey(node))
                    .forEach(node -> response.addSilentNodes(node.value()));
            return new Answer.Done<>(response.build());
        });
    }

    private static io.aitta.proto.v1.SlowRequest encoded(NodeId node, SlowRequest slow) {
        var message = io.aitta.proto.v1.SlowRequest.newBuilder()
                .setWallTimeMillis(slow.wallMillis())
                .setNode(node.value())
                .setOperation(slow.operation())
                .setTable(slow.table())
                .setKey(slow.key())
                .setMillis(millis(slow.nanos()))
                .setOutcome(slow.outcome())
                .setRequestId(slow.requestId())
                .setTraceId(slow.traceId());
        if (slow.partition() >= 0) {
            message.setPartition(slow.partition());
        }
        if (slow.stages() != null) {
            message.setStages(Stages.newBuilder()
                    .setQueueMillis(millis(slow.stages().queueNanos()))
                    .setJournalMillis(millis(slow.stages().journalNanos()))
                    .setReplicationMillis(millis(slow.stages().replicationNanos()))
                    .setApplyMillis(millis(slow.stages().applyNanos())));
        }
        return message.build();
    }

    private static double millis(long nanos) {
        return Math.round(nanos / 1e3) / 1e3;
    }

    /** What those tell that answer in time. */
    private static <T> CompletionStage<Map<NodeId, T>> ofAll(
            List<NodeId> nodes, long deadlineNanos, BiFunction<NodeId, Duration, CompletionStage<Optional<T>>> ask) {
        long nanosLeft = Math.max(1, (deadlineNanos - System.nanoTime()) / 4 * 3);
        var limit = Duration.ofNanos(Math.min(nanosLeft, PATIENCE.toNanos()));
        var told = new ConcurrentHashMap<NodeId, T>();
        var asked = nodes.stream()
                .map(node -> ask.apply(node, limit)
                        .thenAccept(answer -> answer.ifPresent(one -> told.put(node, one)))
                        .toCompletableFuture())
                .toArray(CompletableFuture[]::new);
        return CompletableFuture.allOf(asked).thenApply(all -> told);
    }
}
