package io.aitta.client;

import com.google.protobuf.ByteString;
import io.aitta.client.AittaException.OutcomeUnknown;
import io.aitta.client.AittaException.Refused;
import io.grpc.MethodDescriptor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Writes many entries. A retry sends all of them again, in the same order, under the same sequence number: the store
 * knows an entry by its place in the request, and answers one that it has applied already with its first outcome.
 *
 * @param <O> what becomes of one entry
 */
abstract class MultiWriteExchange<Q, R, O> extends Exchange<Q, R, List<O>> {
    /** One for each entry; null until answered. */
    private final List<O> outcomes;

    MultiWriteExchange(TableScope scope, MethodDescriptor<Q, R> method, ByteString firstKey, int entries) {
        super(method, scope.place(firstKey), scope.sessions().begin(), scope.acknowledgement());
        this.outcomes = new ArrayList<>(Collections.nCopies(entries, null));
    }

    /** How many outcomes a reply has. */
    abstract int count(R reply);

    abstract O outcome(R reply, int entry);

    /** Null if the entry was written. */
    abstract AittaException failure(O outcome);

    abstract O failed(AittaException why);

    @Override
    final Optional<AittaException> absorb(R reply, boolean doubted) {
        if (count(reply) != outcomes.size()) {
            throw new OutcomeUnknown(count(reply) + " answers to a request for " + outcomes.size() + " entries");
        }
        AittaException again = null;
        for (int i = 0; i < outcomes.size(); i++) {
            O outcome = merge(outcomes.get(i), outcome(reply, i), doubted);
            outcomes.set(i, outcome);
            AittaException failure = failure(outcome);
            if (failure != null) {
                // Other entries may have been applied, so that this request cannot move to a new session; later ones
                // do.
                ticket.expiredBy(failure);
                again = failure.retryAfter().isPresent() ? failure : again;
            }
        }
        return Optional.ofNullable(again);
    }

    /** What two tries of the same entry come to: what was done stays done, and doubt stays until it is cleared. */
    private O merge(O before, O now, boolean doubted) {
        if (before != null && failure(before) == null) {
            return before;
        }
        boolean unknownBefore = doubted || before != null && failure(before) instanceof OutcomeUnknown;
        return unknownBefore ? doubt(now) : now;
    }

    private O doubt(O outcome) {
        AittaException failure = failure(outcome);
        if (failure == null
                || failure instanceof OutcomeUnknown
                || failure instanceof Refused refused && refused.isForGood()) {
            return outcome;
        }
        return failed(new OutcomeUnknown(
                "an earlier try was not answered, and the last one failed: " + failure.getMessage(), failure));
    }

    @Override
    final List<O> result() {
        return List.copyOf(outcomes);
    }

    @Override
    final List<O> giveUp(AittaException why, boolean doubted) {
        if (outcomes.contains(null)) {
            throw why;
        }
        return outcomes.stream()
                .map(outcome -> doubted ? doubt(outcome) : outcome)
                .toList();
    }
}
