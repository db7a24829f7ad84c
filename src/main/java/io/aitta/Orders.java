package io.aitta;

import io.aitta.gateway.Answer;
import io.aitta.orchestrator.OrchestratorClient.ChangeAnswer;
import io.aitta.orchestrator.Order;
import io.aitta.proto.v1.ChangeResponse;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** The way of people's orders to the orchestrator, and of its answers back in the doors' words. Thread-safe. */
@FunctionalInterface
interface Orders {
    /** Never fails, as {@link io.aitta.orchestrator.OrchestratorClient#order} does not. */
    CompletionStage<ChangeAnswer> order(Order order, long deadlineNanos);

    /** The answer to an order that needs no other. */
    default CompletionStage<Answer<ChangeResponse>> change(Order order, long deadlineNanos) {
        return changed(order(order, deadlineNanos));
    }

    static CompletionStage<Answer<ChangeResponse>> changed(CompletionStage<ChangeAnswer> change) {
        return change.thenApply(answer -> answered(answer, done -> ChangeResponse.newBuilder()
                .setEpoch(done.epoch().value())
                .build()));
    }

    static <T> Answer<T> answered(ChangeAnswer answer, Function<ChangeAnswer.Done, T> response) {
        if (answer instanceof ChangeAnswer.Done done) {
            return new Answer.Done<>(response.apply(done));
        }
        if (answer instanceof ChangeAnswer.Refused refused) {
            return new Answer.Refused<>(reason(refused.reason()), refused.message());
        }
        return new Answer.Unknown<>(((ChangeAnswer.Unknown) answer).message());
    }

    static Answer.Reason reason(String name) {
        for (var reason : Answer.Reason.values()) {
            if (reason.name().equals(name)) {
                return reason;
            }
        }
        // What else the orchestrator may say (such as NO_PRIMARY of _meta) means that it cannot work now.
        return Answer.Reason.NO_ORCHESTRATOR;
    }
}
