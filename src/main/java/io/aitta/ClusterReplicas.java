package io.aitta;

import io.aitta.core.NodeId;
import io.aitta.core.topology.Moves;
import io.aitta.core.topology.NodeInfo;
import io.aitta.core.topology.PartitionInfo;
import io.aitta.core.topology.Planner;
import io.aitta.core.topology.ReplicaInfo;
import io.aitta.core.topology.TableInfo;
import io.aitta.core.topology.Topology;
import io.aitta.gateway.Answer;
import io.aitta.gateway.ReplicaAdmin;
import io.aitta.orchestrator.NodeStates;
import io.aitta.orchestrator.Order;
import io.aitta.orchestrator.TopologyView;
import io.aitta.proto.v1.AddReplicaRequest;
import io.aitta.proto.v1.CancelMigrationRequest;
import io.aitta.proto.v1.ChangeResponse;
import io.aitta.proto.v1.DescribePartitionRequest;
import io.aitta.proto.v1.DescribePartitionResponse;
import io.aitta.proto.v1.ListMigrationsRequest;
import io.aitta.proto.v1.ListMigrationsResponse;
import io.aitta.proto.v1.ListPartitionsRequest;
import io.aitta.proto.v1.ListPartitionsResponse;
import io.aitta.proto.v1.MigrateRequest;
import io.aitta.proto.v1.MigrateResponse;
import io.aitta.proto.v1.PauseBalancingRequest;
import io.aitta.proto.v1.PlannedMove;
import io.aitta.proto.v1.RebalanceRequest;
import io.aitta.proto.v1.RebalanceResponse;
import io.aitta.proto.v1.RecoverPartitionRequest;
import io.aitta.proto.v1.RemoveReplicaRequest;
import io.aitta.proto.v1.TransferPrimaryRequest;
import io.aitta.proto.v1.TransferPrimaryResponse;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** Answers of replicas by the topology and their nodes' own word, and hands orders on. Thread-safe. */
final class ClusterReplicas implements ReplicaAdmin {
    /** So long before the deadline an answer that is awaited is given up, so that the asker still hears so. */
    private static final long MARGIN_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Orders orders;
    private final TopologyView view;
    private final NodeStates states;
    private final LiveState live;
    private final Migrations migrations;
    private final Backlog backlog;

    /** How many moves are planned and wait for their turn; empty if the orchestrator does not say. */
    @FunctionalInterface
    interface Backlog {
        CompletionStage<OptionalInt> planned();
    }

    ClusterReplicas(
            Orders orders,
            TopologyView view,
            NodeStates states,
            LiveState live,
            Migrations migrations,
            Backlog backlog) {
        this.orders = orders;
        this.view = view;
        this.states = states;
        this.live = live;
        this.migrations = migrations;
        this.backlog = backlog;
    }

    // ---- questions ----------------------------------------------------------------------------------------------

    @Override
    public CompletionStage<Answer<DescribePartitionResponse>> describePartition(
            DescribePartitionRequest request, long deadlineNanos) {
        Topology topology = view.current();
        Optional<PartitionInfo> known = partition(topology, request.getTable(), request.getPartition());
        if (known.isEmpty()) {
            return CompletableFuture.completedFuture(noSuchPartition(request.getTable(), request.getPartition()));
        }
        PartitionInfo partition = known.get();
        var moves = topology.moves().byPartition();
        return live.ofGroups(List.of(partition), deadlineNanos).thenApply(told -> {
            var message = DescribePartitionResponse.newBuilder()
                    .setEpoch(topology.epoch().value())
                    .setPartition(LivePartition.of(partition, Migrations.plain(topology, partition, moves), told));
            Optional.ofNullable(moves.get(partition.id()))
                    .ifPresent(move -> message.setMigration(Migrations.of(move, told)));
            return new Answer.Done<>(message.build());
        });
    }

    @Override
    public CompletionStage<Answer<ListPartitionsResponse>> listPartitions(
            ListPartitionsRequest request, long deadlineNanos) {
        Topology topology = view.current();
        List<PartitionInfo> partitions =
                request.getTable().isEmpty() ? topology.partitions() : topology.partitionsOf(request.getTable());
        var moves = topology.moves().byPartition();
        return live.of(partitions, deadlineNanos).thenApply(told -> {
            var message = ListPartitionsResponse.newBuilder()
                    .setEpoch(topology.epoch().value());
            partitions.forEach(partition -> message.addPartitions(
                    LivePartition.of(partition, Migrations.plain(topology, partition, moves), told)));
            return new Answer.Done<>(message.build());
        });
    }

    @Override
    public CompletionStage<Answer<ListMigrationsResponse>> listMigrations(
            ListMigrationsRequest request, long deadlineNanos) {
        Topology topology = view.current();
        String table = request.getTable();
        var underWay = migrations.of(
                topology, move -> table.isEmpty() || move.partition().table().equals(table), deadlineNanos);
        return underWay.thenCombine(backlog.planned(), (moves, planned) -> {
            var message = ListMigrationsResponse.newBuilder()
                    .setEpoch(topology.epoch().value())
                    .addAllMigrations(moves)
                    .setBalancingPaused(topology.moves().balancingPaused());
            planned.ifPresent(message::setPlanned);
            if (request.getEnded()) {
                topology.moves().ended().stream()
                        .filter(ended -> table.isEmpty()
                                || ended.move().partition().table().equals(table))
                        .map(MigrationMessages::ended)
                        .forEach(message::addMigrations);
            }
            return new Answer.Done<>(message.build());
        });
    }

    static Optional<PartitionInfo> partition(Topology topology, String table, int partition) {
        return topology.table(table)
                .filter(known -> partition >= 0 && partition < known.partitions())
                .flatMap(known -> topology.partition(known.partition(partition)));
    }

    static <T> Answer<T> noSuchPartition(String table, int partition) {
        return new Answer.Refused<>(
                Answer.Reason.PARTITION_NOT_FOUND,
                "there is no partition " + partition + " of a table '" + table + "'");
    }

    // ---- orders -------------------------------------------------------------------------------------------------

    @Override
    public CompletionStage<Answer<RebalanceResponse>> rebalance(RebalanceRequest request, long deadlineNanos) {
        Topology topology = view.current();
        Optional<String> table = request.getTable().isEmpty() ? Optional.empty() : Optional.of(request.getTable());
        long epoch = topology.epoch().value();
        if (request.hasExpectedEpoch() && request.getExpectedEpoch() < epoch) {
            return CompletableFuture.completedFuture(new Answer.Refused<>(
                    Answer.Reason.STALE_EPOCH,
                    "the topology is at epoch " + epoch + ", not at " + request.getExpectedEpoch()
                            + " any more; look at the plan again"));
        }
        var plan = plan(topology, table);
        if (request.getDryRun()) {
            return CompletableFuture.completedFuture(new Answer.Done<>(plan));
        }
        var expected = request.hasExpectedEpoch() ? OptionalLong.of(request.getExpectedEpoch()) : OptionalLong.empty();
        return orders.order(new Order.Rebalance(table, expected), deadlineNanos)
                .thenApply(answer -> Orders.answered(answer, done -> plan));
    }

    /** As the orchestrator would plan if the tables were to be balanced now, whether or not it is paused. */
    private RebalanceResponse plan(Topology topology, Optional<String> table) {
        Set<NodeId> up = states.up();
        var lost = new HashSet<NodeId>();
        topology.nodes().stream()
                .filter(node -> node.orders().lost())
                .map(NodeInfo::id)
                .forEach(lost::add);
        var plan = Planner.plan(due(topology, table), new Planner.Conditions(up, lost));
        var message = RebalanceResponse.newBuilder().setEpoch(topology.epoch().value());
        plan.moves().stream()
                .filter(move -> table.isEmpty() || move.partition().table().equals(table.get()))
                .forEach(move -> message.addMoves(PlannedMove.newBuilder()
                        .setTable(move.partition().table())
                        .setPartition(move.partition().partition())
                        .setFrom(move.from().map(NodeId::value).orElse(""))
                        .setTo(move.to().map(NodeId::value).orElse(""))
                        .setCause(MigrationMessages.cause(move.cause()))
                        .setLearner(move.to().isPresent() && move.role() == ReplicaInfo.Role.LEARNER)));
        long transfers = plan.preferences().stream()
                .filter(preference ->
                        table.isEmpty() || preference.partition().table().equals(table.get()))
                .count();
        return message.setPrimariesToTransfer((int) transfers).build();
    }

    private static Topology due(Topology topology, Optional<String> table) {
        Map<TableInfo, List<PartitionInfo>> tables = new HashMap<>();
        for (TableInfo info : topology.tables()) {
            boolean due = table.isEmpty() || table.get().equals(info.name());
            tables.put(info.withBalanceDue(due), topology.partitionsOf(info.name()));
        }
        var moves = topology.moves();
        return new Topology(
                topology.epoch(),
                topology.clusterId(),
                topology.nodes(),
                tables,
                new Moves(moves.begun(), moves.underWay(), moves.ended(), false),
                topology.removed());
    }

    @Override
    public CompletionStage<Answer<ChangeResponse>> pauseBalancing(PauseBalancingRequest request, long deadlineNanos) {
        return orders.change(new Order.PauseBalancing(request.getPaused()), deadlineNanos);
    }

    @Override
    public CompletionStage<Answer<MigrateResponse>> migrate(MigrateRequest request, long deadlineNanos) {
        return move(
                new Order.MoveReplica(
                        request.getTable(),
                        request.getPartition(),
                        Optional.of(new NodeId(request.getFrom())),
                        Optional.of(new NodeId(request.getTo())),
                        false,
                        request.hasExpectedEpoch()
                                ? OptionalLong.of(request.getExpectedEpoch())
                                : OptionalLong.empty()),
                deadlineNanos);
    }

    @Override
    public CompletionStage<Answer<MigrateResponse>> addReplica(AddReplicaRequest request, long deadlineNanos) {
        return move(
                new Order.MoveReplica(
                        request.getTable(),
                        request.getPartition(),
                        Optional.empty(),
                        Optional.of(new NodeId(request.getNode())),
                        request.getLearner(),
                        request.hasExpectedEpoch()
                                ? OptionalLong.of(request.getExpectedEpoch())
                                : OptionalLong.empty()),
                deadlineNanos);
    }

    @Override
    public CompletionStage<Answer<MigrateResponse>> removeReplica(RemoveReplicaRequest request, long deadlineNanos) {
        return move(
                new Order.MoveReplica(
                        request.getTable(),
                        request.getPartition(),
                        Optional.of(new NodeId(request.getNode())),
                        Optional.empty(),
                        false,
                        request.hasExpectedEpoch()
                                ? OptionalLong.of(request.getExpectedEpoch())
                                : OptionalLong.empty()),
                deadlineNanos);
    }

    private CompletionStage<Answer<MigrateResponse>> move(Order.MoveReplica order, long deadlineNanos) {
        return orders.order(order, deadlineNanos)
                .thenApply(answer -> Orders.answered(answer, done -> {
                    Topology now = view.current();
                    var message =
                            MigrateResponse.newBuilder().setEpoch(done.epoch().value());
                    partition(now, order.table(), order.partition())
                            .flatMap(partition -> Migrations.newest(now, partition.id()))
                            .ifPresent(message::setMigration);
                    return message.build();
                }));
    }

    @Override
    public CompletionStage<Answer<TransferPrimaryResponse>> transferPrimary(
            TransferPrimaryRequest request, long deadlineNanos) {
        var node = new NodeId(request.getNode());
        return orders.order(new Order.PreferPrimary(request.getTable(), request.getPartition(), node), deadlineNanos)
                .thenCompose(answer -> {
                    Answer<Long> ordered =
                            Orders.answered(answer, done -> done.epoch().value());
                    if (!(ordered instanceof Answer.Done<Long> done)) {
                        return CompletableFuture.completedFuture(
                                ordered.map(epoch -> TransferPrimaryResponse.getDefaultInstance()));
                    }
                    return becomesPrimary(request, node, deadlineNanos)
                            .thenApply(shown -> new Answer.Done<>(TransferPrimaryResponse.newBuilder()
                                    .setEpoch(Math.max(
                                            done.response(),
                                            shown ? view.current().epoch().value() : 0))
                                    .setDone(shown)
                                    .build()));
                });
    }

    /** Done with whether the topology has shown it before the time was up. */
    private CompletionStage<Boolean> becomesPrimary(TransferPrimaryRequest request, NodeId node, long deadlineNanos) {
        var shown = new CompletableFuture<Boolean>();
        var subscription = view.subscribe(topology -> {
            boolean leads = partition(topology, request.getTable(), request.getPartition())
                    .flatMap(PartitionInfo::primary)
                    .filter(primary -> primary.node().equals(node))
                    .isPresent();
            if (leads) {
                shown.complete(true);
            }
        });
        long nanosLeft = Math.max(1, deadlineNanos - MARGIN_NANOS - System.nanoTime());
        return shown.completeOnTimeout(false, nanosLeft, TimeUnit.NANOSECONDS).whenComplete((done, failure) -> {
            try {
                subscription.close();
            } catch (Exception cannotBe) {
                throw new IllegalStateException(cannotBe);
            }
        });
    }

    @Override
    public CompletionStage<Answer<ChangeResponse>> cancelMigration(CancelMigrationRequest request, long deadlineNanos) {
        return orders.change(new Order.CancelMove(request.getId()), deadlineNanos);
    }

    @Override
    public CompletionStage<Answer<ChangeResponse>> recoverPartition(
            RecoverPartitionRequest request, long deadlineNanos) {
        if (request.getSurvivorsCount() > 0) {
            return recover(
                    request,
                    request.getSurvivorsList().stream().map(NodeId::new).toList(),
                    deadlineNanos);
        }
        Topology topology = view.current();
        Optional<PartitionInfo> known = partition(topology, request.getTable(), request.getPartition());
        if (known.isEmpty()) {
            return CompletableFuture.completedFuture(noSuchPartition(request.getTable(), request.getPartition()));
        }
        return live.of(List.of(known.get()), deadlineNanos).thenCompose(told -> Survivors.best(known.get(), told)
                .map(best -> recover(request, List.of(best), deadlineNanos))
                .orElseGet(() -> CompletableFuture.completedFuture(new Answer.Refused<>(
                        Answer.Reason.NODE_NOT_UP,
                        "no node answers that holds a replica of this partition which can be read"))));
    }

    private CompletionStage<Answer<ChangeResponse>> recover(
            RecoverPartitionRequest request, List<NodeId> survivors, long deadlineNanos) {
        return orders.change(
                new Order.RecoverPartition(request.getTable(), request.getPartition(), survivors), deadlineNanos);
    }
}
