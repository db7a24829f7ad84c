package io.aitta;

import io.aitta.core.topology.TableOptions;
import io.aitta.gateway.Answer;
import io.aitta.gateway.TableAdmin;
import io.aitta.gateway.TopologySource;
import io.aitta.orchestrator.OrchestratorClient;
import io.aitta.orchestrator.Order;
import io.aitta.proto.v1.AlterTableRequest;
import io.aitta.proto.v1.AlterTableResponse;
import io.aitta.proto.v1.ChangeResponse;
import io.aitta.proto.v1.CreateTableRequest;
import io.aitta.proto.v1.CreateTableResponse;
import io.aitta.proto.v1.DropTableRequest;
import io.aitta.proto.v1.DropTableResponse;
import io.aitta.proto.v1.ReadConsistency;
import io.aitta.proto.v1.SetTableLearnersRequest;
import io.aitta.proto.v1.SetTableReplicasRequest;
import io.aitta.proto.v1.Table;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;

/** Lets people change tables through the orchestrator. Stateless. */
final class OrchestratorTables implements TableAdmin {
    private final OrchestratorClient orchestrator;
    private final TopologySource topology;

    OrchestratorTables(OrchestratorClient orchestrator, TopologySource topology) {
        this.orchestrator = orchestrator;
        this.topology = topology;
    }

    @Override
    public CompletionStage<Answer<CreateTableResponse>> createTable(CreateTableRequest request, long deadlineNanos) {
        var partitions = request.hasPartitions() ? OptionalInt.of(request.getPartitions()) : OptionalInt.empty();
        var replicas = request.hasReplicas() ? OptionalInt.of(request.getReplicas()) : OptionalInt.empty();
        return orchestrator
                .createTable(request.getName(), partitions, replicas, options(request.getOptions()), deadlineNanos)
                .thenApply(answer -> Orders.answered(answer, done -> {
                    var response = CreateTableResponse.newBuilder()
                            .setEpoch(done.epoch().value())
                            .setPartitionsNotReady(done.partitionsNotReady());
                    table(request.getName()).ifPresent(response::setTable);
                    return response.build();
                }));
    }

    @Override
    public CompletionStage<Answer<AlterTableResponse>> alterTable(AlterTableRequest request, long deadlineNanos) {
        var options = request.getOptions();
        return orchestrator
                .alterTable(
                        request.getName(),
                        options.hasDefaultTimeToLiveMillis()
                                ? OptionalLong.of(options.getDefaultTimeToLiveMillis())
                                : OptionalLong.empty(),
                        options.hasDefaultReadConsistency()
                                ? Optional.of(consistency(options.getDefaultReadConsistency()))
                                : Optional.empty(),
                        options.hasMaxValueBytes() ? OptionalInt.of(options.getMaxValueBytes()) : OptionalInt.empty(),
                        deadlineNanos)
                .thenApply(answer -> Orders.answered(answer, done -> {
                    var response = AlterTableResponse.newBuilder()
                            .setEpoch(done.epoch().value());
                    table(request.getName()).ifPresent(response::setTable);
                    return response.build();
                }));
    }

    private Optional<Table> table(String name) {
        return topology.current().getTablesList().stream()
                .filter(table -> table.getName().equals(name))
                .findFirst();
    }

    private static TableOptions options(io.aitta.proto.v1.TableOptions options) {
        return new TableOptions(
                options.getDefaultTimeToLiveMillis(),
                consistency(options.getDefaultReadConsistency()),
                options.getMaxValueBytes());
    }

    private static TableOptions.Consistency consistency(ReadConsistency consistency) {
        return switch (consistency) {
            case READ_CONSISTENCY_UNSPECIFIED, STRONG -> TableOptions.Consistency.STRONG;
            case EVENTUAL -> TableOptions.Consistency.EVENTUAL;
            case SESSION -> TableOptions.Consistency.SESSION;
            case UNRECOGNIZED -> throw new IllegalArgumentException("the door lets no unknown consistency in");
        };
    }

    @Override
    public CompletionStage<Answer<DropTableResponse>> dropTable(DropTableRequest request, long deadlineNanos) {
        return orchestrator
                .dropTable(request.getName(), deadlineNanos)
                .thenApply(answer -> Orders.answered(answer, done -> DropTableResponse.newBuilder()
                        .setEpoch(done.epoch().value())
                        .build()));
    }

    @Override
    public CompletionStage<Answer<ChangeResponse>> setReplicas(SetTableReplicasRequest request, long deadlineNanos) {
        return Orders.changed(
                orchestrator.order(new Order.SetReplicas(request.getTable(), request.getReplicas()), deadlineNanos));
    }

    @Override
    public CompletionStage<Answer<ChangeResponse>> setLearners(SetTableLearnersRequest request, long deadlineNanos) {
        return Orders.changed(orchestrator.order(
                new Order.SetLearners(request.getTable(), request.getZone(), request.getCount()), deadlineNanos));
    }
}
