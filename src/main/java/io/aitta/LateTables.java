package io.aitta;

import io.aitta.gateway.TableAdmin;
import io.aitta.proto.v1.AlterTableRequest;
import io.aitta.proto.v1.AlterTableResponse;
import io.aitta.proto.v1.CreateTableRequest;
import io.aitta.proto.v1.CreateTableResponse;
import io.aitta.proto.v1.DropTableRequest;
import io.aitta.proto.v1.DropTableResponse;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** For the moments between the opening of the doors, which must come first, and the orchestrator's being there. */
final class LateTables implements TableAdmin {
    private final CompletableFuture<? extends TableAdmin> tables;

    LateTables(CompletableFuture<? extends TableAdmin> tables) {
        this.tables = tables;
    }

    @Override
    public CompletionStage<Answer<CreateTableResponse>> createTable(CreateTableRequest request, long deadlineNanos) {
        return tables.thenCompose(there -> there.createTable(request, deadlineNanos));
    }

    @Override
    public CompletionStage<Answer<AlterTableResponse>> alterTable(AlterTableRequest request, long deadlineNanos) {
        return tables.thenCompose(there -> there.alterTable(request, deadlineNanos));
    }

    @Override
    public CompletionStage<Answer<DropTableResponse>> dropTable(DropTableRequest request, long deadlineNanos) {
        return tables.thenCompose(there -> there.dropTable(request, deadlineNanos));
    }
}
