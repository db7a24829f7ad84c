package io.aitta.gateway;

import io.aitta.proto.v1.AlterTableRequest;
import io.aitta.proto.v1.AlterTableResponse;
import io.aitta.proto.v1.CreateTableRequest;
import io.aitta.proto.v1.CreateTableResponse;
import io.aitta.proto.v1.DropTableRequest;
import io.aitta.proto.v1.DropTableResponse;
import java.util.concurrent.CompletionStage;

/**
 * The way to the orchestrator, wherever it runs. Thread-safe. The stages never fail: what went wrong is an answer. They
 * come at most a little after the deadline, which is on {@link System#nanoTime()}'s clock.
 */
public interface TableAdmin {
    /** What became of a change. */
    sealed interface Answer<T> {
        record Done<T>(T response) implements Answer<T> {}

        /** Nothing happened. */
        record Refused<T>(Reason reason, String message) implements Answer<T> {}

        /** It may or may not have happened, or may still. */
        record Unknown<T>(String message) implements Answer<T> {}
    }

    /** Stable reasons; their names are part of the API. */
    enum Reason {
        BAD_TABLE_NAME,
        BAD_PARTITIONS,
        BAD_REPLICAS,
        TABLE_EXISTS,
        TABLE_NOT_FOUND,
        TABLE_PROTECTED,
        NOT_ENOUGH_NODES,
        /** No orchestrator is at hand; a later try may do better. */
        NO_ORCHESTRATOR,
        /** The topology cannot be written: too few meta nodes are up. */
        NO_QUORUM,
        OVERLOADED,
        /** The deadline passed before the work was begun. */
        DEADLINE_EXCEEDED
    }

    /** @param request all in it is within the API's bounds */
    CompletionStage<Answer<CreateTableResponse>> createTable(CreateTableRequest request, long deadlineNanos);

    /** @param request all in it is within the API's bounds */
    CompletionStage<Answer<AlterTableResponse>> alterTable(AlterTableRequest request, long deadlineNanos);

    CompletionStage<Answer<DropTableResponse>> dropTable(DropTableRequest request, long deadlineNanos);
}
