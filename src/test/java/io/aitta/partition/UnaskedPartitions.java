package io.aitta.partition;

import io.aitta.core.PartitionId;
import io.aitta.core.kv.KeySpan;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Partitions that nobody should ask anything; a test's own answer what it expects to be asked. */
public abstract class UnaskedPartitions implements PartitionAccess {
    private static AssertionError unexpected(String what) {
        return new AssertionError("nobody " + what + " here");
    }

    @Override
    public void writeAll(
            PartitionId partition,
            List<byte[]> operations,
            Acknowledgement acknowledgement,
            long deadlineNanos,
            WriteObserver observer) {
        throw unexpected("writes");
    }

    @Override
    public CompletionStage<ReadAnswer> read(
            PartitionId partition, List<byte[]> keys, ReadLevel level, long deadlineNanos) {
        throw unexpected("reads");
    }

    @Override
    public CompletionStage<ScanAnswer> scan(
            PartitionId partition, ScanQuery query, ReadLevel level, long deadlineNanos) {
        throw unexpected("scans");
    }

    @Override
    public CompletionStage<ChangesAnswer> changes(
            PartitionId partition, long afterIndex, int maxBytes, String moment, long deadlineNanos) {
        throw unexpected("reads changes");
    }

    @Override
    public CompletionStage<CountAnswer> count(
            PartitionId partition, KeySpan span, ReadLevel level, long deadlineNanos) {
        throw unexpected("counts");
    }
}
