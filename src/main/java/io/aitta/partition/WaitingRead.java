package io.aitta.partition;

import io.aitta.core.PartitionId;
import io.aitta.core.kv.Value;
import io.aitta.partition.PartitionAccess.ReadAnswer;
import io.aitta.partition.PartitionAccess.ReadLevel;
import io.aitta.partition.PartitionAccess.Reason;
import io.aitta.partition.PartitionAccess.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A read; answers that would not fit one message come in parts. */
final class WaitingRead extends Waiting {
    final CompletableFuture<ReadAnswer> answer = new CompletableFuture<>();
    final ReadLevel level;
    private final List<byte[]> keys;
    private final List<Optional<Value>> values = new ArrayList<>();
    private long index;

    WaitingRead(PartitionId partition, long deadlineNanos, List<byte[]> keys, ReadLevel level) {
        super(partition, deadlineNanos);
        this.keys = keys;
        this.level = level;
    }

    @Override
    int count() {
        return 1;
    }

    /** The keys whose values are still missing. */
    List<byte[]> rest() {
        return keys.subList(values.size(), keys.size());
    }

    /** @return whether it is complete */
    boolean take(Replica.ReadValues part) {
        for (var value : part.values()) {
            values.add(
                    value.bytes() == null
                            ? Optional.empty()
                            : Optional.of(new Value(value.bytes(), value.version(), value.expiresAtMillis())));
        }
        index = Math.max(index, part.index());
        return values.size() >= keys.size();
    }

    void complete() {
        answer.complete(new ReadAnswer.Values(values, index));
    }

    @Override
    boolean refused(int first, int many, Refusal refusal) {
        answer.complete(new ReadAnswer.Refused(isForWantOfPrimary(refusal) ? tooStale(refusal) : refusal));
        return true;
    }

    @Override
    boolean unknown(int first, int many, String message) {
        return refused(first, many, new Refusal(Reason.NO_PRIMARY, message));
    }

    /** Only the primary could have proved that a replica is fresh enough. */
    private boolean isForWantOfPrimary(Refusal refusal) {
        return level instanceof ReadLevel.Eventual eventual
                && eventual.maxStalenessMillis() > 0
                && (refusal.reason() == Reason.NO_PRIMARY || refusal.reason() == Reason.NO_QUORUM);
    }

    private Refusal tooStale(Refusal refusal) {
        return new Refusal(
                Reason.TOO_STALE,
                "no replica of " + partition + " is known to be as fresh as "
                        + ((ReadLevel.Eventual) level).maxStalenessMillis()
                        + " ms, and its primary could not be asked: " + refusal.message());
    }
}
