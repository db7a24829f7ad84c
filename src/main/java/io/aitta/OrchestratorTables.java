package io.aitta;

import io.aitta.gateway.TableAdmin;
import io.aitta.gateway.TopologySource;
import io.aitta.orchestrator.OrchestratorClient;
import io.aitta.orchestrator.OrchestratorClient.ChangeAnswer;
import io.aitta.proto.v1.CreateTableRequest;
import io.aitta.proto.v1.CreateTableResponse;
import io.aitta.proto.v1.DropTableRequest;
import io.aitta.proto.v1.DropTableResponse;
import java.util.OptionalInt;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** Lets the gRPC door change tables through the orchestrator. Stateless. */
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
                .createTable(request.getName(), partitions, replicas, deadlineNanos)
                .thenApply(answer -> answered(answer, done -> {
                    var response = CreateTableResponse.newBuilder()
                            .setEpoch(done.epoch().value())
                            .setPartitionsNotReady(done.partitionsNotReady());
                    topology.current().getTablesList().stream()
                            .filter(table -> table.getName().equals(request.getName()))
                            .findFirst()
                            .ifPresent(response::setTable);
                    return response.build();
                }));
    }

    @Override
    public CompletionStage<Answer<DropTableResponse>> dropTable(DropTableRequest request, long deadlineNanos) {
        return orchestrator
                .dropTable(request.getName(), deadlineNanos)
                .thenApply(answer -> answered(answer, done -> DropTableResponse.newBuilder()
                        .setEpoch(done.epoch().value())
                        .build()));
    }

    private static <T> Answer<T> answered(ChangeAnswer answer, Function<ChangeAnswer.Done, T> response) {
        if (answer instanceof ChangeAnswer.Done done) {
            return new Answer.Done<>(response.apply(done));
        }
        if (answer instanceof ChangeAnswer.Refused refused) {
            return new Answer.Refused<>(reason(refused.reason()), refused.message());
        }
        return new Answer.Unknown<>(((ChangeAnswer.Unknown) answer).message());
    }

    private static Reason reason(String name) {
        for (var reason : Reason.values()) {
            if (reason.name().equals(name)) {
                return reason;
            }
        }
        // What else the orchestrator may say (such as NO_PRIMARY of _meta) means that it cannot work now.
        return Reason.NO_ORCHESTRATOR;
    }
}
