package io.aitta.gateway;

import io.aitta.core.PartitionId;
import io.aitta.partition.PartitionAccess;
import io.aitta.partition.PartitionAccess.Acknowledgement;
import io.aitta.partition.PartitionAccess.ReadAnswer;
import io.aitta.partition.PartitionAccess.ReadLevel;
import io.aitta.partition.PartitionAccess.WriteAnswer;
import io.aitta.proto.v1.PipelineAnswer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * Calls that came together, told to their partitions together: the writes of one partition in their order, and its reads
 * beside them. Used by one thread.
 */
final class CallBatch {
    private final PartitionAccess partitions;
    private final Map<PartitionId, WriteGroup> writes = new LinkedHashMap<>();
    private final Map<PartitionId, ReadGroup> reads = new LinkedHashMap<>();

    CallBatch(PartitionAccess partitions) {
        this.partitions = partitions;
    }

    <R> void write(Prepared.Write<R> write, BiConsumer<PipelineAnswer.Builder, R> put, Call call, OpenCall open) {
        PartitionId partition = write.target().partition();
        call.facts().isWrite(partition, write.operation());
        WriteGroup group = writes.get(partition);
        if (group == null || group.acknowledgement != write.acknowledgement() || !group.isDue(call)) {
            if (group != null) {
                // What differs cannot go together, and must not go later than what comes after it.
                group.begin();
            }
            group = new WriteGroup(partition, write.acknowledgement(), call.deadlineNanos());
            writes.put(partition, group);
        }
        group.operations.add(write.operation());
        group.calls.add(new OneWrite<>(write, put, call, open));
    }

    <R> void read(Prepared.Read<R> read, BiConsumer<PipelineAnswer.Builder, R> put, Call call, OpenCall open) {
        PartitionId partition = read.target().partition();
        call.facts().isRead(partition, read.key());
        ReadGroup group = reads.get(partition);
        if (group == null || !group.level.equals(read.level()) || !group.isDue(call)) {
            if (group != null) {
                group.begin();
            }
            group = new ReadGroup(partition, read.level(), call.deadlineNanos());
            reads.put(partition, group);
        }
        group.keys.add(read.key());
        group.calls.add(new OneRead<>(read, put, open));
    }

    /** Tells the partitions what has gathered. */
    void begin() {
        writes.values().forEach(WriteGroup::begin);
        writes.clear();
        reads.values().forEach(ReadGroup::begin);
        reads.clear();
    }

    private record OneWrite<R>(
            Prepared.Write<R> write, BiConsumer<PipelineAnswer.Builder, R> put, Call call, OpenCall open) {
        void answered(WriteAnswer answer) {
            call.facts().tookAs(answer);
            try {
                open.answer(write.response(answer, call), put);
            } catch (RuntimeException failure) {
                open.fail(failure);
            }
        }
    }

    private record OneRead<R>(Prepared.Read<R> read, BiConsumer<PipelineAnswer.Builder, R> put, OpenCall open) {
        void answered(ReadAnswer answer, int position) {
            try {
                open.answer(read.response(answer, position), put);
            } catch (RuntimeException failure) {
                open.fail(failure);
            }
        }
    }

    private final class WriteGroup {
        private final PartitionId partition;
        private final Acknowledgement acknowledgement;
        private final long deadlineNanos;
        private final List<byte[]> operations = new ArrayList<>();
        private final List<OneWrite<?>> calls = new ArrayList<>();

        WriteGroup(PartitionId partition, Acknowledgement acknowledgement, long deadlineNanos) {
            this.partition = partition;
            this.acknowledgement = acknowledgement;
            this.deadlineNanos = deadlineNanos;
        }

        boolean isDue(Call call) {
            return call.deadlineNanos() == deadlineNanos;
        }

        void begin() {
            try {
                partitions.writeAll(
                        partition, operations, acknowledgement, deadlineNanos, (position, answer) -> calls.get(position)
                                .answered(answer));
            } catch (RuntimeException failure) {
                calls.forEach(one -> one.open.fail(failure));
            }
        }
    }

    private final class ReadGroup {
        private final PartitionId partition;
        private final ReadLevel level;
        private final long deadlineNanos;
        private final List<byte[]> keys = new ArrayList<>();
        private final List<OneRead<?>> calls = new ArrayList<>();

        ReadGroup(PartitionId partition, ReadLevel level, long deadlineNanos) {
            this.partition = partition;
            this.level = level;
            this.deadlineNanos = deadlineNanos;
        }

        boolean isDue(Call call) {
            return call.deadlineNanos() == deadlineNanos;
        }

        void begin() {
            try {
                partitions.read(partition, keys, level, deadlineNanos).whenComplete(this::answered);
            } catch (RuntimeException failure) {
                answered(null, failure);
            }
        }

        private void answered(ReadAnswer answer, Throwable failure) {
            for (int i = 0; i < calls.size(); i++) {
                if (failure == null) {
                    calls.get(i).answered(answer, i);
                } else {
                    calls.get(i).open.fail(failure);
                }
            }
        }
    }
}
