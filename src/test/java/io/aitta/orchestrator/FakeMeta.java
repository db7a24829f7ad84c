package io.aitta.orchestrator;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.aitta.core.PartitionId;
import io.aitta.core.kv.Value;
import io.aitta.partition.UnaskedPartitions;
import io.aitta.proto.record.v1.Compare;
import io.aitta.proto.record.v1.Operation;
import io.aitta.proto.record.v1.Outcome;
import io.aitta.proto.record.v1.TransactionOperation;
import io.aitta.proto.record.v1.TransactionOutcome;
import io.aitta.proto.record.v1.TransactionWrite;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** {@code _meta} in memory, with the real meaning of a transaction, and with what can go wrong on the way. Thread-safe. */
final class FakeMeta extends UnaskedPartitions {
    /** What happens to a write. */
    enum Fate {
        APPLIED,
        REFUSED,
        UNKNOWN_BUT_APPLIED,
        /** Applied, and never answered. */
        APPLIED_UNANSWERED,
        UNKNOWN_AND_LOST,
        /** Unknown; applied when {@link #arriveLate()} is called. */
        UNKNOWN_AND_LATE,
        /** Not answered before {@link #arriveLate()}, by which it is applied. */
        HELD
    }

    private final Map<ByteString, ByteString> data = new HashMap<>();
    private final ArrayDeque<Fate> fates = new ArrayDeque<>();
    private final List<Runnable> late = new ArrayList<>();
    private boolean isDown;
    private int largestWrite;
    private int writes;

    /** What happens to the next writes; those after them are applied. */
    synchronized void nextWrites(Fate... next) {
        fates.addAll(List.of(next));
    }

    synchronized void setDown(boolean down) {
        isDown = down;
    }

    /** What was held or late takes effect, as far as its compares hold by now. */
    synchronized void arriveLate() {
        late.forEach(Runnable::run);
        late.clear();
    }

    synchronized int heldOrLate() {
        return late.size();
    }

    synchronized int largestWrite() {
        return largestWrite;
    }

    synchronized int writes() {
        return writes;
    }

    @Override
    public void writeAll(
            PartitionId partition,
            List<byte[]> operations,
            Acknowledgement acknowledgement,
            long deadlineNanos,
            WriteObserver observer) {
        for (int i = 0; i < operations.size(); i++) {
            int position = i;
            write(partition, operations.get(i), acknowledgement, deadlineNanos)
                    .thenAccept(answer -> observer.answered(position, answer));
        }
    }

    @Override
    public synchronized CompletionStage<WriteAnswer> write(
            PartitionId partition, byte[] operation, Acknowledgement acknowledgement, long deadlineNanos) {
        writes++;
        largestWrite = Math.max(largestWrite, operation.length);
        Fate fate = isDown ? Fate.REFUSED : fates.isEmpty() ? Fate.APPLIED : fates.poll();
        switch (fate) {
            case APPLIED -> {
                return CompletableFuture.completedFuture(apply(operation));
            }
            case REFUSED -> {
                return CompletableFuture.completedFuture(
                        new WriteAnswer.Refused(new Refusal(Reason.NO_QUORUM, "too few are there")));
            }
            case UNKNOWN_BUT_APPLIED -> apply(operation);
            case APPLIED_UNANSWERED -> {
                apply(operation);
                return new CompletableFuture<>();
            }
            case UNKNOWN_AND_LATE -> late.add(() -> apply(operation));
            case HELD -> {
                var answer = new CompletableFuture<WriteAnswer>();
                late.add(() -> answer.complete(apply(operation)));
                return answer;
            }
            case UNKNOWN_AND_LOST -> {}
        }
        return CompletableFuture.completedFuture(new WriteAnswer.Unknown("no answer in time"));
    }

    @Override
    public synchronized CompletionStage<ReadAnswer> read(
            PartitionId partition, List<byte[]> keys, ReadLevel level, long deadlineNanos) {
        if (isDown) {
            return CompletableFuture.completedFuture(
                    new ReadAnswer.Refused(new Refusal(Reason.NO_PRIMARY, "nobody leads")));
        }
        List<Optional<Value>> values = new ArrayList<>();
        for (byte[] key : keys) {
            values.add(Optional.ofNullable(data.get(ByteString.copyFrom(key)))
                    .map(value -> new Value(value.toByteArray(), 1, 0)));
        }
        return CompletableFuture.completedFuture(new ReadAnswer.Values(values, 0));
    }

    private WriteAnswer apply(byte[] operation) {
        TransactionOperation transaction;
        try {
            transaction = Operation.parseFrom(operation).getTransaction();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException(e);
        }
        boolean holds = transaction.getComparesList().stream().allMatch(this::holds);
        var writes = holds ? transaction.getThenWritesList() : transaction.getElseWritesList();
        for (TransactionWrite write : writes) {
            data.put(write.getSet().getKey(), write.getSet().getValue());
        }
        return new WriteAnswer.Done(
                Outcome.newBuilder()
                        .setTransaction(TransactionOutcome.newBuilder().setSucceeded(holds))
                        .build()
                        .toByteArray(),
                0);
    }

    private boolean holds(Compare compare) {
        ByteString value = data.get(compare.getKey());
        return switch (compare.getExpectedCase()) {
            case EXISTS -> (value != null) == compare.getExists();
            case VALUE -> compare.getValue().equals(value);
            default -> throw new IllegalArgumentException("not needed here: " + compare);
        };
    }
}
