package io.aitta.gateway;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.aitta.core.PartitionId;
import io.aitta.core.kv.Applier;
import io.aitta.core.kv.Batches;
import io.aitta.core.kv.KeySpan;
import io.aitta.core.kv.KvReader;
import io.aitta.core.kv.SessionTable;
import io.aitta.core.kv.Value;
import io.aitta.partition.PartitionAccess;
import io.aitta.proto.record.v1.Operation;
import io.aitta.proto.record.v1.StoredValue;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BiFunction;

/**
 * Partitions in memory that do at once what they are told, by the rules that replicas apply it by, unless a test has
 * other answers for them.
 */
final class FakePartitions implements PartitionAccess {
    record Write(PartitionId partition, Operation operation, Acknowledgement acknowledgement, long deadlineNanos) {}

    record Read(PartitionId partition, int keys, ReadLevel level) {}

    final ConcurrentLinkedQueue<Write> writes = new ConcurrentLinkedQueue<>();
    final ConcurrentLinkedQueue<Read> reads = new ConcurrentLinkedQueue<>();
    final FakeScans scans = new FakeScans();
    private final Map<PartitionId, State> states = new ConcurrentHashMap<>();

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
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
        writes.add(new Write(partition, operation, acknowledgement, deadlineNanos));
        var other = onWrite.apply(partition, operation);
        if (other != null) {
            return other;
        }
        WriteAnswer.Done done = state(partition).apply(bytes);
        return CompletableFuture.completedFuture(
                acknowledgement == Acknowledgement.FAST ? new WriteAnswer.Ordered(done.index()) : done);
    }

    @Override
    public CompletionStage<ReadAnswer> read(
            PartitionId partition, List<byte[]> keys, ReadLevel level, long deadlineNanos) {
        reads.add(new Read(partition, keys.size(), level));
        var other = onRead.apply(partition, keys);
        return other != null
                ? other
                : CompletableFuture.completedFuture(state(partition).readNow(keys));
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
    public CompletionStage<ChangesAnswer> changes(
            PartitionId partition, long afterIndex, int maxBytes, String moment, long deadlineNanos) {
        return scans.changes(afterIndex, moment);
    }

    @Override
    public CompletionStage<CountAnswer> count(
            PartitionId partition, KeySpan span, ReadLevel level, long deadlineNanos) {
        return scans.count(partition, span);
    }

    WriteAnswer apply(PartitionId partition, Operation operation) {
        return state(partition).apply(operation.toByteArray());
    }

    /** All that is stored, so that a test can see whether anything changed. */
    Map<PartitionId, Map<ByteString, StoredValue>> contents() {
        var contents = new ConcurrentHashMap<PartitionId, Map<ByteString, StoredValue>>();
        states.forEach((partition, state) -> contents.put(partition, state.copy()));
        contents.values().removeIf(Map::isEmpty);
        return contents;
    }

    private State state(PartitionId partition) {
        return states.computeIfAbsent(partition, unused -> new State());
    }

    /** One partition, with a log entry for each operation. */
    private static final class State implements KvReader {
        private final Map<ByteString, StoredValue> values = new ConcurrentHashMap<>();
        private final SessionTable sessions = new SessionTable(Map.of(), 0);
        private long timestampMillis;
        private long revision;
        private long index;

        synchronized WriteAnswer.Done apply(byte[] operation) {
            byte[] batch = Batches.encode(System.currentTimeMillis(), List.of(operation));
            var effects = Applier.apply(batch, timestampMillis, revision, sessions, this);
            effects.removals().forEach(span -> values.keySet().removeIf(span::contains));
            effects.writes()
                    .forEach((key, value) ->
                            value.ifPresentOrElse(stored -> values.put(key, stored), () -> values.remove(key)));
            sessions.takeChanges();
            timestampMillis = effects.timestampMillis();
            revision = effects.revision();
            return new WriteAnswer.Done(effects.outcomes().get(0), ++index);
        }

        @Override
        public List<Optional<StoredValue>> read(List<ByteString> keys) {
            return keys.stream()
                    .map(key -> Optional.ofNullable(values.get(key)))
                    .toList();
        }

        /** Keys that have expired are left where they are: no request has them removed. */
        @Override
        public List<Expiring> expired(long nowMillis, int limit) {
            return List.of();
        }

        synchronized ReadAnswer.Values readNow(List<byte[]> keys) {
            long now = System.currentTimeMillis();
            return new ReadAnswer.Values(
                    keys.stream()
                            .map(key -> Optional.ofNullable(values.get(ByteString.copyFrom(key)))
                                    .map(stored -> new Value(
                                            stored.getValue().toByteArray(),
                                            stored.getVersion(),
                                            stored.getExpiresAtMillis()))
                                    .filter(value -> !value.isExpiredAt(now)))
                            .toList(),
                    index);
        }

        synchronized Map<ByteString, StoredValue> copy() {
            return Map.copyOf(values);
        }
    }
}
