package io.aitta.gateway;

import io.aitta.proto.v1.AlterTableRequest;
import io.aitta.proto.v1.AlterTableResponse;
import io.aitta.proto.v1.ChangeResponse;
import io.aitta.proto.v1.CreateTableRequest;
import io.aitta.proto.v1.CreateTableResponse;
import io.aitta.proto.v1.DropTableRequest;
import io.aitta.proto.v1.DropTableResponse;
import io.aitta.proto.v1.SetTableLearnersRequest;
import io.aitta.proto.v1.SetTableReplicasRequest;
import java.util.concurrent.CompletionStage;

/** Changes of tables. All in the requests is within the API's bounds. See {@link ClusterAdmin}. */
public interface TableAdmin {
    CompletionStage<Answer<CreateTableResponse>> createTable(CreateTableRequest request, long deadlineNanos);

    CompletionStage<Answer<AlterTableResponse>> alterTable(AlterTableRequest request, long deadlineNanos);

    CompletionStage<Answer<DropTableResponse>> dropTable(DropTableRequest request, long deadlineNanos);

    CompletionStage<Answer<ChangeResponse>> setReplicas(SetTableReplicasRequest request, long deadlineNanos);

    CompletionStage<Answer<ChangeResponse>> setLearners(SetTableLearnersRequest request, long deadlineNanos);
}
