package io.aitta.gateway;

import com.google.protobuf.InvalidProtocolBufferException;
import io.aitta.core.kv.Value;
import io.aitta.gateway.Routing.Target;
import io.aitta.partition.PartitionAccess.Acknowledgement;
import io.aitta.partition.PartitionAccess.ReadAnswer;
import io.aitta.partition.PartitionAccess.ReadLevel;
import io.aitta.partition.PartitionAccess.Refusal;
import io.aitta.partition.PartitionAccess.WriteAnswer;
import io.aitta.proto.record.v1.Outcome;
import io.aitta.proto.v1.ResponseHeader;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * A request for one partition that has been checked: what to tell the partition, and how to say its answer in the API's
 * words. What is between the two, one request at a time or many at once, is for others to decide. Immutable.
 *
 * @param <R> the response
 */
sealed interface Prepared<R> {
    Target target();

    /**
     * @param operation a serialized {@code aitta.record.v1.Operation}
     * @param onlyOrdered the outcome to speak of when nobody knows it, as the write was only ordered
     */
    record Write<R>(
            Target target,
            byte[] operation,
            Acknowledgement acknowledgement,
            Outcome onlyOrdered,
            BiFunction<ResponseHeader, Outcome, R> words)
            implements Prepared<R> {
        /** @throws ProblemException if it was refused, here or when applied, or nobody knows */
        R response(WriteAnswer answer, Call call) {
            if (answer instanceof WriteAnswer.Ordered ordered) {
                return words.apply(target.header(ordered.index()), onlyOrdered);
            }
            Outcome outcome = outcome(answer, call);
            return words.apply(target.header(((WriteAnswer.Done) answer).index()), outcome);
        }
    }

    /** A read of one key. */
    record Read<R>(Target target, byte[] key, ReadLevel level, BiFunction<ResponseHeader, Optional<Value>, R> words)
            implements Prepared<R> {
        /**
         * @param position of the key among those that were asked for
         * @throws ProblemException if the read was refused
         */
        R response(ReadAnswer answer, int position) {
            if (answer instanceof ReadAnswer.Refused refused) {
                throw problem(refused.refusal()).asException();
            }
            var values = (ReadAnswer.Values) answer;
            return words.apply(target.header(values.index()), values.values().get(position));
        }
    }

    /**
     * What a write came to that was not only ordered.
     *
     * @throws ProblemException if it was refused, here or when applied, or nobody knows
     */
    static Outcome outcome(WriteAnswer answer, Call call) {
        if (answer instanceof WriteAnswer.Refused refused) {
            throw problem(refused.refusal()).asException();
        }
        if (answer instanceof WriteAnswer.Unknown unknown) {
            throw Problem.outcomeUnknown(unknown.message(), call.isExpired()).asException();
        }
        Outcome outcome;
        try {
            outcome = Outcome.parseFrom(((WriteAnswer.Done) answer).outcome());
        } catch (InvalidProtocolBufferException damaged) {
            throw new IllegalStateException("an outcome does not decode", damaged);
        }
        if (outcome.hasRefused()) {
            throw Problem.refusedByReplica(outcome.getRefused()).asException();
        }
        return outcome;
    }

    /** A partition's refusal in the API's words. */
    static Problem problem(Refusal refusal) {
        return Problem.of(ErrorReason.valueOf(refusal.reason().name()), refusal.message());
    }
}
