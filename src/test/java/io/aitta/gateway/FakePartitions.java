package io.aitta.gateway;

import io.aitta.core.PartitionId;
import io.aitta.core.kv.KeySpan;
import io.aitta.core.kv.Value;
import io.aitta.partition.PartitionAccess;
import io.aitta.proto.record.v1.DeleteOutcome;
import io.aitta.proto.record.v1.Operation;
import io.aitta.proto.record.v1.Outcome;
import io.aitta.proto.record.v1.SetOutcome;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;

/** Partitions that hold their keys in a map and do at once what they are told, unless a test has other answers for them. */
final class FakePartitions implements PartitionAccess {
    record Write(PartitionId partition, Operation operation, long deadlineNanos) {}

    record Read(PartitionId partition, int keys, ReadLevel level) {}

    final ConcurrentLinkedQueue<Write> writes = new ConcurrentLinkedQueue<>();
    final ConcurrentLinkedQueue<Read> reads = new ConcurrentLinkedQueue<>();
    final FakeScans scans = new FakeScans();
    private final Map<ByteBuffer, Value> values = new ConcurrentHashMap<>();
    private final AtomicLong versions = new AtomicLong();

    /** Asked first; null: do as usual. */
    volatile BiFunction<PartitionId, Operation, CompletionStage<WriteAnswer>> onWrite = (partition, operation) -> null;

    volatile BiFunction<PartitionId, List<byte[]>, CompletionStage<ReadAnswer>> onRead = (partition, keys) -> null;

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
    public CompletionStage<WriteAnswer> write(
            PartitionId partition, byte[] bytes, Acknowledgement acknowledgement, long deadlineNanos) {
        Operation operation;
        try {
            operation = Operation.parseFrom(bytes);
        } catch (com.google.protobuf.InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
        writes.add(new Write(partition, operation, deadlineNanos));
        var other = onWrite.apply(partition, operation);
        return other != null ? other : CompletableFuture.completedFuture(apply(operation));
    }

    @Override
    public CompletionStage<ReadAnswer> read(
            PartitionId partition, List<byte[]> keys, ReadLevel level, long deadlineNanos) {
        reads.add(new Read(partition, keys.size(), level));
        var other = onRead.apply(partition, keys);
        return other != null
                ? other
                : CompletableFuture.completedFuture(new ReadAnswer.Values(
                        keys.stream()
                                .map(key -> Optional.ofNullable(values.get(ByteBuffer.wrap(key))))
                                .toList(),
                        0));
    }

    @Override
    public CompletionStage<ScanAnswer> scan(
            PartitionId partition, ScanQuery query, ReadLevel level, long deadlineNanos) {
        return scans.scan(partition, query, level);
    }

    @Override
    public void giveUp(PartitionId partition, String moment) {
        scans.giveUp(moment);
    }

    @Override
    public CompletionStage<CountAnswer> count(
            PartitionId partition, KeySpan span, ReadLevel level, long deadlineNanos) {
        return scans.count(partition, span);
    }

    WriteAnswer apply(Operation operation) {
        var outcome = Outcome.newBuilder();
        if (operation.hasSet()) {
            long version = versions.incrementAndGet();
            var set = operation.getSet();
            values.put(
                    ByteBuffer.wrap(set.getKey().toByteArray()),
                    new Value(set.getValue().toByteArray(), version, 0));
            outcome.setSet(SetOutcome.newBuilder().setVersion(version));
        } else {
            boolean existed =
                    values.remove(ByteBuffer.wrap(operation.getDelete().getKey().toByteArray())) != null;
            outcome.setDelete(DeleteOutcome.newBuilder().setExisted(existed));
        }
        return new WriteAnswer.Done(outcome.build().toByteArray(), 0);
    }
}
