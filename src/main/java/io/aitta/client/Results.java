package io.aitta.client;

import io.aitta.client.TransactionResult.Step;
import io.aitta.proto.v1.DeleteResponse;
import io.aitta.proto.v1.GetResponse;
import io.aitta.proto.v1.KeyRead;
import io.aitta.proto.v1.PreviousValue;
import io.aitta.proto.v1.SetResponse;
import io.aitta.proto.v1.TimeToLiveResponse;
import io.aitta.proto.v1.TransactionResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Turns the API's answers into what callers get. */
final class Results {
    private Results() {}

    static Optional<VersionedValue> found(GetResponse reply) {
        return reply.getFound()
                ? Optional.of(new VersionedValue(
                        reply.getValue(),
                        reply.getVersion(),
                        remaining(reply.hasRemainingMillis(), reply.getRemainingMillis())))
                : Optional.empty();
    }

    static ReadOutcome outcome(KeyRead read) {
        if (read.hasError()) {
            return new ReadOutcome.Failed(Failures.of(read.getError()));
        }
        return read.getFound()
                ? new ReadOutcome.Found(new VersionedValue(
                        read.getValue(),
                        read.getVersion(),
                        remaining(read.hasRemainingMillis(), read.getRemainingMillis())))
                : new ReadOutcome.Missing();
    }

    static Optional<TimeToLive> timeToLive(TimeToLiveResponse reply) {
        return reply.getFound()
                ? Optional.of(new TimeToLive(
                        reply.getVersion(), remaining(reply.hasRemainingMillis(), reply.getRemainingMillis())))
                : Optional.empty();
    }

    static SetResult set(SetResponse reply) {
        return new SetResult(
                reply.getApplied(), reply.getVersion(), previous(reply.hasPrevious(), reply.getPrevious()));
    }

    static DeleteResult delete(DeleteResponse reply) {
        return new DeleteResult(
                reply.getApplied(),
                reply.getExisted(),
                reply.getVersion(),
                previous(reply.hasPrevious(), reply.getPrevious()));
    }

    /** @param transaction whose answer it is: results are told apart by the operations they belong to */
    static TransactionResult transaction(Transaction transaction, TransactionResponse reply) {
        List<Operation> done = reply.getSucceeded() ? transaction.thenOperations() : transaction.elseOperations();
        var steps = new ArrayList<Step>(reply.getResultsCount());
        for (int i = 0; i < reply.getResultsCount(); i++) {
            steps.add(step(done.get(i), reply.getResults(i)));
        }
        return new TransactionResult(reply.getSucceeded(), reply.getVersion(), steps);
    }

    private static Step step(Operation operation, io.aitta.proto.v1.TransactionResult result) {
        return switch (operation.message().getKindCase()) {
            case GET ->
                new Step.Got(
                        result.getExisted()
                                ? Optional.of(new VersionedValue(
                                        result.getValue(),
                                        result.getVersion(),
                                        remaining(result.hasRemainingMillis(), result.getRemainingMillis())))
                                : Optional.empty());
            case SET -> new Step.Set(result.getExisted(), result.getVersion());
            case DELETE -> new Step.Deleted(result.getExisted());
            case APPEND -> new Step.Appended(result.getVersion(), result.getLength());
            case INCREMENT -> new Step.Incremented(result.getVersion(), result.getNumber());
            case EXPIRE -> new Step.Expired(result.getExisted(), result.getVersion());
            case PERSIST -> new Step.Persisted(result.getExisted(), result.getVersion());
            case KIND_NOT_SET -> throw new IllegalStateException("an operation without a kind");
        };
    }

    private static Optional<VersionedValue> previous(boolean told, PreviousValue previous) {
        return told
                ? Optional.of(new VersionedValue(
                        previous.getValue(),
                        previous.getVersion(),
                        remaining(previous.hasRemainingMillis(), previous.getRemainingMillis())))
                : Optional.empty();
    }

    static Optional<Duration> remaining(boolean expires, long millis) {
        return expires ? Optional.of(Duration.ofMillis(millis)) : Optional.empty();
    }
}
